"""Two versions of the code at once, as in a rolling upgrade: forms opened with one are saved by the other, a job goes on where the killed one left it.

The other version is a checkout of an earlier commit with the same migrations, under the same environment; the process that is new is the place's own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psycopg
from psycopg import sql

from kezhou.local.ports import LOOPBACK, free_port
from tests.bench.browser import Visitor
from tests.bench.notes import note
from tests.bench.place import ROOT, Place, answers, inside
from tests.contract.forms import FormReader

SLUG, TYPE, QUEUE = "mark-a", "customers.customer", "kezhou-earlier"
ROWS, LONGEST = 40_000, 900
Found = TypeVar("Found")


def measure(place: Place, options: argparse.Namespace) -> None:
    """Every step as a sentence; raises where one is not as it should be."""
    commit = options.commit or _git("log", "-1", "--format=%H", "--", "*/migrations/*.py")
    facts: Mapping[str, object] = inside(place, "tests.bench.marked")[SLUG]  # type: ignore[assignment]
    with ExitStack() as stack:
        home = stack.enter_context(_checkout(commit))
        static = _collected(place, home)
        earlier = {"KEZHOU_QUEUE": QUEUE, "KEZHOU_STATIC_ROOT": static}
        port = free_port()
        web = stack.enter_context(_serving(place, home, earlier, "web", "--host", LOOPBACK, "--port", str(port)))
        worker = stack.enter_context(_serving(place, home, earlier, "worker"))
        _until(lambda: answers(port), "The earlier version came up")
        visitor = Visitor(port, f"{SLUG}.localhost")
        visitor.cookies["sessionid"] = str(facts["session"])
        said = [
            f"earlier {commit[:9]}, {_git('rev-list', '--count', f'{commit}..HEAD')} commits before {_git('rev-parse', 'HEAD')[:9]}",
            _saved(visitor, place.port, port, facts, "opened with the new version, saved by the earlier"),
            _saved(visitor, port, place.port, facts, "opened with the earlier version, saved by the new"),
        ]
        job = int(str(inside(place, "tests.bench.versions_inside", "start", str(ROWS), KEZHOU_QUEUE=QUEUE)["job"]))
        seen = _until(lambda: _begun(place), "The earlier worker imported")
        os.killpg(worker.pid, signal.SIGKILL)
        web.send_signal(signal.SIGTERM)
        said.append(f"the earlier web process ended with {web.wait(60)}")
        done = _until(lambda: _ended(place, job), "The job was ended by the new worker")
        said.append(
            f"a job killed at {seen} of {ROWS} rows is {done['state']}: {done['rows']} rows, {done['twins']} twins, attempt {done['attempts']}"
        )
    if int(str(done["attempts"])) < 2 or int(str(done["twins"])) or done["rows"] != ROWS:
        raise RuntimeError("; ".join(said))
    print("\n" + "\n".join(said))
    note("two versions", said=said)


def _saved(visitor: Visitor, opened: int, saved: int, facts: Mapping[str, object], what: str) -> str:
    pk: int = facts["pks"][0]  # type: ignore[index]
    told = []
    for path, change in (
        (f"/r/{TYPE}/new", {"name": f"滚动{time.time_ns()}商旅"}),
        (f"/r/{TYPE}/{pk}/edit", {"remark": what}),
    ):
        visitor.port = opened
        status, page, _location = visitor.get(path)
        reader = FormReader("record-form")
        reader.feed(page)
        given: dict[str, list[str]] = {}
        for name, value in reader.sent:
            given.setdefault(name, []).append(value)
        visitor.port = saved
        answer, text, location = visitor.post(path, {**given, **change})
        if (status, answer) != (200, 302) or "sign-in" in location:
            raise RuntimeError(f"{what}: {path} answered {status}, then {answer} {location} {text[:600]}")
        told.append(f"{path} {answer}")
    return f"{what}: {', '.join(told)}"


def _begun(place: Place) -> int:
    """How far the newest job has come, asked at the database: another process would take as long as the job."""
    with psycopg.connect(place.environment["DATABASE_DIRECT_URL"], autocommit=True) as connection:
        (schema,) = connection.execute("SELECT schema_name FROM tenants_tenant WHERE slug = %s", [SLUG]).fetchone()
        newest = sql.SQL("SELECT done FROM {}.jobs_job ORDER BY id DESC LIMIT 1").format(sql.Identifier(schema))
        (done,) = connection.execute(newest).fetchone()
    return int(done)


def _ended(place: Place, pk: int) -> Mapping[str, object] | None:
    found = inside(place, "tests.bench.versions_inside", "look", str(pk))
    if found["state"] == "failed":
        raise RuntimeError(f"The job failed: {found}")
    return found if found["state"] == "done" else None


def _until(look: Callable[[], Found | None], what: str) -> Found:
    until = time.monotonic() + LONGEST
    while not (found := look()):
        if time.monotonic() > until:
            raise RuntimeError(f"{what}: not within {LONGEST} s.")
        time.sleep(0.5)
    return found


@contextmanager
def _checkout(commit: str) -> Iterator[Path]:
    """The earlier version in a folder of its own, with what is made and not kept in the repository."""
    with tempfile.TemporaryDirectory(prefix="kezhou-earlier-") as folder:
        home = Path(folder) / "code"
        _git("worktree", "add", "--detach", str(home), commit)
        try:
            for name in _git("ls-files", "-oi", "--exclude-standard", "platform").splitlines():
                if "__pycache__" not in name and not (home / name).exists():
                    (home / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / name, home / name)
            yield home
        finally:
            _git("worktree", "remove", "--force", str(home))


def _collected(place: Place, home: Path) -> str:
    static = home.parent / "static"
    environment = {**_environment(place, home), "KEZHOU_STATIC_ROOT": str(static)}
    command = [sys.executable, "-m", "kezhou.cli", "django", "collectstatic", "--no-input"]
    subprocess.run(command, cwd=home, env=environment, check=True, stdout=subprocess.DEVNULL)
    return str(static)


@contextmanager
def _serving(place: Place, home: Path, variables: Mapping[str, str], *words: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "kezhou.cli", "serve", *words]
    environment = {**_environment(place, home), **variables}
    process = subprocess.Popen(command, cwd=home, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None or words[0] == "worker":  # a killed worker leaves its children
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)


def _environment(place: Place, home: Path) -> dict[str, str]:
    return {**place.environment, "PYTHONPATH": f"{home}:{home / 'platform'}:{home / 'plugins' / 'example'}"}


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
