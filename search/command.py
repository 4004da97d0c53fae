"""`kezhou search`: the indexer process, rebuilding and checking indexes."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from search import keeping
from search.engines import engine
from search.engines.base import EngineAway
from search.engines.pointer import FileLock
from tenants import directory, outbox
from tenants.context import Current, tenant

SUMMARY = "Keep, rebuild and check the search indexes"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Sub-commands of `kezhou search`."""
    commands = parser.add_subparsers(dest="what", required=True)
    commands.add_parser(
        "index", help="the process that writes indexes; one per folder of indexes, or any number with Elasticsearch"
    )
    for name, said in (("rebuild", "build indexes anew and switch"), ("check", "compare indexes with the database")):
        command = commands.add_parser(name, help=said)
        command.add_argument("--tenant", metavar="SLUG", help="only this company")
        if name == "check":
            command.add_argument("--repair", action="store_true", help="put the differences right")


def run(options: argparse.Namespace) -> int:
    """Runs the chosen sub-command; returns the exit code."""
    if options.what == "index":
        return _index()
    places = _places(options.tenant)
    if not places:
        print(f"There is no company with the short name {options.tenant!r}.", file=sys.stderr)
        return 2
    return _rebuild(places) if options.what == "rebuild" else _check(places, repair=options.repair)


def status() -> dict[str, float]:
    """For `kezhou status`: how far the indexer is behind."""
    lag = outbox.lag("search")
    return {"lag_seconds": lag.seconds, "waiting": lag.events}


def _places(slug: str | None) -> tuple[Current, ...]:
    return tuple(place for place in directory.tenants() if slug is None or place.slug == slug)


def _index() -> int:
    from search.analysis.segmenter import segmenter
    from search.indexer import Indexer

    lock = FileLock(Path(settings.KEZHOU_SEARCH_DIR) / "indexer.lock")
    if not settings.KEZHOU_ELASTICSEARCH_URL and not lock.try_lock():
        print("Another indexer is already at work in this search folder; one is enough.", file=sys.stderr)
        return 1
    indexer = Indexer(engine())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, indexer.stop)
    segmenter()
    logging.getLogger("kezhou.search").info("indexer started")
    indexer.run()
    return 0


def _rebuild(places: Iterable[Current]) -> int:
    for place in places:
        with tenant(place):
            print(f"{place.slug}: {keeping.rebuild(engine())} records indexed")
    return 0


def _check(places: Iterable[Current], *, repair: bool) -> int:
    wrong = 0
    for place in places:
        with tenant(place):
            wrong += not _checked(place, repair=repair)
    return 1 if wrong and not repair else 0


def _checked(place: Current, *, repair: bool) -> bool:
    try:
        report = keeping.check(engine(), repair=repair)
    except EngineAway:
        print(f"{place.slug}: no index" + (f", built with {keeping.rebuild(engine())} records" if repair else ""))
        return False
    found = f"{report.missing} missing, {report.outdated} outdated, {report.surplus} surplus"
    print(f"{place.slug}: {report.checked} records, {found}{', repaired' if repair and not report.right else ''}")
    return report.right
