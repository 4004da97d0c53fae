"""``kezhou plugin list`` and ``kezhou plugin check NAME``."""

import argparse

from kezhou.local.plugin_quality import findings
from kezhou.plugins import manifests


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="what", required=True)
    commands.add_parser("list", help="the installed plugins")
    check = commands.add_parser("check", help="hold a plugin against the quality list")
    check.add_argument("names", nargs="+", metavar="NAME")


def run(options: argparse.Namespace) -> int:
    if options.what == "list":
        for name, manifest in manifests().items():
            print(f"{name:<14}{manifest.title}  {manifest.summary}")
        return 0
    objections = 0
    for name in options.names:
        if name not in manifests():
            print(f"{name}: no plugin of that name is installed; there are {', '.join(manifests())}.")
            objections += 1
            continue
        found = findings(name)
        objections += len(found)
        print(f"{name}: nothing to object." if not found else "\n".join(f"{name}: {finding}" for finding in found))
    return 1 if objections else 0
