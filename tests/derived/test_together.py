"""Two changes at once end right: whoever comes second computes from what the first has written."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from kezhou import records
from kezhou.access.actor import System
from kezhou.records import custom
from tenants import directory
from tenants.context import Current, tenant
from tests.derived.conftest import PROJECT, TASK

pytestmark = pytest.mark.committed
SYSTEM = System("tests of derived fields")


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Run them in threads of their own connections, begun together."""
    barrier = Barrier(len(works))
    directory.forget_hosts()
    place = directory.find_by_slug("alpha")
    assert place is not None

    def run(work: Callable[[], Any]) -> Any:
        try:
            with tenant(place):
                barrier.wait(10)
                return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(60) for future in [pool.submit(run, work) for work in works]]


@pytest.fixture
def total(in_alpha: Current, plugins_on: Callable[..., None]) -> str:
    plugins_on("testplugin")
    rules = {"source": "testplugin.task:project", "function": "sum", "field": "amount"}
    return custom.add_field(SYSTEM, PROJECT, label="合计", kind="rollup", rules=rules).key


@pytest.mark.req("FLD-01", part="roll-up: right under simultaneous changes")
def test_sums_are_right_however_many_write_at_once(total: str) -> None:
    pk = records.save(SYSTEM, PROJECT, [{"name": "甲"}]).pk
    old = records.save(SYSTEM, TASK, [{"name": f"旧{n}", "project": pk, "amount": 1} for n in range(6)]).pks

    def create() -> None:
        for n in range(5):
            records.save(SYSTEM, TASK, [{"name": f"新{n}", "project": pk, "amount": 10}]).demand()

    def change(task: int) -> Callable[[], None]:
        def work() -> None:
            for n in range(5):
                records.save(SYSTEM, TASK, [{"pk": task, "amount": 100 + n}]).demand()

        return work

    def parent() -> None:
        for n in range(5):
            records.save(SYSTEM, PROJECT, [{"pk": pk, "people": n}]).demand()
            records.save(SYSTEM, TASK, [{"pk": old[5], "amount": n}]).demand()

    def delete() -> None:
        assert records.delete(SYSTEM, TASK, [old[4]]).ok

    at_once([create, create, change(old[0]), change(old[1]), parent, delete])

    assert records.get(SYSTEM, PROJECT, pk).values[total] == 100 + 104 * 2 + 1 + 1 + 4


def test_a_copied_value_is_that_of_the_last_change(total: str) -> None:
    key = custom.add_field(SYSTEM, TASK, label="项目名", kind="lookup", rules={"link": "project", "field": "name"}).key
    pk = records.save(SYSTEM, PROJECT, [{"name": "甲"}]).pk

    def rename() -> None:
        for n in range(8):
            records.save(SYSTEM, PROJECT, [{"pk": pk, "name": f"名{n}"}]).demand()

    def create() -> None:
        for n in range(8):
            records.save(SYSTEM, TASK, [{"name": f"任务{n}", "project": pk, "amount": 1}]).demand()

    at_once([rename, create, create])

    names = {
        records.get(SYSTEM, TASK, task).values[key] for task in records.query(SYSTEM, TASK).values_list("pk", flat=True)
    }
    assert names == {"名7"}
    assert records.get(SYSTEM, PROJECT, pk).values[total] == 16
