"""Background duties of the engine."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from kezhou.access.actor import System
from kezhou.records import purging, recycling, wordindex
from kezhou.records.catalogue import shaped
from kezhou.records.dictionary import merging
from kezhou.records.indexing import WAITING, build_all
from kezhou.records.models import CustomField
from tenants.tasks import periodic, task


@task(name="records.build_indexes")
def build_indexes() -> tuple[int, int]:
    """Build the indexes of own fields that wait for one, drop those no longer wanted; (built, failed)."""
    return build_all()


@task(name="records.empty_recycle_bin")
def empty_recycle_bin() -> int:
    """Remove for good what lies in the recycle bin longer than the company keeps it."""
    return recycling.empty_old()


def wanting() -> bool:
    """True when something waits in the present tenant."""
    waits = Q(index_state__in=WAITING) | Q(unique_state__in=WAITING)
    return CustomField.objects.filter(waits).exists()


KINDS = (merging.MERGE, merging.SPLIT, purging.PURGE)
"""Jobs of the engine: named here so that every process knows them."""


@task(name="records.index_words")
def index_words() -> int:
    """Build the word index of every table that has become large; how many were built."""
    found = shaped(System("word indexes of large tables")).types
    return sum(wordindex.build(spec) for spec in wordindex.wanted(found))


def _large() -> bool:
    return bool(wordindex.wanted(shaped(System("word indexes of large tables")).types))


def put_on_schedule() -> None:
    """Leftovers of failed builds are tried again every quarter of an hour; the recycle bin is looked at once a day."""
    periodic(build_indexes, every=timedelta(minutes=15), needed=lambda place: wanting())
    periodic(index_words, every=timedelta(minutes=10), needed=lambda place: _large())
    periodic(empty_recycle_bin, every=timedelta(days=1), needed=lambda place: recycling.wanted())
