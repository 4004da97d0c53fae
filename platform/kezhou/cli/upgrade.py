"""``kezhou upgrade``."""

import argparse

from kezhou.local.bootstrap import SOME_FAILED, upgrade


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, default=2, help="companies at once (default: 2)")
    parser.add_argument(
        "--lenient", action="store_true", help="exit code 0 although a company stays at its earlier version, as told"
    )


def run(options: argparse.Namespace) -> int:
    code = upgrade(jobs=options.jobs, say=print)
    return 0 if options.lenient and code == SOME_FAILED else code
