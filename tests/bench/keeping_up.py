"""How the index keeps up: from commit to hit under writes, kill -9 of the indexer, and Elasticsearch away under load.

make bench ARGS="keeping"                        embedded: commit to hit under 20 writes a second, then 20 times kill -9
make bench ARGS="keeping --engine elastic"       an installation of its own on a real Elasticsearch, which is killed, and then stopped,
                                                 for a minute
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import quote

import psutil

from tests.bench.notes import note
from tests.bench.place import HOME, KEZHOU, PORT, ROOT, Place, inside, running

TYPE = "customers.customer"
WRITES_A_SECOND = 20
CLIENTS = 4
SECONDS = 30.0
KILLS = 20
AWAY = 60.0
PATIENCE = 300.0


class Caller:
    """The bench company's API with its token, one connection."""

    def __init__(self, port: int, facts: Mapping[str, Any]) -> None:
        self._headers = {
            "Host": f"{facts['slug']}.localhost", "Authorization": f"Bearer {facts['token']}",
            "Content-Type": "application/json",
        }  # fmt: skip
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def make(self, name: str) -> int:
        """The status of making a customer of this name."""
        return self._ask("POST", f"/api/v1/{TYPE}/", json.dumps({"name": name, "category": "company"}).encode())[0]

    def finds(self, name: str) -> bool:
        """Whether full-text search finds exactly this name; an answer of the database does not count."""
        status, answer = self.search(name)
        return status == 200 and not answer["notice"] and name in [hit["title"] for hit in answer["results"]]

    def search(self, text: str) -> tuple[int, Any]:
        """Status and answer of a search."""
        return self._ask("GET", f"/api/v1/search?size=5&q={quote(text)}", None)

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, Any]:
        try:
            self._connection.request(method, path, body=body, headers=self._headers)
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0, None


class Writing:
    """Customers made at a fixed schedule by several clients, each with its share of the moments; knows their names and how many
    calls failed, and how late the latest call began."""

    def __init__(self, port: int, facts: Mapping[str, Any], mark: str) -> None:
        self.names: list[tuple[str, float]] = []
        self.failed = 0
        self.late = 0.0
        self._mark = mark
        self._ended = threading.Event()
        self._numbers, self._lock = itertools.count(), threading.Lock()
        self._threads = [threading.Thread(target=self._work, args=(Caller(port, facts),)) for _ in range(CLIENTS)]

    def __enter__(self) -> Writing:
        self._begun = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _work(self, caller: Caller) -> None:
        while True:
            with self._lock:
                number = next(self._numbers)
            due = self._begun + number / WRITES_A_SECOND
            if self._ended.wait(max(0.0, due - time.monotonic())):
                return
            self.late = max(self.late, time.monotonic() - due)
            name = f"追索{self._mark}第{number}号商旅"
            if caller.make(name) == 201:
                self.names.append((name, time.monotonic()))
            else:
                self.failed += 1


class Searching:
    """A thread that searches all the time; knows how long each search took, how many failed and how many the database answered."""

    def __init__(self, port: int, facts: Mapping[str, Any]) -> None:
        self.spent: list[float] = []
        self.failed = self.noticed = 0
        self._caller, self._ended = Caller(port, facts), threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Searching:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._ended.wait(0.1):
            begun = time.monotonic()
            status, answer = self._caller.search("商旅")
            self.spent.append(time.monotonic() - begun)
            self.failed += status != 200
            self.noticed += status == 200 and bool(answer["notice"])


def measure(place: Place, options: argparse.Namespace) -> None:
    """Both figures of the embedded engine; those of Elasticsearch are `elastic`."""
    facts = inside(place, "tests.bench.data", str(options.rows))
    inside(place, "tests.bench.indexed", str(facts["slug"]))
    _lag(place.port, facts)
    _kills(place, facts)


def _lag(port: int, facts: Mapping[str, Any]) -> None:
    reader, spent, begun = Caller(port, facts), [], time.monotonic()
    with Writing(port, facts, f"{time.time_ns()}") as writing:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            if not writing.names:
                time.sleep(0.02)  # spinning would keep the writing thread from its work
                continue
            name, made = writing.names[-1]
            _until(lambda name=name: reader.finds(name), "a new record")  # type: ignore[misc]  # its own name
            spent.append(time.monotonic() - made)
    spent.sort()
    p50, p95 = spent[len(spent) // 2], spent[int(len(spent) * 0.95)]
    rate = len(writing.names) / (time.monotonic() - begun)
    print(
        f"\ncommit to hit over HTTP under {rate:.1f} writes/s by {CLIENTS} clients, the latest {writing.late:.2f} s after its time: "
        f"p50 {p50:.2f} s, p95 {p95:.2f} s (goal 1), {len(spent)} looked for, {writing.failed} failed"
    )
    note(
        "keeping: commit to hit",
        p50=p50,
        p95=p95,
        writes=rate,
        late=writing.late,
        looked_for=len(spent),
        failed=writing.failed,
    )


def _kills(place: Place, facts: Mapping[str, Any]) -> None:
    """The indexer dies in the middle of its work, the supervisor starts another, and nothing is missing in the end."""
    clean = 0
    reader = Caller(place.port, facts)
    with Writing(place.port, facts, f"{time.time_ns()}") as writing:
        for _ in range(KILLS):
            dead = _indexer(place)
            dead.send_signal(signal.SIGKILL)
            _until(lambda dead=dead: _indexer(place).pid != dead.pid, "another indexer")  # type: ignore[misc]  # its own
            time.sleep(1.0)  # it dies in the middle of the writes that have come meanwhile
            name = writing.names[-1][0]
            clean += _until(lambda name=name: reader.finds(name), "a record after kill -9")  # type: ignore[misc]  # its own
    right = _is_right(place, facts)
    print(
        f"kill -9 of the indexer: {clean} of {KILLS} clean, {len(writing.names)} writes, {writing.failed} failed; index right: {right}"
    )
    note("keeping: kill -9", clean=clean, of=KILLS, writes=len(writing.names), failed=writing.failed, right=right)


def elastic(options: argparse.Namespace) -> None:
    """Elasticsearch killed and started again after a minute, then stopped in its tracks for a minute, under writes and searches."""
    with _on_a_server() as (server, home), running(home, PORT + 2) as place:
        facts = inside(place, "tests.bench.data", str(min(options.rows, 20_000)))
        inside(place, "tests.bench.indexed", str(facts["slug"]))
        for what, away in (("killed", _killed), ("stopped", _stopped)):
            _outage(place, facts, what, away(server))


def _outage(place: Place, facts: Mapping[str, Any], what: str, away: AbstractContextManager[None]) -> None:
    reader = Caller(place.port, facts)
    with Writing(place.port, facts, f"{time.time_ns()}") as writing, Searching(place.port, facts) as searching:
        time.sleep(10)
        before, begun = len(writing.names), time.monotonic()
        with away:
            time.sleep(AWAY)
        gone, meanwhile = time.monotonic() - begun, len(writing.names) - before  # starting it takes its time as well
        time.sleep(5)
    back = time.monotonic()
    caught = _until(lambda: reader.finds(writing.names[-1][0]), "the last record")
    seconds, right = time.monotonic() - back, _is_right(place, facts)
    print(
        f"\nElasticsearch {what}, away for {gone:.0f} s: {meanwhile} writes meanwhile, {writing.failed} failed; caught up: {caught} "
        f"{seconds:.1f} s after the last write; index right: {right}; {len(searching.spent)} searches, {searching.failed} failed, "
        f"{searching.noticed} from the database, the slowest {max(searching.spent):.1f} s"
    )
    note(
        f"keeping: elastic {what}", seconds=gone, writes=meanwhile, failed=writing.failed, caught_up=seconds, right=right,
        searches=len(searching.spent), searches_failed=searching.failed, slowest=max(searching.spent),
    )  # fmt: skip


@contextmanager
def _killed(server: Any) -> Iterator[None]:
    os.killpg(server.pid(), signal.SIGKILL)
    yield
    url = os.environ.pop("ELASTICSEARCH_URL")  # names the very server that is to be started
    os.environ["ELASTICSEARCH_URL"] = server.start()
    if os.environ["ELASTICSEARCH_URL"] != url:
        raise RuntimeError(f"Elasticsearch came back at another address than {url}.")


@contextmanager
def _stopped(server: Any) -> Iterator[None]:
    """It takes connections and answers nothing."""
    os.killpg(server.pid(), signal.SIGSTOP)
    yield
    os.killpg(server.pid(), signal.SIGCONT)


@contextmanager
def _on_a_server() -> Iterator[tuple[Any, Any]]:
    from search.engines.elastic.development import DevelopmentServer

    if os.environ.pop("ELASTICSEARCH_URL", None):
        print("    a server of the bench's own is killed, not the one that ELASTICSEARCH_URL names")
    server = DevelopmentServer(HOME)
    known = {"ELASTICSEARCH_URL": server.start(), "KEZHOU_ELASTICSEARCH_PREFIX": "bench-away", "KEZHOU_ELASTICSEARCH_PARTS": "1",
             "KEZHOU_ELASTICSEARCH_REPLICAS": "0"}  # fmt: skip
    for name, value in known.items():
        os.environ[name] = value
    os.environ["KEZHOU_BENCH_KEEP"] = ",".join(known)  # the bare environment of an installation lets these through
    try:
        yield server, HOME.with_name("bench-elastic")
    finally:
        server.stop()


def _indexer(place: Place) -> psutil.Process:
    """The indexer of the installation; waits while there is none."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for process in psutil.Process(place.process.pid).children(recursive=True):
            try:
                if process.status() != psutil.STATUS_ZOMBIE and process.cmdline()[-2:] == ["search", "index"]:
                    return process
            except psutil.Error:
                continue
        time.sleep(0.05)
    raise RuntimeError("The installation has no indexer.")


def _is_right(place: Place, facts: Mapping[str, Any]) -> bool:
    """What `kezhou search check` says, which compares every record with the index; asked anew while the indexer still writes."""
    command = [KEZHOU, "search", "check", "--tenant", str(facts["slug"])]

    def right() -> bool:
        return (
            subprocess.run(command, cwd=ROOT, env=place.environment, capture_output=True, check=False).returncode == 0
        )

    return _until(right, "an index that is right")


def _until(holds: Callable[[], bool], what: str) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    print(f"    waited {PATIENCE:.0f} s for {what} in vain")
    return False
