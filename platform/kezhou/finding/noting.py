"""Where notes of searches are written (SRH-05): at once, or behind in a process that answers many.

A web process keeps the notes of a second and writes them in one statement per company; a note of its own was a statement, a commit and a
sixth of the CPU of a search. Nothing is lost at an orderly stop; a crash loses that second.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import util
from threading import Lock, Timer
from typing import Any

from django.db import DatabaseError, DataError, IntegrityError, connection, transaction

from tenants.context import Current, current, tenant

EVERY = 1.0
_NOTE = """
    WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO finding_asked (at, member, text, kinds, hits, milliseconds, by_database)
    SELECT noted.* FROM quick, unnest(%s::timestamptz[], %s::bigint[], %s::text[], %s::jsonb[], %s::int[], %s::int[], %s::bool[]) AS noted"""
log = logging.getLogger("kezhou.search")


@dataclass(frozen=True, slots=True)
class Note:
    """One search as it is kept; `kinds` is JSON."""

    at: datetime
    member: int | None
    text: str
    kinds: str
    hits: int
    milliseconds: int
    by_database: bool

    @property
    def row(self) -> tuple[Any, ...]:
        """The values in the order of the columns."""
        return (self.at, self.member, self.text, self.kinds, self.hits, self.milliseconds, self.by_database)


class Notebook:
    """The notes of a process that are not written yet, by company."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, tuple[Current, list[Note]]] = {}
        self._behind = False

    def write_behind(self) -> None:
        """From now on notes of this process wait up to a second; what waits at its end is written then."""
        self._behind = True
        util.Finalize(
            self, self.write, exitpriority=0
        )  # also where a server's worker process ends, which runs no atexit

    def take(self, note: Note) -> None:
        """Keep a note of the entered company, or write it."""
        if not self._behind:
            _insert((note,))
            return
        place = current()
        with self._lock:
            is_first = not self._kept
            self._kept.setdefault(place.schema, (place, []))[1].append(note)
        if is_first:
            self._wait()

    def _wait(self) -> None:
        timer = Timer(EVERY, self._at_the_end_of_a_second)
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError:  # no more threads, or the process ends: without a timer notes would be kept for good
            self.write_here()

    def write(self) -> None:
        """Write what waits of every company; called outside of all."""
        with self._lock:
            kept, self._kept = self._kept, {}
        for place, notes in kept.values():
            with tenant(place):
                _insert(notes)

    def write_here(self) -> None:
        """Write what waits of the entered company, for whoever reads notes."""
        with self._lock:
            _place, notes = self._kept.pop(current().schema, (None, ()))
        if notes:
            _insert(notes)

    def _at_the_end_of_a_second(self) -> None:
        try:
            self.write()
        finally:
            connection.close()  # the thread ends with it


def _insert(notes: Sequence[Note]) -> None:
    """Write notes of the entered company. Those that fail are logged and cost nobody an answer."""
    try:
        with _guard(), connection.cursor() as cursor:
            cursor.execute(_NOTE, [list(column) for column in zip(*(note.row for note in notes), strict=True)])
    except (DataError, IntegrityError) as error:
        if len(notes) == 1:
            log.warning("a search was not noted: %s", error)
            return
        for note in notes:
            _insert((note,))
    except DatabaseError as error:  # away, full, or the company is gone: asking again for each note would take minutes
        log.warning("%s searches were not noted: %s", len(notes), error)


def _guard() -> AbstractContextManager[Any]:
    """Inside a transaction a savepoint, so that a note that fails harms nothing; else the statement is its own transaction: one round trip."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


NOTES = Notebook()
