"""The fence itself: every statement first makes sure that the connection looks into the scope's schema.

The check happens when SQL is *executed*, not when a cursor is made: Django opens cursors without SQL.
"""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base as postgresql
from django.db.backends.postgresql import features
from django.db.backends.utils import CursorWrapper
from psycopg.pq import TransactionStatus

from tenants.backend.client import DatabaseClient
from tenants.backend.creation import DatabaseCreation
from tenants.backend.pool import Pool, Pooled, is_lost
from tenants.context import NoTenant, Scope, scope, search_path, within

_FETCHES = frozenset({"fetchone", "fetchmany", "fetchall", "nextset", "scroll", "stream"})


class _Guarded(CursorWrapper):
    """A cursor whose statements run in the entered scope or not at all."""

    db: "DatabaseWrapper"

    def _execute(self, sql: Any, params: Any, *ignored: Any) -> Any:
        self.db.apply_scope()
        self._ran_in = self.db.applied
        return super()._execute(sql, params, *ignored)  # type: ignore[misc]  # private in the stubs

    def _executemany(self, sql: Any, param_list: Any, *ignored: Any) -> Any:
        self.db.apply_scope()
        self._ran_in = self.db.applied
        return super()._executemany(sql, param_list, *ignored)  # type: ignore[misc]  # private in the stubs

    def callproc(self, procname: str, params: Any = None, kparams: Any = None) -> Any:
        self.db.apply_scope()
        return super().callproc(procname, params, kparams)

    def copy(self, *args: Any, **kwargs: Any) -> Any:
        self.db.apply_scope()
        return self.cursor.copy(*args, **kwargs)

    def stream(self, *args: Any, **kwargs: Any) -> Any:
        self.db.apply_scope()
        return self.cursor.stream(*args, **kwargs)

    def __getattr__(self, attr: str) -> Any:
        if attr in _FETCHES:
            self._refuse_elsewhere()
        return super().__getattr__(attr)

    def __iter__(self) -> Iterator[Any]:
        for row in super().__iter__():
            self._refuse_elsewhere()
            yield row

    def _refuse_elsewhere(self) -> None:
        """A server-side cursor opened in one tenant must not be read on in another, nor outside all."""
        if isinstance(self.cursor, psycopg.ServerCursor) and not self.db.is_unguarded():
            now = scope()
            if now is None or now.schema != self.__dict__.get("_ran_in"):
                raise NoTenant("Rows of a server-side cursor were fetched outside the tenant that opened it.")


class _GuardedDebug(_Guarded, postgresql.CursorDebugWrapper):
    """The same with Django's query log."""


class DatabaseFeatures(features.DatabaseFeatures):
    """What Django would find out by making a table somewhere is known of PostgreSQL."""

    supports_transactions = True


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """A connection that knows which schema its search path names, and sets it when the scope changed."""

    features_class = DatabaseFeatures
    creation_class = DatabaseCreation
    client_class = DatabaseClient

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.applied: str | None = None
        self.facts: dict[str, dict[str, Any]] = {}
        self._unguarded = 0

    # -- the scope -------------------------------------------------------------------------------------------------

    def is_unguarded(self) -> bool:
        """True for Django's own bookkeeping (savepoints, the connection that creates databases)."""
        return self._unguarded > 0 or self.alias == NO_DB_ALIAS

    def apply_scope(self) -> None:
        """Point the connection at the entered scope.

        Raises:
            NoTenant: no scope is entered.
        """
        if self.is_unguarded():
            return
        now = scope()
        if now is None:
            raise NoTenant("SQL was executed outside every tenant. Enter one by `with tenant(t):`.")
        if now.schema != self.applied:
            self._set_search_path(now)

    def _set_search_path(self, now: Scope) -> None:
        self.validate_no_broken_transaction()
        self.applied = None  # a worker's time limit may come between any two lines
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(f"SET search_path = {search_path(now)}")
        self.applied = now.schema

    def forget_scope(self) -> None:
        """Whatever was set or read is not sure to hold any more."""
        self.applied = None
        self.facts.clear()

    @property
    def schema_name(self) -> str:
        """The entered schema, for packages that know django-tenants."""
        now = scope()
        if now is None:
            raise NoTenant("No schema is entered. Enter a tenant by `with tenant(t):`.")
        return now.schema

    @property
    def tenant(self) -> Any:
        """The entered tenant, or None in the control plane, for packages that know django-tenants."""
        now = scope()
        return now.tenant if now else None

    # -- cursors ---------------------------------------------------------------------------------------------------

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        return _Guarded(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> Any:
        return _GuardedDebug(cursor, self)

    # -- connections of the pool ---------------------------------------------------------------------------------------

    @property
    def pool(self) -> Any:
        """Django's, of our own class; None without one."""
        asked = self.settings_dict["OPTIONS"].get("pool")
        if not asked or self.alias == NO_DB_ALIAS:
            return None
        pools: dict[str, Pool] = self._connection_pools  # type: ignore[attr-defined]  # private in the stubs
        if self.alias not in pools:
            given = {**self.get_connection_params(), "autocommit": True}
            configure = self._configure_connection  # type: ignore[attr-defined]  # private in the stubs
            pools.setdefault(self.alias, Pool(kwargs=given, open=False, configure=configure, **asked))
        return pools[self.alias]

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that has its server: one of the pool may have lost it."""
        connection = super().get_new_connection(conn_params)
        pool = self.pool
        while pool is not None and is_lost(connection):
            connection.close()
            pool.putconn(connection)  # which puts a new one in its place
            connection = super().get_new_connection(conn_params)
        if isinstance(connection, Pooled):
            self.applied = connection.take()
        return connection

    # -- what was set is known as long as nothing undoes it ------------------------------------------------------------

    def connect(self) -> None:
        self.forget_scope()
        super().connect()

    def close(self) -> None:
        if isinstance(self.connection, Pooled):
            self.connection.leave(None if self.in_atomic_block else self.applied)
        self.forget_scope()
        super().close()

    def rollback(self) -> None:
        self.forget_scope()
        super().rollback()

    def _rollback(self) -> Any:
        self.forget_scope()
        return super()._rollback()  # type: ignore[misc]  # private in the stubs

    def savepoint_rollback(self, sid: str) -> None:
        self.forget_scope()
        super().savepoint_rollback(sid)

    def commit(self) -> None:
        """Commit; where a statement failed and nobody rolled back, PostgreSQL rolls back instead, `SET` too, and says nothing."""
        holds = self.connection is not None and self.connection.info.transaction_status != TransactionStatus.INERROR
        named = self.applied if holds else None
        self.forget_scope()
        super().commit()
        self.applied = named

    # -- Django's own statements, which name no table ----------------------------------------------------------------

    def _savepoint(self, sid: str) -> None:
        self._without_guard(super()._savepoint, sid)  # type: ignore[misc]  # private in the stubs

    def _savepoint_rollback(self, sid: str) -> None:
        self.forget_scope()
        self._without_guard(super()._savepoint_rollback, sid)  # type: ignore[misc]  # private in the stubs

    def _savepoint_commit(self, sid: str) -> None:
        self._without_guard(super()._savepoint_commit, sid)  # type: ignore[misc]  # private in the stubs

    def check_constraints(self, table_names: Any = None) -> None:
        self._without_guard(super().check_constraints, table_names)

    def _without_guard(self, function: Callable[[Any], Any], argument: Any) -> None:
        self._unguarded += 1
        try:
            function(argument)
        finally:
            self._unguarded -= 1

    # -- hooks run where they were registered --------------------------------------------------------------------------

    def on_commit(self, func: Callable[[], Any], robust: bool = False) -> None:
        """Run ``func`` after the commit, in the scope in which it was registered."""
        if not callable(func):
            raise TypeError("on_commit()'s callback must be a callable.")
        registered_in = scope()

        def enter_and_run() -> None:
            with within(registered_in):
                func()

        super().on_commit(enter_and_run, robust)
