"""What is searched for (SRH-05): each search is noted, and administrators see what is frequent, in vain, and slow.

Noting waits for no disk, and in web processes not even for the database (`noting`), so the answer is not slowed. Only searches
that somebody asked are noted, not what the palette finds while letters are typed, and only their first page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kezhou import parameters
from kezhou.finding.answering import find
from kezhou.finding.model import SearchRequest, SearchResult
from kezhou.finding.models import Asked
from kezhou.finding.noting import NOTES, Note
from kezhou.records.dictionaries import demand_admin
from tenants.tasks import task

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

KEEP_DAYS, SLOW = "search.keep_days", "search.slow"
MOST = 100
RECENT = 8
LOOKED_AT = 200
parameters.declare(
    parameters.Parameter(
        key=KEEP_DAYS,
        group="search",
        title=_("搜索记录保留"),
        help=_("谁搜了什么、找到多少条，保留这么多天，用来看哪些词找不到。0 表示不记录。"),
        type="number",
        default=180,
        minimum=0,
        maximum=3650,
        unit=_("天"),
        words=_("搜索统计 隐私 日志"),
    ),
    parameters.Parameter(
        key=SLOW,
        group="search",
        title=_("慢搜索"),
        help=_("超过这么多毫秒的搜索，在搜索统计里列为慢。"),
        type="number",
        default=500,
        minimum=10,
        maximum=60_000,
        unit=_("毫秒"),
        words=_("搜索统计 性能"),
    ),
)
_LINES = """
    SELECT lower(text) AS word, count(*), count(DISTINCT member), max(at), (array_agg(hits ORDER BY at DESC))[1],
           percentile_disc(0.95) WITHIN GROUP (ORDER BY milliseconds)
      FROM finding_asked WHERE at >= %s AND at < %s GROUP BY 1"""
_ORDERS = {
    "frequent": "ORDER BY 2 DESC, 4 DESC",
    "in_vain": "HAVING (array_agg(hits ORDER BY at DESC))[1] = 0 ORDER BY 2 DESC, 4 DESC",
    "slow": "HAVING percentile_disc(0.95) WITHIN GROUP (ORDER BY milliseconds) > %s ORDER BY 6 DESC",
}
REPORTS = tuple(_ORDERS)
_TOTALS = """
    SELECT count(*), count(DISTINCT member), count(*) FILTER (WHERE hits = 0), count(*) FILTER (WHERE milliseconds > %s),
           count(*) FILTER (WHERE by_database), percentile_disc(0.5) WITHIN GROUP (ORDER BY milliseconds),
           percentile_disc(0.95) WITHIN GROUP (ORDER BY milliseconds)
      FROM finding_asked WHERE at >= %s AND at < %s"""
_KINDS = """
    SELECT k.key, sum(k.value::int) FROM finding_asked, jsonb_each_text(kinds) AS k
     WHERE at >= %s AND at < %s GROUP BY 1 ORDER BY 2 DESC"""


@dataclass(frozen=True, slots=True)
class Line:
    """One text that was searched for: how often, by how many people, when last, how much it found then, and how long
    19 of 20 took at most."""

    text: str
    times: int
    people: int
    last: datetime
    hits: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Totals:
    """All searches of a period; milliseconds are those of the middle one and of 19 in 20."""

    searches: int
    people: int
    in_vain: int
    slow: int
    by_database: int
    middle: int
    most: int


def ask(actor: Actor, request: SearchRequest) -> SearchResult:
    """A search that somebody asked: its page, and a note of it."""
    found = find(actor, request)
    if request.text.strip() and request.page == 1:
        note(actor, request, found)
    return found


def note(actor: Actor, request: SearchRequest, found: SearchResult) -> None:
    """Note a search, unless the company keeps none."""
    if not parameters.whole(KEEP_DAYS, actor):
        return
    kinds = orjson.dumps({group.type: group.count for group in found.groups}).decode()
    text = request.text.strip().replace("\x00", "")
    NOTES.take(
        Note(
            timezone.now(),
            actor.member_pk,
            text,
            kinds,
            found.total,
            round(found.took * 1000),
            found.indexed_at is None,
        )
    )


def totals(actor: Actor, since: datetime, until: datetime) -> Totals:
    """The searches of a period in figures. Raises NotAllowed."""
    demand_admin(actor)
    (row,) = _rows(_TOTALS, [parameters.whole(SLOW, actor), since, until])
    return Totals(*(value or 0 for value in row))


def kinds(actor: Actor, since: datetime, until: datetime) -> tuple[tuple[str, int], ...]:
    """How many hits each kind of record gave in a period, the most first. Raises NotAllowed."""
    demand_admin(actor)
    return tuple((key, int(count)) for key, count in _rows(_KINDS, [since, until]))


def report(actor: Actor, which: str, since: datetime, until: datetime, *, most: int = MOST) -> tuple[Line, ...]:
    """What was searched for in a period: `which` of `REPORTS`. Raises NotAllowed."""
    demand_admin(actor)
    given: list[Any] = [since, until, *([parameters.whole(SLOW, actor)] if which == "slow" else []), most]
    return tuple(Line(*row) for row in _rows(f"{_LINES} {_ORDERS[which]} LIMIT %s", given))


def recent(actor: Actor) -> tuple[str, ...]:
    """What the actor searched for last, each text once."""
    if actor.member_pk is None:
        return ()
    NOTES.write_here()
    texts = Asked.objects.filter(member=actor.member_pk).order_by("-at").values_list("text", flat=True)[:LOOKED_AT]
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(text.lower(), text)
    return tuple(found.values())[:RECENT]


def forget_recent(actor: Actor) -> None:
    """Take the actor's name off what the actor searched for: the list is empty, the figures of the company stay."""
    NOTES.write_here()
    Asked.objects.filter(member=actor.member_pk).update(member=None)


@task(name="kezhou.finding.forget")
def forget() -> int:
    """Delete what is older than the company keeps; says how many searches that were."""
    over = timezone.now() - timedelta(days=parameters.whole(KEEP_DAYS))
    return int(Asked.objects.filter(at__lt=over).delete()[0])


def _rows(text: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
    NOTES.write_here()
    with connection.cursor() as cursor:
        cursor.execute(text, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
