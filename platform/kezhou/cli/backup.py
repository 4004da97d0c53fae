"""``kezhou backup FILE``."""

import argparse
from pathlib import Path

from kezhou.local.backup import backup
from kezhou.local.checks import MEGABYTE
from kezhou.local.installation import Installation
from kezhou.local.problems import LocalProblem


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="where to; never overwritten")
    parser.add_argument("--home", type=Path, help="the installation's folder (default: KEZHOU_HOME or .kezhou)")


def run(options: argparse.Namespace) -> int:
    installation = Installation.open(options.home)
    if not installation.exists:
        raise LocalProblem(f"There is no installation in {installation.home}, so there is nothing to save.")
    with installation.services("backup"):
        manifest = backup(installation, options.file)
    size = options.file.stat().st_size / MEGABYTE
    files = len(manifest.members) - 1
    print(f"Saved to {options.file}: the database and {files} files, {size:.1f} MB.")
    return 0
