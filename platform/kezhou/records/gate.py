"""The gate: a query on records becomes SQL only after an actor has opened it, and only in the tenant it was opened in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from django.db import models
from django.db.models import sql
from django.db.models.query import QuerySet

from tenants.context import current

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kezhou.records.model import Record

ModelT = TypeVar("ModelT", bound="Record")


class AccessUndecided(Exception):
    """Records were about to be read or written without anybody having decided who asks. Always a mistake in code."""


class GatedQuery(sql.Query):
    """A query that compiles only when `opened` is (schema, actor) of the tenant it runs in. Clones and pickles keep the mark."""

    opened: tuple[str, str] | None = None

    def _refuse_unless_opened(self) -> None:
        name = self.model.__name__ if self.model is not None else "record"
        if self.opened is None:
            raise AccessUndecided(f"A query on {name} names no actor. Start it with kezhou.records.query(actor, type).")
        schema = current().schema
        if self.opened[0] != schema:
            raise AccessUndecided(f"A query on {name} was opened in {self.opened[0]} and is run in {schema}.")

    def get_compiler(self, using: str | None = None, connection: Any = None, elide_empty: bool = True) -> Any:
        """Check the mark, then compile."""
        if not self.is_empty():
            self._refuse_unless_opened()
        return super().get_compiler(using, connection, elide_empty)

    def chain(self, klass: Any = None) -> Any:
        """Turning a read into an update or delete is closed: rows are written by the engine alone."""
        if klass is not None and klass is not type(self) and not issubclass(klass, GatedQuery):
            name = self.model.__name__ if self.model is not None else "A record"
            raise AccessUndecided(f"{name} is written by kezhou.records.save and delete only.")
        return super().chain(klass)


class GatedQuerySet(QuerySet[ModelT]):
    """A QuerySet of records: reading needs an opened query, writing methods are closed."""

    def __init__(self, model: Any = None, query: Any = None, using: str | None = None, hints: Any = None) -> None:
        super().__init__(model=model, query=query or GatedQuery(model), using=using, hints=hints)

    def _closed(self, method: str) -> NoReturn:
        raise AccessUndecided(f"{method}() is closed on records. Use kezhou.records.save or delete.")

    def create(self, **kwargs: Any) -> NoReturn:
        """Closed."""
        self._closed("create")

    def update(self, **kwargs: Any) -> NoReturn:
        """Closed."""
        self._closed("update")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Closed."""
        self._closed("bulk_create")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Closed."""
        self._closed("bulk_update")

    def get_or_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Closed."""
        self._closed("get_or_create")

    def update_or_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Closed."""
        self._closed("update_or_create")

    def delete(self) -> NoReturn:
        """Closed."""
        self._closed("delete")

    def _raw_delete(self, using: str | None) -> NoReturn:
        self._closed("_raw_delete")

    def _update(self, values: Any) -> NoReturn:
        self._closed("_update")

    def raw(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Closed: a text of SQL carries no policy."""
        raise AccessUndecided("raw() is closed on records. Use kezhou.records.query(actor, type).")

    def iterator(self, chunk_size: int | None = None) -> Any:
        """Rows in pieces of keyset order would outlive the tenant as a server-side cursor, so rows are read at once."""
        if isinstance(self.query, GatedQuery):
            self.query._refuse_unless_opened()
        return iter(list(super().iterator(chunk_size)))

    def _combined(self, other: Any, answer: Any) -> Any:
        mine, theirs = self.query, getattr(other, "query", None)
        if getattr(mine, "opened", None) != getattr(theirs, "opened", None):
            raise AccessUndecided("Querysets opened for different actors or tenants cannot be combined.")
        return answer

    def __and__(self, other: Any) -> Any:
        return self._combined(other, super().__and__(other))

    def __or__(self, other: Any) -> Any:
        return self._combined(other, super().__or__(other))

    def __xor__(self, other: Any) -> Any:
        return self._combined(other, super().__xor__(other))


class Gate(models.Manager[ModelT]):
    """The default manager of records."""

    def get_queryset(self) -> GatedQuerySet[ModelT]:
        """A closed queryset; `kezhou.records.query` opens it."""
        return GatedQuerySet(self.model, using=self._db)

    def raw(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Closed."""
        raise AccessUndecided("raw() is closed on records. Use kezhou.records.query(actor, type).")


def opened(model: type[ModelT], actor: str, where: Iterable[models.Q] = ()) -> GatedQuerySet[ModelT]:
    """A queryset opened for this actor in the present tenant. For `kezhou.records.reading` only (lint)."""
    queryset: GatedQuerySet[ModelT] = GatedQuerySet(model)
    queryset.query.opened = (current().schema, actor)  # type: ignore[attr-defined]  # the query is a GatedQuery
    return queryset.filter(*where)
