"""Every engine alike: tenants apart, updates without doubles, rebuilding beside the live index."""

from __future__ import annotations

import pytest

from search.engines.base import Engine, EngineAway, Tally
from search.query.tree import (
    ANY,
    EVERYTHING,
    NOTHING,
    Best,
    Constant,
    Every,
    OneOf,
    Phrase,
    Preferring,
    Query,
    Some,
    Term,
)
from search.schema import Field
from tenants.context import Current, NoTenant, tenant
from tests.search.conftest import made, place


def _all(engine: Engine) -> set[str]:
    return set(engine.reader().search(EVERYTHING, limit=1000).uids)


def _titled(engine: Engine, word: str) -> tuple[str, ...]:
    return engine.reader().search(Term(Field.TITLE_WORDS, word), limit=10).uids


@pytest.mark.req("SRH-07", part="own index, no tenant no answer")
def test_without_a_tenant_nothing_answers(engine: Engine) -> None:
    with pytest.raises(NoTenant):
        engine.reader()
    with pytest.raises(NoTenant), engine.batch():
        pass
    with pytest.raises(NoTenant), engine.rebuild([]):
        pass


@pytest.mark.req("SRH-07", part="own index, no tenant no answer")
def test_each_tenant_has_an_index_of_its_own(engine: Engine) -> None:
    for number, title in ((1, "甲公司"), (2, "乙公司")):
        with tenant(place(number)), engine.rebuild([made(7, title=title)]):
            pass

    with tenant(place(1)):
        assert _titled(engine, "甲") == ("customers.customer:7",)
        assert _titled(engine, "乙") == ()
    with tenant(place(2)):
        assert _titled(engine, "乙") == ("customers.customer:7",)


@pytest.mark.req("SRH-07", part="closed tenant's index deleted")
def test_the_index_of_a_closed_tenant_is_removed(engine: Engine) -> None:
    for number in (1, 2):
        with tenant(place(number)), engine.rebuild([made(1, title="甲公司")]):
            pass

    gone = engine.sweep([place(1)])

    assert gone == ("t_t2.2",)
    with tenant(place(1)):
        assert _all(engine) == {"customers.customer:1"}
    with tenant(place(2)), pytest.raises(EngineAway):
        engine.reader()


def test_an_update_replaces_and_a_removal_removes(engine: Engine, in_place: Current) -> None:
    with engine.rebuild([made(1, title="旧名"), made(2, title="别家")]):
        pass

    with engine.batch() as batch:
        batch.put(made(1, title="新名", version=2))
        batch.drop("customers.customer:2")
        batch.drop("customers.customer:3")

    assert _all(engine) == {"customers.customer:1"}
    assert {uid: version for uid, version, _ in engine.reader().versions()} == {"customers.customer:1": 2}
    assert engine.reader().signs(["customers.customer:1", "x:1"]) == {"customers.customer:1": "新名"}


def test_a_batch_that_fails_changes_nothing(engine: Engine, in_place: Current) -> None:
    with engine.rebuild([made(1, title="甲")]):
        pass

    def fail() -> None:
        with engine.batch() as batch:
            batch.drop("customers.customer:1")
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError):
        fail()

    assert _all(engine) == {"customers.customer:1"}


@pytest.mark.req("SRH-12", part="rebuilt beside the live index")
def test_search_goes_on_while_the_index_is_rebuilt(engine: Engine, in_place: Current) -> None:
    with engine.rebuild([made(1, title="甲")]):
        pass

    with engine.rebuild([made(1, title="甲"), made(2, title="乙")]) as (new, batch):
        assert _all(engine) == {"customers.customer:1"}
        assert {uid for uid, *_ in new.versions()} == {"customers.customer:1", "customers.customer:2"}
        batch.put(made(3, title="丙"))

    assert _all(engine) == {f"customers.customer:{n}" for n in (1, 2, 3)}


@pytest.mark.req("SRH-12", part="rebuilt beside the live index")
def test_a_rebuild_that_fails_leaves_the_live_index(engine: Engine, in_place: Current) -> None:
    with engine.rebuild([made(1, title="甲")]):
        pass

    with pytest.raises(RuntimeError), engine.rebuild([made(2, title="乙")]):
        raise RuntimeError("on purpose")

    assert _all(engine) == {"customers.customer:1"}


def test_facts_are_kept_beside_the_index(engine: Engine, in_place: Current) -> None:
    with engine.rebuild([]):
        pass
    engine.remember("fields", "abc")

    with engine.batch() as batch:
        batch.put(made(1, title="甲"))

    assert engine.remembered("fields") == "abc"
    assert engine.remembered("other") == ""


def test_counts_sorting_and_terms(engine: Engine, in_place: Current) -> None:
    documents = [made(n, title="甲", owner=1 + n % 2, kind="a.b" if n < 4 else "c.d") for n in range(1, 6)]
    with engine.rebuild(documents):
        pass
    reader = engine.reader()

    assert reader.counts(EVERYTHING, Field.KIND) == {"a.b": 3, "c.d": 2}
    assert reader.counts(EVERYTHING, Field.OWNER) == {"2": 3, "1": 2}
    wanted = [Tally(Field.KIND), Tally(Field.OWNER, 1), Tally(Field.CHANGED, since=(2_000, 4_000, 9_000))]
    assert reader.tallies(EVERYTHING, wanted) == [
        {"a.b": 3, "c.d": 2}, {"2": 3}, {"2000": 4, "4000": 2, "9000": 0},
    ]  # fmt: skip
    assert reader.tallies(NOTHING, wanted) == [{}, {}, {"2000": 0, "4000": 0, "9000": 0}]
    assert reader.search(EVERYTHING, limit=2, sort="newest").uids == ("c.d:5", "c.d:4")
    assert reader.search(EVERYTHING, limit=2, offset=1, sort="oldest").uids == ("a.b:2", "a.b:3")
    mine = reader.search(OneOf(Field.TERMS, ("owner:1",)), limit=9, sort="oldest")
    assert (mine.uids, mine.total) == (("a.b:2", "c.d:4"), 2)


def test_what_an_engine_leaves_out_or_narrows_changes_no_answer(engine: Engine, in_place: Current) -> None:
    """Conditions that all meet, at least so many of several, syllables around any other, counts of what was found."""
    names = ("川西能源", "川北能源", "川能", "西川能源集团")
    with engine.rebuild([made(n, title=t, kind="a.b" if n < 4 else "c.d", owner=n) for n, t in enumerate(names, 1)]):
        pass
    reader = engine.reader()

    def found(query: Query) -> set[int]:
        return {int(uid.partition(":")[2]) for uid in reader.search(query, limit=9).uids}

    words = Term(Field.TITLE_PAIRS, "能源")
    pairs = tuple(Best((Term(Field.TITLE_PAIRS, pair),)) for pair in ("川西", "西能", "能源", "源集"))
    for kinds, expected in ((("a.b", "c.d"), {1, 2, 4}), (("a.b",), {1, 2}), (("e.f",), set())):
        assert found(Every((words, Constant(Every((OneOf(Field.KIND, kinds), EVERYTHING)), 0.0)))) == expected
    assert found(Every((Constant(OneOf(Field.KIND, ("a.b", "c.d")), 0.0),))) == {1, 2, 3, 4}
    assert [found(Some(pairs, least)) for least in (1, 2, 3, 4)] == [{1, 2, 4}, {1, 4}, {1}, set()]
    assert found(Phrase(Field.SYLLABLES, ("chuan", ANY, "neng"))) == {1, 2}
    assert found(Preferring(words, tuple(Term(Field.KIND, kind) for kind in ("a.b", "c.d")))) == {1, 2, 4}
    counts = (Tally(Field.KIND), Tally(Field.CHANGED, since=(2_000,)))
    for limit in (2, 9):  # not all of them, and all of them on the page
        hits = Preferring(words, (Constant(Term(Field.OWNER, 2), 9.0),))
        assert reader.search(hits, limit=limit, beside=counts).uids[0] == "a.b:2"
        assert reader.tallies(words, counts) == [{"a.b": 2, "c.d": 1}, {"2000": 2}]
        assert reader.counts(words, Field.OWNER) == {"1": 1, "2": 1, "4": 1}
