"""``kezhou status [--json]``: exit code 0 when everything runs, 1 when something does not, 3 when nothing runs."""

import argparse
from pathlib import Path

from kezhou.local.installation import Installation
from kezhou.local.status import as_json, as_text, status


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, help="the installation's folder (default: KEZHOU_HOME or .kezhou)")
    parser.add_argument("--json", action="store_true", help="the same for programs")


def run(options: argparse.Namespace) -> int:
    found = status(Installation.open(options.home))
    print(as_json(found) if options.json else as_text(found))
    if not found.running:
        return 3
    return 0 if found.health and all(process.state == "running" for process in found.processes) else 1
