"""Notices as the inbox shows them: title by the reader's own rights, where they lead, what can be done about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import notify, records
from kezhou.access.actor import MemberActor
from kezhou.assignments.models import Assignment
from kezhou.notify.kinds import Kind, kind_of
from kezhou.notify.models import Notice
from kezhou.web.moments import day, day_heading


@dataclass(frozen=True, slots=True)
class Line:
    """One notice; `title` is its record's, or says that it may not be seen; `assignment` is what still waits."""

    notice: Notice
    sentence: str
    kind: Kind
    title: str
    url: str
    assignment: Assignment | None = None
    due: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """The notices of one day."""

    title: str
    lines: tuple[Line, ...]


def lines_of(actor: MemberActor, notices: Sequence[Notice]) -> tuple[Line, ...]:
    """The lines of these notices: one statement per type of record, and one for what is assigned."""
    titles = titles_of(actor, ((notice.type, notice.record) for notice in notices))
    causes = [notice.cause for notice in notices if notice.cause and kind_of(notice.kind).waits]
    waiting = {row.pk: row for row in Assignment.objects.filter(pk__in=causes)} if causes else {}
    return tuple(_line(actor, notice, titles, waiting.get(notice.cause or 0)) for notice in notices)


def titles_of(actor: MemberActor, places: Iterable[tuple[str, int | None]]) -> dict[tuple[str, int], str | None]:
    """The titles of records of any types, as far as the actor may see them."""
    known = records.types(actor)
    wanted: dict[str, list[int]] = {}
    for type, pk in places:
        if type in known and pk is not None:
            wanted.setdefault(type, []).append(pk)
    return records.titles(actor, wanted) if wanted else {}


def _line(
    actor: MemberActor, notice: Notice, titles: dict[tuple[str, int], str | None], row: Assignment | None
) -> Line:
    kind = kind_of(notice.kind)
    title = titles.get((notice.type, notice.record or 0)) if notice.record else ""
    url = reverse("notice", args=[notice.pk]) if target_of(notice) and title is not None else ""
    shown = _("你看不到的记录") if title is None else title
    return Line(
        notice,
        notify.told(actor, notice),
        kind,
        shown,
        url,
        row,
        due_of(row.due_on) if row else "",
        is_late(row.due_on if row else None),
    )


def target_of(notice: Notice) -> str:
    """Where a notice leads; empty when nowhere."""
    kind = kind_of(notice.kind)
    if kind.url:
        return kind.url
    if kind.page and notice.cause:
        return reverse(kind.page, args=[notice.cause])
    return reverse("record", args=[notice.type, notice.record]) if notice.type and notice.record else ""


def due_of(due: date | None) -> str:
    """今天到期, 逾期 3 天, 5 月 12 日前."""
    if due is None:
        return ""
    today = timezone.localdate()
    if due == today:
        return _("今天到期")
    if due < today:
        return _("逾期 %(days)d 天") % {"days": (today - due).days}
    return _("%(day)s前") % {"day": day(due, today)}


def is_late(due: date | None) -> bool:
    """True when the day is over."""
    return due is not None and due < timezone.localdate()


def days(lines: Iterable[Line]) -> tuple[Day, ...]:
    """The lines under 今天, 昨天, 5 月 8 日 周五."""
    today = timezone.localdate()
    found: list[Day] = []
    for line in lines:
        title = day_heading(timezone.localtime(line.notice.created_at).date(), today)
        if not found or found[-1].title != title:
            found.append(Day(title, ()))
        found[-1] = Day(title, (*found[-1].lines, line))
    return tuple(found)
