"""``kezhou bootstrap``: the part of ``kezhou run`` between the services and the processes."""

import argparse

from kezhou.local.bootstrap import bootstrap
from tenants import outbox


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--after-restore", action="store_true", help="only renumber the outbox of a restored database")


def run(options: argparse.Namespace) -> int:
    if options.after_restore:
        outbox.after_restore()
        return 0
    return bootstrap(lambda sentence: print(sentence, flush=True))
