"""Keeps a set of processes running: starts them in order, restarts what dies, stops all in reverse.

One thread: a selector over the processes' output and a self-pipe for signals. Every process leads a session of its
own, so that Ctrl-C reaches only the supervisor and a dead leader's children can be ended with it; each is told by the
kernel when the supervisor is gone, however it went.
"""

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from kezhou.local.logs import Console, RotatingLog
from kezhou.local.problems import LocalProblem
from kezhou.local.service import die_with_parent

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY_AFTER = 60.0  # seconds of running after which earlier deaths are forgotten
TURN = 0.25


class Interrupted(Exception):
    """A stop was asked for while the start was still going on."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """How one process is started, known to be ready, and stopped.

    Args:
        start: starts it with this file descriptor as its output; raises LocalProblem when it cannot.
        layer: those of the highest layer are stopped first, all at once.
        patience: seconds between the stop signal and the kill of its whole group.
    """

    name: str
    start: Callable[[int], "subprocess.Popen[bytes]"]
    ready: Callable[[], bool] = lambda: True
    ready_within: float = 60.0
    stop_signal: int = signal.SIGTERM
    patience: float = 10.0
    layer: int = 1


@dataclass(kw_only=True)
class Child:
    """A program and what has become of it."""

    program: Program
    log: RotatingLog
    process: "subprocess.Popen[bytes] | None" = None
    state: str = "waiting"  # waiting, starting, running, ended
    since: float = field(default_factory=time.time)
    deaths: list[float] = field(default_factory=list)
    next_try: float = 0.0
    ready_asked: float = 0.0
    last_line: str = ""

    @property
    def name(self) -> str:
        return self.program.name


def command(
    arguments: Sequence[str], *, environment: Mapping[str, str], folder: Path
) -> Callable[[int], "subprocess.Popen[bytes]"]:
    """A ``Program.start`` for a plain command with exactly this environment."""

    def start(output: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            list(arguments), env=dict(environment), cwd=folder, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )  # fmt: skip

    return start


class Supervisor:
    """See the module; ``state_file`` is rewritten whenever a process changes its state."""

    def __init__(self, console: Console, *, log_folder: Path, state_file: Path, facts: Mapping[str, object]) -> None:
        self.console = console
        self.log_folder = log_folder
        self.state_file = state_file
        self.facts = dict(facts)
        self.children: list[Child] = []
        self.stop_asked = 0
        self.every_turn: list[Callable[[], None]] = []
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        for end in (self._wake_read, self._wake_write):
            os.set_blocking(end, False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._drain_wake)

    # -- what the start uses -----------------------------------------------------------------------------------

    def listen_to_signals(self) -> None:
        """From now on SIGINT, SIGTERM and SIGHUP ask for an orderly stop; a second one makes it a quick one."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)

    def launch(self, *programs: Program) -> None:
        """Start programs at once and wait until all are ready.

        Raises:
            LocalProblem: one of them ended, or was not ready in time.
            Interrupted: a stop was asked for.
        """
        started = []
        for program in programs:
            child = Child(program=program, log=RotatingLog(self.log_folder / f"{program.name}.log"))
            self.children.append(child)
            started.append(child)
            self._start(child)
            self._raise_if_asked()
        while any(child.state != "running" for child in started):
            self._turn()
            self._raise_if_asked()
            for child in started:
                self._check_start(child)

    def run_to_end(self, name: str, start: Callable[[int], "subprocess.Popen[bytes]"]) -> int:
        """Run a process that ends by itself (the preparation of the data); its lines go to console and log.

        Raises:
            Interrupted: a stop was asked for; the process has been ended.
        """
        program = Program(name=name, start=start, patience=20)
        child = Child(program=program, log=RotatingLog(self.log_folder / f"{name}.log"))
        self._start(child)
        assert child.process is not None
        while child.process.poll() is None:
            self._turn(restart=False)
            if self.stop_asked:
                self._end([child])
                raise Interrupted
        self._turn(restart=False)
        child.log.close()
        return child.process.returncode

    def watch(self) -> None:
        """Keep everything running until a stop is asked for."""
        while not self.stop_asked:
            self._turn()

    def stop(self) -> None:
        """Stop everything, the highest layer first; returns when no process is left."""
        for layer in sorted({child.program.layer for child in self.children}, reverse=True):
            self._end([child for child in self.children if child.program.layer == layer])
        self.state_file.unlink(missing_ok=True)
        for child in self.children:
            child.log.close()

    # -- one round ---------------------------------------------------------------------------------------------

    def _turn(self, *, restart: bool = True, timeout: float = TURN) -> None:
        for key, _ in self._selector.select(timeout):
            key.data()
        if restart:
            for child in self.children:
                self._look_after(child)
        for action in self.every_turn:
            action()

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        process = child.process
        if process is None:
            if now >= child.next_try and not self.stop_asked:
                self._start(child)
        elif process.poll() is not None:
            self._bury(child)
        elif child.state == "starting" and now - child.ready_asked > 0.1:
            child.ready_asked = now
            if child.program.ready():
                self._set(child, "running")

    def _start(self, child: Child) -> None:
        read, write = os.pipe()
        os.set_blocking(read, False)
        reader = _LineReader(read, lambda text: self._heard(child, text))
        self._selector.register(read, selectors.EVENT_READ, lambda: self._read(reader))
        try:
            child.process = child.program.start(write)
        except LocalProblem as problem:
            if child.state == "waiting" and not child.deaths:
                raise
            self.console.say(str(problem))
            self._schedule(child)
            return
        finally:
            os.close(write)
        self._set(child, "starting")

    def _check_start(self, child: Child) -> None:
        if child.state == "ended":
            raise LocalProblem(
                f"The process {child.name} ended right after its start"
                f"{f': {child.last_line}' if child.last_line else ''}; see {child.log.path}."
            )
        if child.state == "starting" and time.time() - child.since > child.program.ready_within:
            raise LocalProblem(
                f"The process {child.name} was not ready within {child.program.ready_within:.0f} seconds; "
                f"see {child.log.path}."
            )

    def _bury(self, child: Child) -> None:
        assert child.process is not None
        code = child.process.returncode
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)  # what it started must not hold its port or its data
        was_running = child.state == "running"
        child.process = None
        self._set(child, "ended")
        if not was_running and not child.deaths:
            return  # the first start failed: launch() says so
        pause = self._schedule(child)
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        times = f" for the {len(child.deaths)}th time within a minute" if len(child.deaths) > 3 else ""
        words = f" Its last words: {child.last_line}" if len(child.deaths) > 1 and child.last_line else ""
        self.console.say(f"The process {child.name} {how}{times}; it starts again in {pause:.1f} s.{words}")

    def _schedule(self, child: Child) -> float:
        now = time.monotonic()
        child.deaths = [moment for moment in child.deaths if now - moment < STEADY_AFTER] + [now]
        pause: float = min(FIRST_PAUSE * 2 ** (len(child.deaths) - 1), LONGEST_PAUSE)
        child.next_try = now + pause
        return pause

    def _end(self, children: Sequence[Child]) -> None:
        alive = [child for child in children if child.process is not None]
        for child in alive:
            assert child.process is not None
            with suppress(ProcessLookupError):
                os.kill(child.process.pid, child.program.stop_signal)
        begun = time.monotonic()
        while alive:
            self._turn(restart=False, timeout=0.05)
            for child in list(alive):
                assert child.process is not None
                patience = 1.0 if self.stop_asked > 1 and child.program.layer > 0 else child.program.patience
                ended = child.process.poll() is not None
                if ended or time.monotonic() - begun > patience:
                    with suppress(ProcessLookupError, PermissionError):
                        os.killpg(child.process.pid, signal.SIGKILL)
                    if not ended:
                        self.console.say(
                            f"The process {child.name} did not stop within {patience:.0f} s and was killed."
                        )
                        child.process.wait()
                    alive.remove(child)
                    child.process = None
                    self._set(child, "ended")

    # -- output, signals, state --------------------------------------------------------------------------------

    def _heard(self, child: Child, text: str) -> None:
        child.last_line = text
        child.log.write(text)
        self.console.line(child.name, text)

    def _read(self, reader: "_LineReader") -> None:
        if not reader.read():
            self._selector.unregister(reader.descriptor)
            os.close(reader.descriptor)

    def _set(self, child: Child, state: str) -> None:
        child.state = state
        child.since = time.time()
        self._write_state()

    def _write_state(self) -> None:
        processes = [
            {
                "name": child.name,
                "state": child.state,
                "pid": child.process.pid if child.process else None,
                "since": child.since,
                "restarts": len(child.deaths),
            }
            for child in self.children
        ]
        self.state_file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.state_file.with_suffix(".unfinished")
        unfinished.write_text(json.dumps({**self.facts, "processes": processes}, indent=1), encoding="utf-8")
        unfinished.replace(self.state_file)

    def _raise_if_asked(self) -> None:
        if self.stop_asked:
            raise Interrupted

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop_asked += 1

    def _drain_wake(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._wake_read, 4096)


class _LineReader:
    """Whole lines out of a non-blocking pipe."""

    def __init__(self, descriptor: int, line: Callable[[str], None]) -> None:
        self.descriptor = descriptor
        self._line = line
        self._rest = b""

    def read(self) -> bool:
        """Take what is there; False at the end."""
        try:
            data = os.read(self.descriptor, 65536)
        except BlockingIOError:
            return True
        *lines, self._rest = (self._rest + data).split(b"\n")
        if not data and self._rest:
            lines, self._rest = [self._rest], b""
        for line in lines:
            text = line.decode("utf-8", "replace").rstrip()
            if text:
                self._line(text)
        return bool(data)
