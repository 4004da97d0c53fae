"""Migrations of chosen apps in the entered scope. ``post_migrate`` is never sent: it writes content types."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tenants.context import NoTenant, scope

_migrating: ContextVar[frozenset[str]] = ContextVar("kezhou_migrating", default=frozenset())
Step = tuple[str, str]


class RefusedPlan(Exception):
    """Migrating the chosen apps would touch an app that has no tables here and was not chosen."""


def migrating() -> frozenset[str]:
    """The apps whose tables are being made now."""
    return _migrating.get()


@contextmanager
def _allowing(labels: frozenset[str]) -> Iterator[None]:
    token = _migrating.set(labels)
    try:
        yield
    finally:
        _migrating.reset(token)


def plan(labels: Sequence[str]) -> list[Step]:
    """What migrating these apps would apply in the entered scope, in order, dependencies included."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return [(step.app_label, step.name) for step, _ in executor.migration_plan(_targets(executor, labels))]


def migrate(labels: Sequence[str]) -> list[Step]:
    """Apply the chosen apps' migrations in the entered scope and say which.

    Raises:
        NoTenant: no scope is entered.
        RefusedPlan: the plan holds an app that was not chosen. Its migration would be recorded as applied without
            its tables, which then never come.
    """
    if scope() is None:
        raise NoTenant("Migrations were started outside every tenant.")
    chosen = frozenset(labels)
    connection = connections[DEFAULT_DB_ALIAS]
    if _all_applied(connection, chosen):
        return []
    executor = MigrationExecutor(connection)
    targets = _targets(executor, labels)
    steps = executor.migration_plan(targets)
    strange = sorted({step.app_label for step, _ in steps} - chosen)
    if strange:
        raise RefusedPlan(
            f"Migrating {', '.join(sorted(chosen))} needs the tables of {', '.join(strange)} first. "
            "Switch those on before."
        )
    if not steps:
        return []
    depth = len(connection.atomic_blocks)
    try:
        with _allowing(chosen):
            executor.migrate(targets, plan=steps)
    except BaseException as error:
        _unwind(connection, depth, error)
        raise
    return [(step.app_label, step.name) for step, _ in steps]


def _all_applied(connection: BaseDatabaseWrapper, labels: frozenset[str]) -> bool:
    """Whether nothing is pending: one look at what is recorded, where an executor reads every migration anew."""
    wanted = {step for label in labels for step in _written(label)}
    return wanted <= MigrationRecorder(connection).applied_migrations().keys()


@cache
def _written(label: str) -> frozenset[Step]:
    """Every migration of an app with what it depends on, as the code of this process has them."""
    graph = MigrationLoader(None).graph
    return frozenset((step[0], step[1]) for leaf in graph.leaf_nodes(label) for step in graph.forwards_plan(leaf))


def _targets(executor: MigrationExecutor, labels: Sequence[str]) -> list[Step]:
    chosen = set(labels)
    return [key for key in executor.loader.graph.leaf_nodes() if key[0] in chosen]


def _unwind(connection: BaseDatabaseWrapper, depth: int, error: BaseException) -> None:
    """Leave the transactions that a failing schema editor left open; without this all later SQL fails."""
    while len(connection.atomic_blocks) > depth:
        connection.atomic_blocks[-1].__exit__(type(error), error, error.__traceback__)
    if depth == 0:
        connection.close()
