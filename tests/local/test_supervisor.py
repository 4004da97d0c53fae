"""The supervisor over real processes: order, restart with growing pauses, orderly end, nothing left behind."""

import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kezhou.local import service
from kezhou.local.logs import Console
from kezhou.local.problems import LocalProblem
from kezhou.local.supervisor import Interrupted, Program, Supervisor, command

PATIENT = "import time\nprint('ready', flush=True)\ntime.sleep(60)"


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(
        Console(io.StringIO()), log_folder=tmp_path / "log", state_file=tmp_path / "run" / "state.json", facts={}
    )
    yield made
    made.stop()


def program(code: str, tmp_path: Path, *, name: str = "child", **more: object) -> Program:
    start = command([sys.executable, "-u", "-c", textwrap.dedent(code)], environment=os.environ, folder=tmp_path)
    return Program(name=name, start=start, **more)  # type: ignore[arg-type]


def told(supervisor: Supervisor) -> str:
    stream = supervisor.console.stream
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


def turn_until(supervisor: Supervisor, reached: Callable[[], bool], *, within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not reached():
        assert time.monotonic() < deadline, told(supervisor)
        supervisor._turn(timeout=0.05)


def pid_of(supervisor: Supervisor, name: str = "child") -> int | None:
    processes = json.loads(supervisor.state_file.read_text())["processes"]
    return next(process["pid"] for process in processes if process["name"] == name)


def test_output_goes_to_console_and_log_with_its_name(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.launch(program(PATIENT, tmp_path))

    turn_until(supervisor, lambda: "ready" in told(supervisor))

    assert "child     | ready" in told(supervisor)
    assert (tmp_path / "log" / "child.log").read_text().endswith(" ready\n")


def test_a_killed_process_starts_again_and_is_told(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.launch(program(PATIENT, tmp_path))
    before = pid_of(supervisor)
    os.kill(before or 0, signal.SIGKILL)

    turn_until(supervisor, lambda: pid_of(supervisor) not in {None, before})

    assert "The process child was ended by signal 9; it starts again in 0.5 s." in told(supervisor)


def test_the_pause_doubles_while_a_process_keeps_dying(supervisor: Supervisor, tmp_path: Path) -> None:
    marker = tmp_path / "first"
    code = f"""
        import pathlib, sys, time
        first = not pathlib.Path({str(marker)!r}).exists()
        pathlib.Path({str(marker)!r}).touch()
        time.sleep(0.5 if first else 0)
        sys.exit('no more paper')
    """
    supervisor.launch(program(code, tmp_path))

    turn_until(supervisor, lambda: told(supervisor).count("starts again") == 3)

    lines = [line for line in told(supervisor).splitlines() if "starts again" in line]
    assert ["0.5 s" in lines[0], "1.0 s" in lines[1], "2.0 s" in lines[2]] == [True, True, True]
    assert lines[1].endswith("Its last words: no more paper")


def test_what_ends_right_away_stops_the_start_with_its_last_words(supervisor: Supervisor, tmp_path: Path) -> None:
    failing = program("import sys; sys.exit('there is no room')", tmp_path, ready=lambda: False)

    with pytest.raises(
        LocalProblem, match=r"The process child ended right after its start: there is no room; see .*child\.log"
    ):
        supervisor.launch(failing)


def test_what_is_never_ready_stops_the_start(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(LocalProblem, match="was not ready within 1 seconds"):
        supervisor.launch(program(PATIENT, tmp_path, ready=lambda: False, ready_within=1.0))


def test_the_highest_layer_stops_first(supervisor: Supervisor, tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = f"""
        import signal, sys, time
        def end(*_):
            time.sleep(0.3)
            open({str(order)!r}, "a").write(NAME)
            sys.exit(0)
        signal.signal(signal.SIGTERM, end)
        print("ready", flush=True)
        time.sleep(60)
    """
    supervisor.launch(program(f"NAME = 'd'\n{textwrap.dedent(code)}", tmp_path, name="database", layer=0))
    supervisor.launch(program(f"NAME = 'w'\n{textwrap.dedent(code)}", tmp_path, name="web", layer=1))
    turn_until(supervisor, lambda: told(supervisor).count("ready") == 2)

    supervisor.stop()

    assert order.read_text() == "wd"
    assert not supervisor.state_file.exists()


def test_a_process_deaf_to_the_signal_is_killed_with_its_children(supervisor: Supervisor, tmp_path: Path) -> None:
    code = """
        import signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print(child.pid, flush=True)
        time.sleep(60)
    """
    supervisor.launch(program(code, tmp_path, patience=0.5))
    turn_until(supervisor, lambda: "child     | " in told(supervisor))
    grandchild = int(told(supervisor).split("|")[1])

    supervisor.stop()

    assert "did not stop within 0 s and was killed" in told(supervisor)
    assert not service.is_alive(grandchild)


def test_a_stop_during_the_start_is_obeyed(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.stop_asked = 1

    with pytest.raises(Interrupted):
        supervisor.launch(program(PATIENT, tmp_path, ready=lambda: False))


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = f"""
        import io, os, sys, time
        from pathlib import Path
        from kezhou.local.logs import Console
        from kezhou.local.supervisor import Program, Supervisor, command
        place = Path({str(tmp_path)!r})
        boss = Supervisor(Console(io.StringIO()), log_folder=place, state_file=place / "state", facts={{}})
        start = command([sys.executable, "-c", "import time; time.sleep(60)"], environment=os.environ, folder=place)
        boss.launch(Program(name="child", start=start))
        print(boss.children[0].process.pid, flush=True)
        time.sleep(60)
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(place for place in sys.path if place)}
    boss = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert boss.stdout is not None
    child = int(boss.stdout.readline())
    assert service.is_alive(child)

    boss.kill()
    boss.wait()
    boss.stdout.close()

    deadline = time.monotonic() + 5
    while service.is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not service.is_alive(child)
