"""Reading one sheet of a large workbook in a process of its own: the reader holds the whole sheet, the worker must not.

Run as `python -m kezhou.exchange.spool WORKBOOK SHEET OUT`; writes one JSON list of cells per row. Imports no Django.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

BROKEN = 3
_SECONDS = 300


def spooled(path: Path, sheet: int) -> Iterator[list[Any]]:
    """The rows of a sheet, read by a child process into a file beside the workbook; later calls read that file.

    Raises ValueError when the workbook cannot be read.
    """
    out = path.with_name(f"{path.name}.{sheet}.rows")
    if not out.exists():
        partial = out.with_suffix(".partial")
        command = [sys.executable, "-m", "kezhou.exchange.spool", str(path), str(sheet), str(partial)]
        environment = {"PYTHONPATH": ":".join(entry for entry in sys.path if entry)}
        done = subprocess.run(command, env=environment, capture_output=True, timeout=_SECONDS, check=False)
        if done.returncode:
            raise ValueError(f"Reading sheet {sheet} failed: {done.stderr.decode(errors='replace')[-500:]}")
        partial.rename(out)
    with out.open("rb") as lines:
        for line in lines:
            yield orjson.loads(line)


def main() -> int:
    """Write the rows of the sheet named on the command line."""
    from python_calamine import CalamineError, load_workbook

    path, sheet, out = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    try:
        with load_workbook(path) as book, out.open("wb") as file:
            for row in book.get_sheet_by_index(sheet).iter_rows():
                file.write(orjson.dumps(row, default=str, option=orjson.OPT_APPEND_NEWLINE))
    except (CalamineError, OSError, ValueError) as wrong:
        sys.stderr.write(str(wrong))
        return BROKEN
    return 0


if __name__ == "__main__":
    sys.exit(main())
