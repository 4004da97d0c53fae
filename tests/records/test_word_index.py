"""The word index of large tables: it only narrows, so with it and without it the same is found."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from kezhou import records
from kezhou.access.actor import System
from kezhou.records import wordindex
from kezhou.records.catalogue import shaped
from kezhou.records.listing import ListRequest
from kezhou.records.tasks import index_words
from kezhou.testing.access import MemberFactory, Person
from tenants.context import Current, tenant
from tests.own.making import plain

TYPE = "customers.customer"
NAMES = (
    "成都望江酒店有限公司", "成都錦江賓館", "ＡＢＣ贸易有限公司", "abc物流", "重庆渝江有限公司", "江", "王|江", "a",
)  # fmt: skip
QUESTIONS = (
    "望江",
    "锦江宾馆",
    "錦江",
    "ABC",
    "ａｂｃ",
    "成都 酒店",
    "江",
    "江有限",
    "028-6688",
    "王总",
    "月球",
    "|江",
    "有限公司",
    "王|",
)


@pytest.fixture
def boss(in_alpha: object, plugins_on: object, member_factory: MemberFactory) -> Person:
    plugins_on("customers")  # type: ignore[operator]  # the fixture is a function
    person = member_factory("admin", name="周敏")
    saved = records.save(person.actor, TYPE, [{"name": name} for name in NAMES], twins="allow").demand()
    records.save(person.actor, TYPE, [{"pk": saved.pks[0], "phone": "028-66881234"}]).demand()
    records.save(person.actor, "customers.contact", [{"name": "王总", "customer": saved.pks[4]}]).demand()
    return person


def found(person: Person, text: str) -> list[str]:
    """The names that a keyword finds."""
    return sorted(row.title for row in records.page(person.actor, TYPE, ListRequest(q=text)))


@pytest.mark.committed
@pytest.mark.req("QRY-03", part="keyword, with and without index")
def test_index_changes_nothing_but_the_way(boss: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {text: found(boss, text) for text in QUESTIONS}
    assert plain["锦江宾馆"] == ["成都錦江賓館"]
    assert plain["ABC"] == ["ABC贸易有限公司", "abc物流"]
    assert plain["王总"] == ["重庆渝江有限公司"]

    monkeypatch.setattr(wordindex, "LARGE", 0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_customer")
    assert index_words() >= 1
    spec = shaped(boss.actor).types[TYPE]

    assert spec.words_indexed
    condition = wordindex.narrowed(spec, "望江", "t")
    assert condition is not None
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN SELECT t.id FROM {spec.rows} t WHERE {condition.text}", condition.params)
        assert wordindex.name_of(spec) in str(cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert {text: found(boss, text) for text in QUESTIONS} == plain
    assert TYPE not in {spec.key for spec in wordindex.wanted(shaped(boss.actor).types)}


@pytest.mark.committed
def test_nothing_written_while_the_index_is_built_is_lost(boss: Person, in_alpha: Current) -> None:
    records.save(boss.actor, TYPE, [{"name": f"望江{n}号"} for n in range(400)], twins="allow").demand()
    going = threading.Event()

    def write() -> None:
        try:
            with tenant(in_alpha):
                for n in range(400, 480):
                    records.save(boss.actor, TYPE, [{"name": f"望江{n}号"}], twins="allow").demand()
                    going.set()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert going.wait(30)
        assert wordindex.build(shaped(boss.actor).types[TYPE])
        writing.result(60)

    assert shaped(boss.actor).types[TYPE].words_indexed
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        assert records.count(boss.actor, TYPE, ListRequest(q="望江 号")) == 480
        cursor.execute("RESET enable_seqscan")


@pytest.mark.committed
def test_types_that_share_a_table_have_an_index_each(boss: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    makings = [plain(System("makes record types"), title) for title in ("签证资料", "保险单")]
    for each in makings:
        rows = [{"name": name, each.fields["country"]: "日本"} for name in ("望江签证", "锦江签证")]
        records.save(boss.actor, each.key, rows).demand()
    monkeypatch.setattr(wordindex, "LARGE", 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE records_ownrecord")

    index_words()

    present = shaped(boss.actor).types
    assert [present[each.key].words_indexed for each in makings] == [True, True]
    assert wordindex.build(present[makings[0].key])
    assert shaped(boss.actor).types[makings[1].key].words_indexed
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        for each in makings:
            asked = ListRequest(q="望江")
            assert [row.title for row in records.page(boss.actor, each.key, asked)] == ["望江签证"]
        cursor.execute("RESET enable_seqscan")
