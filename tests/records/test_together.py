"""Several at once, and two companies beside each other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from kezhou import records
from kezhou.access.actor import System
from kezhou.records import custom, dictionaries, preferences, shape
from kezhou.records.listing import ListRequest
from kezhou.records.saved import SaveResult
from kezhou.testing.access import MemberFactory
from tenants.context import Current, _scope, current, tenant
from tests.jobs.workers import wait_for

PROJECT = "testplugin.project"


def at_once(works: list[Callable[[], SaveResult]]) -> list[SaveResult]:
    """Run every piece of work in a thread of its own, inside the present company."""
    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(inside(), works))


def inside() -> Callable[[Callable[[], SaveResult]], SaveResult]:
    """What runs a piece of work in another thread, on a connection of its own, inside the present company."""
    place = current()

    def one(work: Callable[[], SaveResult]) -> SaveResult:
        try:
            with tenant(place):
                return work()
        finally:
            connection.close()

    return one


@pytest.mark.committed
@pytest.mark.req("NUM-03", part="unique under simultaneous creation")
def test_numbers_given_at_once_are_not_doubled(projects: None, in_alpha: Current, system: System) -> None:
    works = [lambda n=n: records.save(system, PROJECT, [{"name": f"{n}-{m}"} for m in range(5)]) for n in range(6)]

    assert all(result.ok for result in at_once(works))
    assert len(set(records.query(system, PROJECT).values_list("number", flat=True))) == 30


@pytest.mark.committed
@pytest.mark.req("PLT-15")
def test_of_several_who_save_at_once_exactly_one_succeeds(projects: None, in_alpha: Current, system: System) -> None:
    pk = records.save(system, PROJECT, [{"name": "甲", "people": 0}]).pk
    works = [lambda n=n: records.save(system, PROJECT, [{"pk": pk, "version": 1, "people": n}]) for n in range(1, 7)]

    results = at_once(works)

    (winner,) = [n for n, result in enumerate(results, 1) if result.ok]
    assert [result.problems[0].code for result in results if not result.ok] == ["conflict"] * 5
    entry = records.get(system, PROJECT, pk)
    assert (entry.version, entry.values["people"]) == (2, winner)
    assert [f.theirs for r in results for c in r.conflicts for f in c.fields] == [winner] * 5


@pytest.mark.committed
@pytest.mark.req("PLT-15", part="a deadlock with somebody else costs nobody the save")
@pytest.mark.parametrize("deed", ["save", "delete", "undo"])
def test_what_the_database_gave_up_for_another_is_begun_anew(
    projects: None, in_alpha: Current, system: System, deed: str
) -> None:
    one, two = (records.save(system, PROJECT, [{"name": name, "people": 1}]).demand().pk for name in ("甲", "乙"))
    changes = [{"pk": one, "people": 3}, {"pk": two, "people": 4}]
    action = records.save(system, PROJECT, [{**change, "people": 2} for change in changes]).demand().action
    work: dict[str, Callable[[], Any]] = {
        "save": lambda: records.save(system, PROJECT, changes),
        "delete": lambda: records.delete(system, PROJECT, [one, two]),
        "undo": lambda: records.undo(system, action),
    }
    table = records.type_of(system, PROJECT).table

    def hold(pk: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT id FROM "{table}" WHERE id = %s FOR UPDATE', (pk,))

    def waiting() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks l WHERE NOT l.granted AND pg_backend_pid() = ANY(pg_blocking_pids(l.pid))"
            )
            return bool(cursor.fetchone()[0])

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hold(two)
            doing = pool.submit(inside(), work[deed])
            wait_for(waiting)
            hold(one)  # which the deed holds: the database ends the deed, the first to wait
        assert not doing.result(20).problems

    left = {row.pk: row.people for row in records.query(system, PROJECT)}
    assert left == {"save": {one: 3, two: 4}, "delete": {}, "undo": {one: 1, two: 1}}[deed]


@pytest.mark.committed
def test_the_last_place_in_the_plan_is_given_once(projects: None, in_alpha: Current, system: System) -> None:
    limit = in_alpha.entitlements["fields"] or 0
    for n in range(limit - 1):
        custom.add_field(system, PROJECT, label=f"字段{n}", kind="text")

    def one(n: int) -> Any:
        try:
            return custom.add_field(system, PROJECT, label=f"最后{n}", kind="text")
        except Exception as error:  # noqa: BLE001  # told by its name below
            return type(error).__name__

    made = at_once([lambda n=n: one(n) for n in range(4)])
    assert sorted(str(item) for item in made if isinstance(item, str)) == ["NotEntitled"] * 3
    assert len(custom.fields(system, PROJECT)) == limit


def test_a_rolled_back_shape_leaves_nothing_in_the_cache(projects: None, system: System) -> None:
    seen = set()
    for _round in range(3):
        with transaction.atomic():
            key = custom.add_field(system, PROJECT, label="忽略", kind="text").key
            assert key in records.types(system)[PROJECT].by_key
            seen.add(shape.version())
            transaction.set_rollback(True)
        assert key not in records.types(system)[PROJECT].by_key
    assert len(seen) == 3, "no version is given twice"


@pytest.mark.req("PLT-10", part="fields, dictionaries, list settings, numbers, plugins")
def test_settings_of_one_company_never_appear_in_another(
    in_alpha: Current, beta: Current, plugins_on: Callable[..., None], system: System, member_factory: MemberFactory
) -> None:
    def look() -> dict[str, Any]:
        spec = records.types(system)["customers.customer"]
        return {
            "fields": [str(field.label) for field in spec.fields if field.custom],
            "category": [str(option.label) for option in spec.by_key["category"].options],
            "types": "sales.opportunity" in records.types(system),
            "numbers": [
                row.texts[0] for row in records.page(system, "customers.customer", ListRequest(columns=("number",)))
            ],
        }

    plugins_on("customers")
    untouched = look()
    boss = member_factory("admin").actor
    plugins_on("sales")
    custom.add_field(system, "customers.customer", label="品牌", kind="text")
    dictionaries.change(system, "customers.category", "vip", label="至尊")
    preferences.remember(boss, "customers.customer", columns=("name",))
    records.save(system, "customers.customer", [{"name": "甲"}]).demand()
    assert look() != untouched

    token = _scope.set(None)
    try:
        with tenant(beta):
            plugins_on("customers")
            assert look() == untouched
            assert preferences.settings_of(boss, "customers.customer").source == "default"
            records.save(system, "customers.customer", [{"name": "甲"}]).demand()
            (pk,) = records.query(system, "customers.customer").values_list("pk", flat=True)
            assert look()["numbers"] == [f"KH{pk:06d}"]
    finally:
        _scope.reset(token)
