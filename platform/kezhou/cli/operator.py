"""``kezhou operator NAME --login LOGIN``: somebody who runs this installation gets a sign-in to its console."""

import argparse
import secrets
import sys

from kezhou.access.accounts import AccountProblem
from kezhou.access.actor import System
from kezhou.access.staff import enrol
from tenants.context import tenant
from tenants.directory import address_of
from tenants.provisioning import ensure_ops


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="the operator's name, as histories show it")
    parser.add_argument("--login", required=True, help="the user name to sign in with")
    parser.add_argument("--email", default="", help="for letters and forgotten passwords")


def run(options: argparse.Namespace) -> int:
    """Make the operator and print address and password once; the password can be changed after the sign-in."""
    password = secrets.token_urlsafe(12)
    place = ensure_ops()
    with tenant(place):
        try:
            enrol(
                System("the command line makes an operator"),
                name=options.name, username=options.login, email=options.email, password=password, roles=("admin",),
            )  # fmt: skip
        except AccountProblem as problem:
            print(problem, file=sys.stderr)
            return 2
    print(f"{address_of(place, '/ops/companies')}  {options.login} / {password}")
    return 0
