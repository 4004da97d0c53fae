"""The embedded engine alone: what lies in its folder, and survival of kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from search.engines.base import EngineAway
from search.engines.embedded import EmbeddedEngine, key_of
from search.engines.embedded import engine as embedded
from search.query.tree import EVERYTHING
from search.schema import SCHEMA_VERSION
from tenants.context import Current, tenant
from tests.search.conftest import made, place


@pytest.fixture
def embedded_engine(tmp_path: Path) -> EmbeddedEngine:
    """An engine in a folder of its own."""
    return EmbeddedEngine(tmp_path / "search")


def _all(engine: EmbeddedEngine) -> set[str]:
    return set(engine.reader().search(EVERYTHING, limit=1000).uids)


def test_a_rebuild_that_fails_leaves_one_directory(
    embedded_engine: EmbeddedEngine, in_place: Current, tmp_path: Path
) -> None:
    with embedded_engine.rebuild([made(1, title="甲")]):
        pass

    with pytest.raises(RuntimeError), embedded_engine.rebuild([made(2, title="乙")]):
        raise RuntimeError("on purpose")

    home = tmp_path / "search" / key_of(place(1))
    assert len([path for path in home.iterdir() if path.is_dir()]) == 1


def test_another_process_sees_a_commit_at_its_next_search(
    embedded_engine: EmbeddedEngine, in_place: Current, tmp_path: Path
) -> None:
    other = EmbeddedEngine(tmp_path / "search")
    with embedded_engine.rebuild([]):
        pass
    assert _all(other) == set()

    with embedded_engine.batch() as batch:
        batch.put(made(1, title="甲"))

    assert _all(other) == {"customers.customer:1"}


@pytest.mark.parametrize("damage", ["pointer", "directory", "schema"])
def test_a_missing_or_foreign_index_is_away(
    embedded_engine: EmbeddedEngine, in_place: Current, tmp_path: Path, damage: str
) -> None:
    with embedded_engine.rebuild([made(1, title="甲")]):
        pass
    home = tmp_path / "search" / key_of(place(1))
    if damage == "pointer":
        (home / "live.json").unlink()
    elif damage == "directory":
        next(home.glob("v*-*/meta.json")).unlink()
    else:
        (home / "live.json").write_text((home / "live.json").read_text().replace(f"v{SCHEMA_VERSION}-", "v0-"))

    with pytest.raises(EngineAway):
        EmbeddedEngine(tmp_path / "search").reader()


def test_a_process_keeps_few_indexes_open(embedded_engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "MOST_OPEN", 3)
    for number in range(1, 7):
        with tenant(place(number)):
            with embedded_engine.rebuild([made(number, title="甲")]):
                pass
            embedded_engine.reader()

    assert len(embedded_engine._open) == 3
    with tenant(place(1)):
        assert _all(embedded_engine) == {"customers.customer:1"}


_WRITERS = textwrap.dedent(
    """
    import os
    import sys
    from pathlib import Path
    import django
    django.setup()
    from search.engines.embedded import EmbeddedEngine
    from tenants.context import tenant
    from tests.search.conftest import made, place

    def write(number):
        engine = EmbeddedEngine(Path(sys.argv[1]))
        with tenant(place(1)):
            while True:
                number += 1
                with engine.batch() as batch:
                    batch.put(made(number, title="甲公司"))
                print(number, flush=True)

    made(0, title="甲公司")  # what takes seconds to load is loaded once
    for line in sys.stdin:
        writer = os.fork()
        if not writer:
            write(int(line))
        print("writer", writer, flush=True)
        os.waitpid(writer, 0)
        print("ended", flush=True)
    """
)


def killed_after_four(writers: subprocess.Popen[str], acknowledged: int) -> int:
    """The last number acknowledged by a writer that is killed after its fourth, or after a minute when it hangs."""
    assert writers.stdin is not None
    assert writers.stdout is not None
    print(acknowledged, file=writers.stdin, flush=True)
    numbers: list[int] = []
    writer = 0
    for line in writers.stdout:
        if line == "ended\n":
            break
        if line.startswith("writer "):
            writer = int(line.split()[1])
            killer = threading.Timer(60.0, os.kill, (writer, signal.SIGKILL))
            killer.start()
        else:
            numbers.append(int(line))
        if writer and len(numbers) >= 4:
            killer.cancel()
            os.kill(writer, signal.SIGKILL)
            writer = 0
    assert len(numbers) >= 4, "The writer acknowledged less than four documents."
    return max(numbers)


@pytest.mark.req("SRH-08", part="kill -9 of the writer")
def test_kill_9_of_the_writer_loses_no_acknowledged_commit(
    embedded_engine: EmbeddedEngine, in_place: Current, tmp_path: Path
) -> None:
    with embedded_engine.rebuild([]):
        pass
    acknowledged = 0
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(root), str(root / "platform")))}
    environment["DJANGO_SETTINGS_MODULE"] = "kezhou.testing.settings"
    command = [sys.executable, "-c", _WRITERS, str(tmp_path / "search")]

    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    ) as writers:
        for _ in range(5):
            acknowledged = killed_after_four(writers, acknowledged)

            with embedded_engine.batch() as batch:  # the next writer works, and what was acknowledged is there
                batch.drop("customers.customer:0")
            held = {int(uid.rpartition(":")[2]) for uid in _all(embedded_engine)}
            assert set(range(1, acknowledged + 1)) <= held
            acknowledged = max(held)
