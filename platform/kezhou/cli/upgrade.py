"""``kezhou upgrade``."""

import argparse

from kezhou.local.bootstrap import upgrade


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, default=2, help="companies at once (default: 2)")


def run(options: argparse.Namespace) -> int:
    return upgrade(jobs=options.jobs, say=print)
