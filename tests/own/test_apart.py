"""Types that share a table stay apart: no reader or writer of one reaches a row of the other, whatever key it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client

from kezhou import files, records
from kezhou.access.actor import Actor, System
from kezhou.exchange import exports
from kezhou.finding import SearchRequest, find
from kezhou.jobs import running
from kezhou.records import ListRequest, custom, twins
from kezhou.records.linking import by_title, existing
from kezhou.records.own import outlines
from kezhou.records.spec import NotAllowed, RecordNotFound, UnknownType
from kezhou.testing import contract
from kezhou.testing.access import MemberFactory, Person
from search import keeping
from search.engines import engine
from tenants.context import Current, tenant
from tests.engines import both_engines
from tests.own import making

Pair = tuple[str, int, str, int]


@pytest.fixture
def pair(system: Actor) -> Pair:
    """Two types over one table with a record each: key and pk of mine, key and pk of the other's."""
    mine, other = making.plain(system, "签证资料"), making.plain(system, "护照资料")
    (pk,) = contract.make(system, mine.key)
    (theirs,) = contract.make(system, other.key, start=7)
    assert records.type_of(system, mine.key).table == records.type_of(system, other.key).table
    return mine.key, pk, other.key, theirs


def _gone(run: Callable[[], Any]) -> list[Any]:
    """What a reader answers for a row that is not its own: nothing."""
    try:
        found = run()
    except RecordNotFound:
        return []
    return list(found) if isinstance(found, Iterable) else [found]


READERS: dict[str, Callable[[Actor, str, int], Any]] = {
    "get": lambda actor, key, pk: records.get(actor, key, pk),
    "get_many": lambda actor, key, pk: records.get_many(actor, key, [pk]),
    "query": lambda actor, key, pk: records.query(actor, key).filter(pk=pk).values_list("pk", flat=True),
    "list": lambda actor, key, pk: [row.pk for row in records.page(actor, key, ListRequest()) if row.pk == pk],
    "picked": lambda actor, key, pk: records.pks(actor, key, ListRequest(filter=["pk", "in", [pk]])),
    "narrowed": lambda actor, key, pk: [
        row.pk for row in records.page(actor, key, ListRequest(filter=["pk", "in", [pk]]))
    ],
    "words": lambda actor, key, pk: [r.pk for r in records.page(actor, key, ListRequest(q="样本7名称")) if r.pk == pk],
    "bin": lambda actor, key, pk: records.pks(actor, key, ListRequest(deleted=True)),
    "titles": lambda actor, key, pk: records.titles(actor, {key: [pk]}),
    "existing": lambda actor, key, pk: existing(actor, {key: [pk]}),
    "by_title": lambda actor, key, pk: by_title(actor, {key: ["样本7名称"]}),
    "twins": lambda actor, key, pk: twins.find(actor, key, [{"name": "样本7名称"}]),
    "history": lambda actor, key, pk: records.history(actor, key, pk),
    "references": lambda actor, key, pk: records.references(actor, key, pk),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_of_one_type_never_answers_with_a_row_of_the_other(reader: str, pair: Pair, system: Actor) -> None:
    mine, pk, _other, theirs = pair

    assert _gone(lambda: READERS[reader](system, mine, theirs)) == []
    if reader not in {"bin", "references", "words", "by_title", "twins"}:
        assert _gone(lambda: READERS[reader](system, mine, pk)) != []


def test_a_writer_of_one_type_never_touches_a_row_of_the_other(pair: Pair, system: Actor) -> None:
    mine, _pk, other, theirs = pair
    before = records.get(system, other, theirs)

    changed = records.save(system, mine, [{"pk": theirs, "remark": "越界"}])
    deleted = records.delete(system, mine, [theirs])
    assert records.delete(system, other, [theirs]).ok  # into the bin, where the wrong type restores and purges
    restored, purged = records.restore(system, mine, [theirs]), records.purge(system, mine, [theirs])
    records.restore(system, other, [theirs])

    assert [result.problems[0].code for result in (changed, deleted, restored, purged)] == ["not_found"] * 4
    after = records.get(system, other, theirs)
    assert (after.values["remark"], after.title) == (before.values["remark"], before.title)


def test_undoing_an_action_of_one_type_leaves_the_other_alone(pair: Pair, system: Actor) -> None:
    mine, pk, other, theirs = pair
    action = records.save(system, mine, [{"pk": pk, "remark": "第一次"}]).action

    assert records.undo(system, action).ok

    assert records.get(system, other, theirs).version == 1


def test_pages_rest_and_bulk_of_one_type_answer_404_for_a_row_of_the_other(pair: Pair, client: Client) -> None:
    mine, _pk, _other, theirs = pair

    for path in (
        f"/r/{mine}/{theirs}",
        f"/r/{mine}/{theirs}/edit",
        f"/r/{mine}/{theirs}/history",
        f"/api/v1/{mine}/{theirs}",
    ):
        assert client.get(path).status_code == 404, path
    patched = client.patch(f"/api/v1/{mine}/{theirs}", orjson.dumps({"remark": "x"}), content_type="application/json")
    assert patched.status_code == 404
    assert client.delete(f"/api/v1/{mine}/{theirs}").status_code == 404
    listed = client.get(f"/api/v1/{mine}/").json()["results"]
    assert theirs not in [row["pk"] for row in listed]


def test_an_export_of_one_type_holds_no_row_of_the_other(pair: Pair, boss: Person) -> None:
    mine, *_rest = pair
    job = exports.start(boss.actor, mine, columns=("name",), format="csv")

    running.run(job.pk)

    content = (
        BytesIO(files.open(boss.actor, exports.recent(boss.actor)[0].file_pk).read()).getvalue().decode("utf-8-sig")
    )
    assert [line for line in content.splitlines() if "样本" in line] == ["样本1名称"]


@both_engines
def test_a_hit_names_its_own_type(pair: Pair, boss: Person, search_folder: Path) -> None:
    mine, pk, other, theirs = pair
    keeping.rebuild(engine())

    hits = find(boss.actor, SearchRequest("样本")).hits

    assert sorted((hit.type, hit.pk) for hit in hits if hit.type.startswith("own.")) == sorted(
        [(mine, pk), (other, theirs)]
    )


def test_fill_rates_and_counts_are_those_of_the_type(pair: Pair, system: Actor) -> None:
    mine, *_rest = pair

    assert {total for _filled, total in custom.fill_rates(system, mine).values()} == {1}
    assert [each.records for each in outlines.outlines(system)] == [1, 1]


@pytest.mark.req("PLT-10", part="record types of one company")
def test_another_company_has_neither_type_nor_row(alpha: Current, beta: Current, member_factory: MemberFactory) -> None:
    with tenant(alpha):
        mine = making.plain(System("alpha"))
        (pk,) = contract.make(System("alpha"), mine.key)
    with tenant(beta):
        system = System("beta")
        with pytest.raises(UnknownType):
            records.type_of(system, mine.key)
        theirs = making.plain(system, "别家的")
        assert records.titles(system, {theirs.key: [pk]}) == {}
        assert [each.title for each in outlines.outlines(system)] == ["别家的"]


def test_a_member_makes_no_type(boss: Person, member_factory: MemberFactory) -> None:
    seller = member_factory("sales")

    with pytest.raises(NotAllowed):
        making.plain(seller.actor)
