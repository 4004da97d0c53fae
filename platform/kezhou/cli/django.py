"""``kezhou django [--tenant SLUG | --control] COMMAND …``: Django's management commands, in a named place.

Without a place a command that executes SQL fails with NoTenant: there is no default company.
"""

import argparse

from django.core.management import execute_from_command_line

from kezhou.cli.entrance import company
from tenants.context import in_control_plane


def arguments(parser: argparse.ArgumentParser) -> None:
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--tenant", help="run inside this company")
    place.add_argument("--control", action="store_true", help="run in the shared schema")
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND", help="the command and its options")


def run(options: argparse.Namespace) -> int:
    words = ["kezhou django", *options.words]
    if options.tenant:
        with company(options.tenant):
            execute_from_command_line(words)
    elif options.control:
        in_control_plane(execute_from_command_line)(words)
    else:
        execute_from_command_line(words)
    return 0
