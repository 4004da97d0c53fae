"""The timeline as a record page shows it: days, chips with counts, pinned comments, and the sentence of every entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import drafts, timeline
from kezhou.access.actor import MemberActor
from kezhou.records import Change, Entry
from kezhou.records.spec import FilterError
from kezhou.timeline import Event
from kezhou.timeline.stream import COUNTED
from kezhou.web.moments import day_heading
from kezhou.web.records.detail import SOURCES

CHIPS = (
    ("all", gettext_lazy("全部")),
    ("comment", gettext_lazy("评论")),
    ("move", gettext_lazy("流转")),
    ("change", gettext_lazy("字段")),
    ("file", gettext_lazy("文件")),
    ("linked", gettext_lazy("相关记录")),
    ("assignment", gettext_lazy("指派")),
)


@dataclass(frozen=True, slots=True)
class Chip:
    """One kind of entries to choose, with how many there are."""

    key: str
    title: str
    count: str
    url: str
    on: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one day; the title is empty when the day began before this part."""

    title: str
    events: tuple[Event, ...]


def context(actor: MemberActor, entry: Entry, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Everything that `records/stream.html` shows. Raises FilterError (400) for a kind or place that does not exist."""
    show = parameters.get("show", "") or "all"
    before = parameters.get("before", "")
    if show not in {key for key, _title in CHIPS}:
        raise FilterError(_("时间线没有“%(kind)s”这一类。") % {"kind": show[:40]})
    kinds = timeline.KINDS if show == "all" else (show,)
    found = timeline.of(actor, entry, kinds=kinds, before=before)
    shown: dict[str, Any] = {
        "entry": entry,
        "spec": entry.type,
        "show": show,
        "days": days(found.events, parameters.get("day", "")),
        "more_url": _more(entry, show, found) if found.next else "",
        "part": bool(before),
        "may_attach": "update" in entry.operations,
        "me": actor.member_pk,
        "is_admin": actor.is_admin,
    }
    return shown if before else {**shown, **_head(actor, entry, show)}


def _head(actor: MemberActor, entry: Entry, show: str) -> dict[str, Any]:
    counts = timeline.counts(actor, entry)
    draft = drafts.of(actor, entry.type.key, "comment", record=entry.pk)
    return {
        "chips": tuple(_chips(entry, counts, show)),
        "pinned": timeline.pinned(entry) if show in {"all", "comment"} and counts["comment"] else (),
        "draft_text": draft.values.get("text", [""])[0] if draft is not None else "",
        "now": timezone.now().isoformat(),
    }


def _chips(entry: Entry, counts: Mapping[str, int], show: str) -> Iterable[Chip]:
    for key, title in CHIPS:
        count = sum(counts.values()) if key == "all" else counts[key]
        if key == "all" or count or key == show:
            number = f"{count:,}" if count < COUNTED else f"{COUNTED:,}+"
            url = reverse("record-stream", args=[entry.type.key, entry.pk])
            yield Chip(key, str(title), number, url if key == "all" else f"{url}?show={key}", key == show)


def _more(entry: Entry, show: str, found: timeline.Stream) -> str:
    last = timezone.localtime(found.events[-1].at).date()
    query = urlencode({"show": show, "before": found.next, "day": last.isoformat()})
    return f"{reverse('record-stream', args=[entry.type.key, entry.pk])}?{query}"


def days(events: Iterable[Event], begun: str = "") -> tuple[Day, ...]:
    """Entries under the heads 今天, 昨天, 5 月 8 日 周五; `begun` is the day (2026-05-08) whose head stands already."""
    today = timezone.localdate()
    found: list[tuple[date, list[Event]]] = []
    for event in events:
        day = timezone.localtime(event.at).date()
        if not found or found[-1][0] != day:
            found.append((day, []))
        found[-1][1].append(event)
    return tuple(Day("" if day.isoformat() == begun else day_heading(day, today), tuple(group)) for day, group in found)


LINKED = {
    "created": gettext_lazy("%(name)s %(how)s新建了%(type)s"),
    "deleted": gettext_lazy("%(name)s %(how)s删除了%(type)s"),
    "restored": gettext_lazy("%(name)s %(how)s恢复了%(type)s"),
    "purged": gettext_lazy("%(name)s %(how)s彻底删除了%(type)s"),
    "changed": gettext_lazy("%(name)s %(how)s改了%(type)s"),
}


ASSIGNED = {
    "assigned": gettext_lazy("%(name)s 把这条记录指派给 %(receiver)s"),
    "done": gettext_lazy("%(name)s 完成了指派的事情"),
    "returned": gettext_lazy("%(name)s 退回了指派的事情"),
    "withdrawn": gettext_lazy("%(name)s 收回了给 %(receiver)s 的指派"),
}


def given_sentence(event: Event) -> str:
    """Who gave the record to whom, or what became of it."""
    assert event.given is not None
    return str(ASSIGNED[event.given.deed]) % {"name": event.name, "receiver": event.given.receiver}


def linked_sentence(event: Event) -> str:
    """What somebody did to a record that points here, without its name, which stands behind as a link."""
    change: Change | None = event.change
    assert change is not None
    assert event.type is not None
    shown = {"name": change.name or _("系统"), "type": event.type.title, "how": str(SOURCES.get(change.source, ""))}
    return str(LINKED.get(change.kind, LINKED["changed"])) % shown
