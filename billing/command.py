"""`kezhou plan`: what the operator decides about a company's plan."""

from __future__ import annotations

import argparse
import sys

from billing.console import deeds
from billing.plans import plans, present_plan
from tenants.context import tenant
from tenants.directory import find_by_slug, tenants
from tenants.states import EFFECTS

SUMMARY = "Show the plans and put a company on one"


def arguments(parser: argparse.ArgumentParser) -> None:
    """`kezhou plan` lists, `kezhou plan COMPANY` tells, `kezhou plan COMPANY PLAN` changes."""
    parser.add_argument("company", nargs="?", help="the short address name of a company")
    parser.add_argument("plan", nargs="?", help="the key of the plan that it gets")


def run(options: argparse.Namespace) -> int:
    """Runs it; returns the exit code."""
    if options.company is None:
        return _list()
    place = find_by_slug(options.company)
    if place is None:
        print(f"There is no company with the short name {options.company!r}.", file=sys.stderr)
        return 2
    if options.plan is not None:
        known = [plan.key for plan in plans()]
        if options.plan not in known:
            print(f"There is no plan {options.plan!r}. There are: {', '.join(known)}.", file=sys.stderr)
            return 2
        try:
            deeds.put_on(place.pk, plan=options.plan, until=None, by="kezhou plan")
        except deeds.DeedRefused as error:
            print(error, file=sys.stderr)
            return 2
    with tenant(place):
        print(f"{place.slug}: {present_plan().key} ({present_plan().name})")
    return 0


def _list() -> int:
    for plan in plans():
        limits = [
            f"{value} {name}"
            for name, value in (
                ("seats", plan.seats),
                ("fields per type", plan.fields),
                ("own record types", plan.own_types),
                ("MB of files", plan.storage),
            )
            if value
        ]
        print(f"{plan.key:10} {plan.name}  {', '.join(limits) or 'without limits'}")
    for place in tenants(states=EFFECTS):
        with tenant(place):
            print(f"  {place.slug:20} {present_plan().key}")
    return 0
