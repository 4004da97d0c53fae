"""Web processes as a cluster starts them are replaced one after the other while people save: nothing fails, nothing is lost."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from kezhou.api import tokens
from kezhou.cli import main
from kezhou.local import alive
from kezhou.local.ports import free_port
from kezhou.local.programs import health
from kezhou.records.listing import ListRequest, count
from kezhou.testing.access import MemberFactory
from tenants.context import Current, tenant
from tests.comments.conftest import CUSTOMERS

CLIENTS, AT_LEAST = 4, 60


class Pods:
    """A balancer's view: who is asked, and how a pod is replaced."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._asked: list[int] = []
        self._turn = 0
        self._lock = threading.Lock()

    def add(self) -> None:
        port = free_port()
        words = ["serve", "web", "--host", "127.0.0.1", "--port", str(port), "--processes", "1"]
        command = [sys.executable, "-m", "kezhou.cli", *words]
        self._running[port] = subprocess.Popen(command, env=self._environment, start_new_session=True)
        deadline = time.monotonic() + 120
        while not health("127.0.0.1", port):
            assert self._running[port].poll() is None, "The process ended."
            assert time.monotonic() < deadline, "The process did not start."
            time.sleep(0.1)
        with self._lock:
            self._asked.append(port)

    def next(self) -> int:
        with self._lock:
            self._turn += 1
            return self._asked[self._turn % len(self._asked)]

    def replace(self) -> int:
        """A new one first; then the oldest is asked no more and told to end while it still works. Its exit code."""
        self.add()
        with self._lock:
            port = self._asked.pop(0)
        process = self._running.pop(port)
        process.send_signal(signal.SIGTERM)
        return process.wait(60)

    def end(self) -> None:
        """Those that are left, with what they started: a killed server of its own leaves its workers behind."""
        for process in self._running.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def pods(environment: Mapping[str, str], count: int) -> Iterator[Pods]:
    found = Pods(environment)
    try:
        for _each in range(count):
            found.add()
        yield found
    finally:
        found.end()


def save(port: int, secret: str, name: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {"Host": "alpha.localhost", "Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        connection.request("POST", f"/api/v1/{CUSTOMERS}/", json.dumps({"name": name}), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@pytest.mark.committed
@pytest.mark.req("PLT-07", part="saving during a rolling restart")
def test_saving_goes_on_while_web_processes_are_replaced(
    alpha: Current,
    process_environment: Mapping[str, str],
    member_factory: MemberFactory,
    plugins_on: Callable[..., None],
) -> None:
    with tenant(alpha):
        plugins_on("customers")
        boss = member_factory("admin", name="周敏")
        _, secret = tokens.make(boss.actor, name="rolling")
    environment = {
        **process_environment, "DJANGO_SETTINGS_MODULE": "kezhou.testing.settings", "KEZHOU_TEST_POOL": "yes",
        "KEZHOU_SECRET_KEY": "rolling",
    }  # fmt: skip
    rolled = threading.Event()
    codes: list[int] = []

    def work(client: int) -> list[int]:
        seen: list[int] = []
        while not rolled.is_set() or len(seen) < AT_LEAST // CLIENTS:
            seen.append(save(running.next(), secret, f"锦程{client}号旅行社{len(seen)}"))
        return seen

    with pods(environment, 2) as running, ThreadPoolExecutor(CLIENTS) as clients:
        jobs = [clients.submit(work, number) for number in range(CLIENTS)]
        for _each in range(2):
            codes.append(running.replace())
        rolled.set()
        answers = [status for job in jobs for status in job.result()]

    with tenant(alpha):
        kept = count(boss.actor, CUSTOMERS, ListRequest())
    assert codes == [0, 0]
    assert (set(answers), kept) == ({201}, len(answers))


def test_a_process_of_a_cluster_is_told_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "KEZHOU_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)

    assert main(["serve", "web"]) == 1

    told = capsys.readouterr().err
    assert told.startswith("`kezhou serve` needs DATABASE_URL, BROKER_URL, CACHE_URL, KEZHOU_SECRET_KEY;")


def test_a_command_is_told_that_the_database_does_not_answer(process_environment: Mapping[str, str]) -> None:
    port = free_port()
    away = f"postgres://kezhou:secret@127.0.0.1:{port}/kezhou"
    environment = {**process_environment, "DATABASE_URL": away, "KEZHOU_POOL": "no", "KEZHOU_SECRET_KEY": "away"}
    environment["DJANGO_SETTINGS_MODULE"] = "kezhou.settings"

    ended = subprocess.run(
        [sys.executable, "-m", "kezhou.cli", "upgrade"], env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    told = f"The database kezhou at 127.0.0.1:{port} for kezhou cannot be reached (DATABASE_URL): "
    assert told in ended.stderr
    assert not {"secret", "Traceback"} & set(ended.stderr.split())


def test_signs_of_life_are_noticed_and_grow_old(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEZHOU_HOME", str(tmp_path))
    monkeypatch.setattr(alive, "_touched", {})

    assert main(["alive", "indexer"]) == 1
    alive.note("indexer")
    assert main(["alive", "indexer"]) == 0
    assert main(["alive", "indexer", "--within", "-1"]) == 1
    assert capsys.readouterr().out.count("The indexer has given no sign of life") == 2
