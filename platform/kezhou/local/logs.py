"""Log files of the supervised processes (rotated) and the console of the supervisor."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

LARGEST = 10 * 2**20
KEPT = 5
COLOURS = {"postgres": 36, "valkey": 35, "web": 32, "worker": 34, "scheduler": 33, "indexer": 31}


class RotatingLog:
    """Lines of one process, each with its time; a full file moves to ``name.log.1`` and so on up to ``KEPT``."""

    def __init__(self, path: Path, *, largest: int = LARGEST, kept: int = KEPT) -> None:
        self.path = path
        self.largest = largest
        self.kept = kept
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open("a", encoding="utf-8")

    def write(self, line: str) -> None:
        self._stream.write(f"{time.strftime('%Y-%m-%d %H:%M:%S%z')} {line}\n")
        self._stream.flush()
        if self._stream.tell() > self.largest:
            self._rotate()

    def close(self) -> None:
        self._stream.close()

    def _rotate(self) -> None:
        self._stream.close()
        for number in range(self.kept - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            if older.exists():
                older.replace(self.path.with_name(f"{self.path.name}.{number + 1}"))
        self.path.replace(self.path.with_name(f"{self.path.name}.1"))
        self._stream = self.path.open("a", encoding="utf-8")


class Console:
    """What the operator sees: our sentences, and the processes' lines with their name before them."""

    def __init__(self, stream: IO[str] | None = None, *, hidden: Callable[[str], bool] = lambda line: False) -> None:
        """``hidden`` says which lines of processes are not worth the console."""
        self.stream = stream or sys.stdout
        self.hidden = hidden
        self.colours = self.stream.isatty() and "NO_COLOR" not in os.environ

    def say(self, sentence: str = "") -> None:
        self._print(sentence)

    def line(self, name: str, text: str) -> None:
        if self.hidden(text):
            return
        mark = f"{name:<9} |"
        if self.colours:
            mark = f"\033[{COLOURS.get(name, 37)}m{mark}\033[0m"
        self._print(f"{mark} {text}")

    def _print(self, text: str) -> None:
        try:
            print(text, file=self.stream, flush=True)
        except (BrokenPipeError, OSError):
            self.stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # the reader went away; logs go on
        except UnicodeEncodeError:
            print(text.encode("ascii", "backslashreplace").decode(), file=self.stream, flush=True)
