"""What an engine must do: everything else in `search` is the same for all of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from search.query.tree import Query
from search.schema import Field
from tenants.context import Current

Order = Literal["score", "newest", "oldest", "none"]


class EngineAway(Exception):
    """The engine has no answer for this tenant now; the database answers instead (SRH-08)."""


class EngineUnreachable(EngineAway):
    """The engine does not answer at all: its indexes are not at fault, and what waits for it goes on waiting."""


class EngineRefused(EngineUnreachable):
    """The engine answers and refuses: for want of a right, or a request that it does not take."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """The indexer's last sign of life: seconds since 1970, and how many seconds its oldest waiting change had waited."""

    at: float
    lag: float


@dataclass(frozen=True, slots=True)
class Document:
    """One record as the index holds it: no text can be read back, only ids (the text stays in PostgreSQL).

    `sign` changes when something changes that the documents of linked records were built of, `papers` with the files and comments
    on the record, which its version does not count.
    """

    uid: str
    kind: str
    terms: tuple[str, ...]
    owner: int | None
    department: int | None
    category: str
    changed: int
    version: int
    sign: str
    tokens: Mapping[Field, str]
    papers: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """Ids in order with their scores (none when ordered by date), and how many there are in all."""

    uids: tuple[str, ...]
    total: int
    scores: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """What to count of a query: its documents by value of a sortable field, the `limit` most frequent ones; with `since`, which
    is ascending, those whose number is at least each of these."""

    field: Field
    limit: int = 50
    since: tuple[int, ...] = ()


class Reader(Protocol):
    """One tenant's index as of one moment. `counts_beside`: whether counts named with a search cost less than asked for by themselves."""

    counts_beside: ClassVar[bool]

    @property
    def written_at(self) -> datetime.datetime:
        """When the last batch was committed."""
        ...

    @property
    def documents(self) -> int:
        """How many documents the tenant has, about."""
        ...

    def prepare(self, asked: Iterable[tuple[Field, str]]) -> None:
        """Says which shares will be asked for: an engine behind a network looks them all up in one round trip."""
        ...

    def share(self, field: Field, token: str) -> float:
        """The part of the documents that hold a token, 0 to 1."""
        ...

    def search(
        self, query: Query, *, limit: int, offset: int = 0, sort: Order = "score", beside: Sequence[Tally] = ()
    ) -> Found:
        """A page of ids. Equal scores go by the latest change; `none` is an order that says nothing of the documents.

        `beside` are the counts of these documents that are asked for next: an engine behind a network gives both in one answer.
        """
        ...

    def counts(self, query: Query, field: Field, *, limit: int = 50) -> dict[str, int]:
        """How many documents of the query have each value of a sortable field, most frequent first."""
        ...

    def tallies(self, query: Query, wanted: Sequence[Tally]) -> list[dict[str, int]]:
        """Several counts of one query in one pass over its documents."""
        ...

    def signs(self, uids: Sequence[str]) -> dict[str, str]:
        """The `sign` of each of these documents that is there."""
        ...

    def versions(self) -> Iterator[tuple[str, int, int]]:
        """Every document's uid, version and papers, for the check against the database (SRH-12)."""
        ...

    def remembered(self, key: str) -> str:
        """A fact about this index (`Engine.remember`) as of the reader's moment, or empty; costs nothing."""
        ...


class Batch(Protocol):
    """Changes that become visible together when the `with` block ends without an error."""

    def put(self, document: Document) -> None:
        """Adds a document in place of an older one with the same uid."""
        ...

    def drop(self, uid: str) -> None:
        """Removes a document; one that is not there is no error."""
        ...


class Engine(Protocol):
    """The index of the tenant in whose context it is called. Without a tenant every method raises `NoTenant` (SRH-07)."""

    def beat(self, pulse: Pulse) -> None:
        """Leaves the indexer's sign of life where every searching process sees it."""
        ...

    def pulse(self) -> Pulse | None:
        """The last sign of life, at most a second late; None when there never was one."""
        ...

    def demand(self) -> None:
        """Raises `EngineUnreachable` with the reason while the engine does not answer at all; the indexer waits so long."""
        ...

    def reader(self) -> Reader:
        """The live index; raises `EngineAway` when there is none of this schema version."""
        ...

    def exists(self) -> bool:
        """Whether a live index of this schema version is there."""
        ...

    def batch(self) -> AbstractContextManager[Batch]:
        """Writes to the live index; one writer at a time per tenant, others wait."""
        ...

    def rebuild(self, documents: Iterable[Document]) -> AbstractContextManager[tuple[Reader, Batch]]:
        """Builds a new index beside the live one. The block gets it, with writers locked out, for the last corrections;
        when it ends without an error the new index is live and the old one is gone."""
        ...

    def remember(self, key: str, value: str) -> None:
        """Keeps a small fact about the live index beside it (what fields it was built of)."""
        ...

    def remembered(self, key: str) -> str:
        """The fact kept, or empty."""
        ...

    def remove(self, place: Current) -> None:
        """Removes the index of a tenant that is gone."""
        ...

    def sweep(self, keep: Iterable[Current]) -> tuple[str, ...]:
        """Removes the indexes of all other tenants (SRH-07: a closed tenant's index is deleted); says what went."""
        ...
