"""The embedded engine: tenants apart, updates without doubles, rebuilding beside the live index, survival of kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from search.engines import embedded
from search.engines.base import EngineAway
from search.engines.embedded import EmbeddedEngine, key_of
from search.query.tree import EVERYTHING, OneOf, Term
from search.schema import Field
from tenants.context import Current, NoTenant, tenant
from tests.search.conftest import made, place


def _all(engine: EmbeddedEngine) -> set[str]:
    return set(engine.reader().search(EVERYTHING, limit=1000).uids)


def _titled(engine: EmbeddedEngine, word: str) -> tuple[str, ...]:
    return engine.reader().search(Term(Field.TITLE_WORDS, word), limit=10).uids


@pytest.mark.req("SRH-07", part="own index, no tenant no answer")
def test_without_a_tenant_nothing_answers(engine: EmbeddedEngine) -> None:
    with pytest.raises(NoTenant):
        engine.reader()
    with pytest.raises(NoTenant), engine.batch():
        pass
    with pytest.raises(NoTenant), engine.rebuild([]):
        pass


@pytest.mark.req("SRH-07", part="own index, no tenant no answer")
def test_each_tenant_has_an_index_of_its_own(engine: EmbeddedEngine) -> None:
    for number, title in ((1, "甲公司"), (2, "乙公司")):
        with tenant(place(number)), engine.rebuild([made(7, title=title)]):
            pass

    with tenant(place(1)):
        assert _titled(engine, "甲") == ("customers.customer:7",)
        assert _titled(engine, "乙") == ()
    with tenant(place(2)):
        assert _titled(engine, "乙") == ("customers.customer:7",)


@pytest.mark.req("SRH-07", part="closed tenant's index deleted")
def test_the_index_of_a_closed_tenant_is_removed(engine: EmbeddedEngine) -> None:
    for number in (1, 2):
        with tenant(place(number)), engine.rebuild([made(1, title="甲公司")]):
            pass

    gone = engine.sweep([place(1)])

    assert gone == (key_of(place(2)),)
    with tenant(place(1)):
        assert _all(engine) == {"customers.customer:1"}
    with tenant(place(2)), pytest.raises(EngineAway):
        engine.reader()


def test_an_update_replaces_and_a_removal_removes(engine: EmbeddedEngine, in_place: Current) -> None:
    with engine.rebuild([made(1, title="旧名"), made(2, title="别家")]):
        pass

    with engine.batch() as batch:
        batch.put(made(1, title="新名", version=2))
        batch.drop("customers.customer:2")
        batch.drop("customers.customer:3")

    assert _all(engine) == {"customers.customer:1"}
    assert dict(engine.reader().versions()) == {"customers.customer:1": 2}
    assert engine.reader().signs(["customers.customer:1", "x:1"]) == {"customers.customer:1": "新名"}


def test_a_batch_that_fails_changes_nothing(engine: EmbeddedEngine, in_place: Current) -> None:
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
def test_search_goes_on_while_the_index_is_rebuilt(engine: EmbeddedEngine, in_place: Current) -> None:
    with engine.rebuild([made(1, title="甲")]):
        pass

    with engine.rebuild([made(1, title="甲"), made(2, title="乙")]) as (new, batch):
        assert _all(engine) == {"customers.customer:1"}
        assert {uid for uid, _ in new.versions()} == {"customers.customer:1", "customers.customer:2"}
        batch.put(made(3, title="丙"))

    assert _all(engine) == {f"customers.customer:{n}" for n in (1, 2, 3)}


@pytest.mark.req("SRH-12", part="rebuilt beside the live index")
def test_a_rebuild_that_fails_leaves_the_live_index(engine: EmbeddedEngine, in_place: Current, tmp_path: Path) -> None:
    with engine.rebuild([made(1, title="甲")]):
        pass

    with pytest.raises(RuntimeError), engine.rebuild([made(2, title="乙")]):
        raise RuntimeError("on purpose")

    assert _all(engine) == {"customers.customer:1"}
    home = tmp_path / "search" / key_of(place(1))
    assert len([path for path in home.iterdir() if path.is_dir()]) == 1


def test_another_process_sees_a_commit_at_its_next_search(
    engine: EmbeddedEngine, in_place: Current, tmp_path: Path
) -> None:
    other = EmbeddedEngine(tmp_path / "search")
    with engine.rebuild([]):
        pass
    assert _all(other) == set()

    with engine.batch() as batch:
        batch.put(made(1, title="甲"))

    assert _all(other) == {"customers.customer:1"}


@pytest.mark.parametrize("damage", ["pointer", "directory", "schema"])
def test_a_missing_or_foreign_index_is_away(
    engine: EmbeddedEngine, in_place: Current, tmp_path: Path, damage: str
) -> None:
    with engine.rebuild([made(1, title="甲")]):
        pass
    home = tmp_path / "search" / key_of(place(1))
    if damage == "pointer":
        (home / "live.json").unlink()
    elif damage == "directory":
        next(home.glob("v*-*/meta.json")).unlink()
    else:
        (home / "live.json").write_text((home / "live.json").read_text().replace("v1-", "v0-"))

    with pytest.raises(EngineAway):
        EmbeddedEngine(tmp_path / "search").reader()


def test_a_process_keeps_few_indexes_open(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "MOST_OPEN", 3)
    for number in range(1, 7):
        with tenant(place(number)):
            with engine.rebuild([made(number, title="甲")]):
                pass
            engine.reader()

    assert len(engine._open) == 3
    with tenant(place(1)):
        assert _all(engine) == {"customers.customer:1"}


def test_facts_are_kept_beside_the_index(engine: EmbeddedEngine, in_place: Current) -> None:
    with engine.rebuild([]):
        pass
    engine.remember("fields", "abc")

    with engine.batch() as batch:
        batch.put(made(1, title="甲"))

    assert engine.remembered("fields") == "abc"
    assert engine.remembered("other") == ""


def test_counts_sorting_and_terms(engine: EmbeddedEngine, in_place: Current) -> None:
    documents = [made(n, title="甲", owner=1 + n % 2, kind="a.b" if n < 4 else "c.d") for n in range(1, 6)]
    with engine.rebuild(documents):
        pass
    reader = engine.reader()

    assert reader.counts(EVERYTHING, Field.KIND) == {"a.b": 3, "c.d": 2}
    assert reader.counts(EVERYTHING, Field.OWNER) == {"2": 3, "1": 2}
    assert reader.search(EVERYTHING, limit=2, sort="newest").uids == ("c.d:5", "c.d:4")
    assert reader.search(EVERYTHING, limit=2, offset=1, sort="oldest").uids == ("a.b:2", "a.b:3")
    mine = reader.search(OneOf(Field.TERMS, ("owner:1",)), limit=9, sort="oldest")
    assert (mine.uids, mine.total) == (("a.b:2", "c.d:4"), 2)


_WRITER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from search.engines.embedded import EmbeddedEngine
    from tenants.context import tenant
    from tests.search.conftest import made, place
    engine = EmbeddedEngine(Path(sys.argv[1]))
    with tenant(place(1)):
        number = int(sys.argv[2])
        while True:
            number += 1
            with engine.batch() as batch:
                batch.put(made(number, title="甲公司"))
            print(number, flush=True)
    """
)


@pytest.mark.req("SRH-08", part="kill -9 of the writer")
def test_kill_9_of_the_writer_loses_no_acknowledged_commit(
    engine: EmbeddedEngine, in_place: Current, tmp_path: Path
) -> None:
    with engine.rebuild([]):
        pass
    acknowledged = 0
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(root), str(root / "platform")))}

    for _ in range(5):
        arguments = [sys.executable, "-c", _WRITER, str(tmp_path / "search"), str(acknowledged)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment, text=True) as writer:
            assert writer.stdout is not None
            killer = threading.Timer(60.0, writer.kill)  # a writer that hangs
            killer.start()
            first = [writer.stdout.readline() for _ in range(4)][-1]
            writer.send_signal(signal.SIGKILL)
            rest = writer.stdout.read().split()
            killer.cancel()
        acknowledged = max(int(number) for number in [first, *rest])

        with engine.batch() as batch:  # the next writer works, and what was acknowledged is there
            batch.drop("customers.customer:0")
        held = {int(uid.rpartition(":")[2]) for uid in _all(engine)}
        assert set(range(1, acknowledged + 1)) <= held
        acknowledged = max(held)
