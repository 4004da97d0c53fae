"""Reading one file in a process of its own: bounded in memory and time, and what it breaks is only itself.

Run as `python -m kezhou.files.texts.child PATH NAME`; writes the text to standard output. Imports no Django.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kezhou.files.texts.formats import Locked, Unreadable, text_of

State = Literal["read", "cut", "locked", "unreadable", "broken", "slow"]
SECONDS = 60
_MEMORY = 1024 * 1024 * 1024
_CUT, _LOCKED, _UNREADABLE, _BROKEN = 10, 11, 12, 13
_STATES: dict[int, State] = {0: "read", _CUT: "cut", _LOCKED: "locked", _UNREADABLE: "unreadable"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a file: its text, and in which state that is."""

    state: State
    text: str = ""


def read(path: Path, name: str, *, seconds: float = SECONDS) -> Reading:
    """The text of a file; never raises for what the file does to its reader."""
    command = [sys.executable, "-m", "kezhou.files.texts.child", str(path), name]
    environment = {"PYTHONPATH": ":".join(entry for entry in sys.path if entry), "PYTHONIOENCODING": "utf-8"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return Reading("slow")
    state = _STATES.get(done.returncode, "broken")
    return Reading(state, done.stdout.decode(errors="ignore") if state in {"read", "cut"} else "")


def main() -> int:
    """Write the text of the file named on the command line; the exit code says how it went."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        text, cut = text_of(Path(sys.argv[1]), sys.argv[2])
    except Locked:
        return _LOCKED
    except Unreadable:
        return _UNREADABLE
    except Exception as error:  # noqa: BLE001  # a library may raise anything for a broken file; the parent notes it
        sys.stderr.write(repr(error))
        return _BROKEN
    sys.stdout.write(text)
    return _CUT if cut else 0


if __name__ == "__main__":
    sys.exit(main())
