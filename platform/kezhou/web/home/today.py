"""What a person is to do today, the most urgent first: what is assigned, what begins today, who asked, what was left half written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import assignments, drafts, notify, records
from kezhou.access.actor import MemberActor
from kezhou.assignments import Assignment
from kezhou.notify.kinds import kind_of
from kezhou.records import ListRequest
from kezhou.records.spec import Purpose, TypeSpec
from kezhou.web import menu
from kezhou.web.inbox.lines import due_of, is_late, titles_of
from kezhou.web.moments import when

SHOWN = 12
LATE = 0
"""The rank of what is overdue."""
OF_EACH = 8


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do: what it is about, a tag with the reason of its place, and where it is done."""

    title: str
    icon: str
    tag: str
    hue: str
    reason: str
    url: str
    rank: int
    assignment: Assignment | None = None


def today(actor: MemberActor) -> tuple[Item, ...]:
    """At most twelve things: overdue, due today, begun today, questions of colleagues, the rest of what is assigned, drafts."""
    items = [*_assigned(actor), *_dated(actor), *_asked(actor), *_unfinished(actor)]
    return tuple(sorted(items, key=lambda item: item.rank)[:SHOWN])


def _assigned(actor: MemberActor) -> Iterator[Item]:
    rows = assignments.mine(actor, OF_EACH)
    titles = titles_of(actor, ((row.type, row.record) for row in rows))
    for row in rows:
        title = titles.get((row.type, row.record))
        url = reverse("record", args=[row.type, row.record]) if title is not None else ""
        reason = _("%(name)s 指派") % {"name": row.by_name} + (_("：%(note)s") % {"note": row.note} if row.note else "")
        late, due = is_late(row.due_on), row.due_on == timezone.localdate()
        yield Item(
            title if title is not None else _("你看不到的记录"), "user-share", due_of(row.due_on) or _("指派给我"),
            "red" if late else "amb" if due else "gry", reason, url, LATE if late else 1 if due else 4, row,
        )  # fmt: skip


def _dated(actor: MemberActor) -> Iterator[Item]:
    """Own records that begin today, of types that have a day in the calendar and tell it to this person: one statement for each."""
    for spec in menu.readable(actor):
        if spec.calendar is not None and {"owner", spec.calendar[0]} <= _told(actor, spec):
            yield from _beginning(actor, spec, spec.calendar[0])


def _told(actor: MemberActor, spec: TypeSpec) -> set[str]:
    return {field.key for field in records.fields_for(spec, actor, Purpose.FILTER)}


def _beginning(actor: MemberActor, spec: TypeSpec, start: str) -> Iterator[Item]:
    wanted = ["and", [["owner", "eq", "me"], [start, "relative", "today"]]]
    asked = ListRequest(columns=(start,), filter=wanted, size=OF_EACH, sums=False)
    for row in records.page(actor, spec, asked).rows:
        yield Item(
            row.title, spec.icon, _("今天"), "blue", str(spec.title), reverse("record", args=[spec.key, row.pk]), 2
        )


def _asked(actor: MemberActor) -> Iterator[Item]:
    found = [notice for notice in notify.unread(actor) if kind_of(notice.kind).tab == "mention"][:OF_EACH]
    titles = titles_of(actor, ((notice.type, notice.record) for notice in found))
    for notice in found:
        title = titles.get((notice.type, notice.record or 0))
        if title is not None:
            url = reverse("notice", args=[notice.pk])
            yield Item(title, kind_of(notice.kind).icon, _("@我"), "vio", notify.told(actor, notice), url, 3)


def _unfinished(actor: MemberActor) -> Iterator[Item]:
    known = records.types(actor)
    for draft in drafts.mine(actor)[:OF_EACH]:
        if draft.type in known:
            title = _("没写完的%(type)s") % {"type": known[draft.type].title}
            yield Item(title, "notes", _("草稿"), "gry", when(draft.changed_at), reverse("drafts"), 5)
