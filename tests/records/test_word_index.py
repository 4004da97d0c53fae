"""The word index of large tables: it only narrows, so with it and without it the same is found."""

from __future__ import annotations

import pytest
from django.db import connection

from kezhou import records
from kezhou.records import wordindex
from kezhou.records.catalogue import shaped
from kezhou.records.listing import ListRequest
from kezhou.records.tasks import index_words
from kezhou.testing.access import MemberFactory, Person

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
