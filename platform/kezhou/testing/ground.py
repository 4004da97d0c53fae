"""The transaction that a test runs in, and databases in which plugins are on already.

Switching plugins on took half of the time of a run, because every test did it anew. A worker does it once, commits it in a
copy of its own, and the next test that asks for the same plugins as its first act begins its transaction there.
"""

from collections.abc import Callable
from typing import ClassVar

from django.db import connection, transaction

from kezhou.testing.database import TestDatabase, copy, disconnect, drop, use
from tenants import directory
from tenants.context import control_plane, current
from tenants.models import OutboxEvent

Way = tuple[tuple[str, tuple[str, ...]], ...]
"""What was switched on after the template, in order: companies with their plugins."""
MOST_COPIES = 8


class Ground:
    """Where the tests of one worker that are rolled back take place."""

    present: ClassVar["Ground | None"] = None

    def __init__(self, database: TestDatabase) -> None:
        self._database = database
        self._names: dict[Way, str] = {(): database.name}
        self._way: Way = ()
        self._block: transaction.Atomic | None = None

    def close(self) -> None:
        """Drop the copies."""
        self._go(())
        for way in [way for way in self._names if way]:
            drop(self._names.pop(way))

    def begin(self) -> None:
        """Begin the transaction of a test."""
        self._block = _block_of_test()
        self._block.__enter__()

    def roll_back(self) -> None:
        """End it without a trace; the next test begins on the worker's copy of the template."""
        try:
            self._end()
        finally:
            self._go(())

    def switch_on(self, names: tuple[str, ...], really: Callable[[], object]) -> None:
        """Go on where these plugins of the entered company are on: in a copy, or right here when the test wrote already."""
        if not self._is_untouched():
            really()
            return
        way = (*self._way, (current().slug, names))
        self._end()
        try:
            if way not in self._names:
                self._pave(way, really)
            self._go(way)
        finally:
            self.begin()
        directory.refresh_current()

    def _is_untouched(self) -> bool:
        if self._block is None or connection.atomic_blocks != [self._block]:
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
            return bool(cursor.fetchone()[0])

    def _end(self) -> None:
        block, self._block = self._block, None
        assert block is not None
        transaction.set_rollback(True)
        block.__exit__(None, None, None)

    def _pave(self, way: Way, really: Callable[[], object]) -> None:
        """Make the copy at the end of a way from the one where we stand."""
        before, name = self._names[self._way], self._database.new_name()
        disconnect(before)
        copy(before, name)
        use(name)
        try:
            with _block_of_test():
                really()
                with control_plane():
                    OutboxEvent.objects.all().delete()  # as in the template: a test's consumer sees the test's own events
                connection.run_on_commit.clear()
        except BaseException:
            use(before)
            drop(name)
            raise
        use(before)
        self._names[way] = name
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        copies = [way for way in self._names if way]
        for way in copies[:-MOST_COPIES]:
            drop(self._names.pop(way))

    def _go(self, way: Way) -> None:
        if way != self._way:
            use(self._names[way])
            self._way = way


def _block_of_test() -> transaction.Atomic:
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django's TestCase does
    return block
