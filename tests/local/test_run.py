"""`make run`, whole: from an empty folder to the printed address, through every kind of death, and back down.

One installation for all tests of this module, in their order: a start costs seconds.
"""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser

from kezhou.local import leftovers, ports
from kezhou.local.messages import Message, append
from tests.e2e import journey
from tests.local.conftest import new_place

pytestmark = pytest.mark.long
CHECKOUT = Path(__file__).resolve().parents[2]
NAMES = {"supervisor", "postgres", "valkey", "web", "worker", "scheduler", "indexer"}
START_SECONDS = 240.0


class Running:
    """One `make run` (or `kezhou run`, where the environment was not made by make) and what it has said."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.process: subprocess.Popen[bytes] | None = None
        self.output = home.parent / "output"

    def start(self) -> None:
        made_by_make = (CHECKOUT / ".venv" / ".kezhou-test").exists()
        words = (
            ["make", "--no-print-directory", "run", f"FOLDER={self.home}", f"PORT={self.port}"]
            if made_by_make
            else [sys.executable, "-m", "kezhou.cli", "run", "--home", str(self.home), "--port", str(self.port)]
        )
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                words, cwd=CHECKOUT, env=environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        wait_until(lambda: "Kezhou runs at" in self.said() or self.ended(), START_SECONDS, self.said)
        assert "Kezhou runs at" in self.said(), self.said()

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace") if self.output.exists() else ""

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def supervisor(self) -> int:
        return int(json.loads((self.home / "run" / "state.json").read_text())["pid"])

    def stop(self) -> None:
        if not self.ended():
            os.kill(self.supervisor(), signal.SIGINT)
            assert self.process is not None
            self.process.wait(timeout=90)

    def kezhou(self, *words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "kezhou.cli", *words]
        return subprocess.run(command, cwd=CHECKOUT, env=environment(), capture_output=True, text=True, check=False)

    def status(self) -> dict[str, object]:
        return dict(json.loads(self.kezhou("status", "--json", "--home", str(self.home)).stdout))

    def pid(self, name: str) -> int | None:
        processes = self.status()["processes"]
        assert isinstance(processes, list)
        return next((process["pid"] for process in processes if process["name"] == name), None)

    def get(self, host: str, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(ports.LOOPBACK, self.port, timeout=20)
        try:
            connection.request("GET", path, headers={"Host": f"{host}:{self.port}"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()


def environment() -> dict[str, str]:
    """The operator's shell: nothing of the test session's own settings."""
    own = ("KEZHOU_", "DJANGO_", "DATABASE_", "BROKER_", "CACHE_", "EMAIL_", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return {**kept, "PYTHONPATH": os.pathsep.join(place for place in sys.path if place)}


def wait_until(reached: Callable[[], bool], seconds: float, said: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, said()
        time.sleep(0.2)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    place = new_place()
    made = Running(place / "home", ports.free_port())
    made.start()
    yield made
    made.stop()
    assert leftovers.find(made.home) == []
    shutil.rmtree(place, ignore_errors=True)


@pytest.mark.req("PLT-08", part="one command on one machine")
def test_the_start_ends_with_the_address_and_a_login_per_role(running: Running) -> None:
    said = running.said()

    assert f"Kezhou runs at http://localhost:{running.port} (ready after " in said
    found = re.findall(r"^  (\S+): http://demo\.localhost:\d+(/\S*)  \S+ / \S+$", said, re.MULTILINE)
    assert found == [("管理员", "/"), ("主管", "/"), ("销售", "/"), ("客服", "/"), ("客户门户", "/portal/")]
    assert "Traceback" not in said


def test_public_site_demo_company_and_styles_answer_and_a_stranger_is_404(running: Running) -> None:
    assert running.get("localhost", "/")[0] == 200
    status, page = running.get("demo.localhost", "/account/sign-in")
    assert status in {200, 301, 302}, page
    assert running.get("nobody.localhost", "/")[0] == 404
    style = re.search(r"/static/[^\"]+\.css", running.get("localhost", "/")[1])
    assert style is not None
    assert running.get("localhost", style[0])[0] == 200


def test_status_says_what_runs_where_and_how_far_behind(running: Running) -> None:
    wait_until(lambda: "search" in running.status()["consumers"], 60, running.said)  # type: ignore[operator]
    found = running.status()

    assert {process["name"] for process in found["processes"]} == NAMES  # type: ignore[attr-defined]
    assert {process["state"] for process in found["processes"]} == {"running"}  # type: ignore[attr-defined]
    assert sorted(found["ports"]) == ["postgres", "valkey", "web"]  # type: ignore[call-overload]
    assert found["address"] == f"http://localhost:{running.port}"
    assert "celery" in found["queues"]  # type: ignore[operator]
    assert found["problems"] == []


def test_messages_are_shown_while_it_runs(running: Running) -> None:
    append(
        running.home / "messages.jsonl", Message(channel="mail", to="li@example.com", subject="验证码", text="483920")
    )

    wait_until(lambda: "[mail] li@example.com: 验证码\n    483920" in running.said(), 10, running.said)


def test_a_second_start_in_the_same_folder_is_refused(running: Running) -> None:
    refused = running.kezhou("run", "--home", str(running.home), "--port", str(ports.free_port()))

    assert refused.returncode == 1
    assert "works on" in refused.stderr
    assert "already" in refused.stderr


def test_a_start_on_the_same_port_is_refused(running: Running, tmp_path: Path) -> None:
    refused = running.kezhou("run", "--home", str(tmp_path / "other"), "--port", str(running.port))

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Port {running.port} is taken by ")


@pytest.mark.parametrize("name", sorted(NAMES - {"supervisor"}))
def test_a_killed_process_comes_back(running: Running, name: str) -> None:
    before = running.pid(name)
    assert before is not None
    os.kill(before, signal.SIGKILL)

    wait_until(lambda: running.pid(name) not in {None, before}, 60, running.said)
    wait_until(lambda: running.get("localhost", "/")[0] == 200 if answers(running) else False, 60, running.said)

    assert f"The process {name} was ended by signal 9; it starts again" in running.said()


def answers(running: Running) -> bool:
    try:
        running.get("localhost", "/-/health")
    except (OSError, http.client.HTTPException):
        return False
    return True


@pytest.fixture(scope="module")
def saved(running: Running) -> Path:
    """A backup, made while everything runs."""
    file = running.home.parent / "one.backup"
    ran = running.kezhou("backup", "--home", str(running.home), str(file))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Saved to ")
    return file


def test_a_running_installation_is_saved(saved: Path) -> None:
    assert zipfile.is_zipfile(saved)


def test_after_kill_minus_nine_of_everything_the_next_start_recovers(running: Running) -> None:
    pids = {process.pid for process in leftovers.find(running.home)} | {running.supervisor()}
    pids |= {running.pid("postgres") or 0, running.pid("valkey") or 0} - {0}
    for pid in pids:
        try:
            psutil.Process(pid).kill()
        except psutil.NoSuchProcess:
            continue
    assert running.process is not None
    running.process.wait(timeout=30)
    assert running.kezhou("status", "--home", str(running.home)).returncode == 3

    running.start()

    assert running.get("localhost", "/")[0] == 200


def test_when_only_the_supervisor_was_killed_the_next_start_cleans_up(running: Running) -> None:
    os.kill(running.supervisor(), signal.SIGKILL)
    assert running.process is not None
    running.process.wait(timeout=30)

    running.start()

    assert running.get("localhost", "/")[0] == 200


def test_an_orderly_stop_leaves_nothing_and_the_second_start_takes_seconds(running: Running) -> None:
    running.stop()
    assert running.said().rstrip().endswith("Stopped.")
    assert leftovers.find(running.home) == []
    assert not (running.home / "postgres" / "data" / "postmaster.pid").exists()

    running.start()

    seconds = int(re.findall(r"ready after (\d+) s", running.said())[-1])
    assert seconds < 45, running.said()  # a few on a quiet machine; test machines are shared


def test_the_backup_comes_back_in_another_folder(running: Running, saved: Path) -> None:
    place = new_place()

    restored = running.kezhou("restore", "--home", str(place / "home"), str(saved))
    count = "from django.db import connection as c; k = c.cursor(); k.execute('SELECT count(*) FROM access_member'); print(k.fetchone()[0])"
    words = ("--tenant", "demo", "shell", "--no-imports", "--command", count)
    there = running.kezhou("django", "--home", str(place / "home"), *words)
    here = running.kezhou("django", "--home", str(running.home), *words)

    assert restored.returncode == 0, restored.stderr
    assert there.stdout.strip() == here.stdout.strip() != "0", there.stderr + here.stderr
    shutil.rmtree(place, ignore_errors=True)


@pytest.mark.browser
@pytest.mark.req("TEN-01", part="the whole journey")
@pytest.mark.req("IMX-01", part="the whole journey")
@pytest.mark.req("SRH-01", part="customers, contacts, opportunities")
def test_a_company_signs_up_imports_its_spreadsheet_and_finds_a_customer(running: Running, chrome: Browser) -> None:
    with journey.window(chrome) as page:
        journey.walk(running, page)
