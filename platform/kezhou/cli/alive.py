"""``kezhou alive``: what a cluster asks a process that answers no requests."""

import argparse

from kezhou.local.alive import lives
from kezhou.local.roles import ROLES


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("role", choices=[role for role in ROLES if role != "web"])
    parser.add_argument("--within", type=float, default=120.0, help="seconds since the last sign (default: 120)")


def run(options: argparse.Namespace) -> int:
    if lives(options.role, within=options.within):
        return 0
    print(f"The {options.role} has given no sign of life for {options.within:g} seconds.")
    return 1
