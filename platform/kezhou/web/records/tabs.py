"""The tabs of a record: overview, one per type of records that point here, files, history; with counts, in one statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou.access.actor import MemberActor, VisitorActor
from kezhou.records import Entry, type_of
from kezhou.timeline.branches import linked_panels
from kezhou.timeline.panels import COUNTED, counts


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab; `count` is empty where counting says nothing."""

    key: str
    title: str
    url: str
    on: bool
    count: str = ""


def of(actor: MemberActor, entry: Entry, present: str) -> tuple[Tab, ...]:
    """All tabs of a record; `present` is the one that is open."""
    return tuple(_tabs(actor, entry, present))


def _tabs(actor: MemberActor, entry: Entry, present: str) -> Iterator[Tab]:
    here = [entry.type.key, entry.pk]
    found = counts(actor, entry)
    yield Tab("overview", _("全景"), reverse("record", args=here), present == "overview")
    for panel in linked_panels(actor, entry):
        key, title = panel.key, str(panel.title or type_of(actor, str(panel.type)).title)
        yield Tab(key, title, reverse("record-related", args=[*here, key]), present == key, _number(found.get(key, 0)))
    if not isinstance(actor, VisitorActor):  # contents cannot be masked, so operators open none
        yield Tab("files", _("文件"), reverse("record-files", args=here), present == "files", _number(found["files"]))
    yield Tab("history", _("变更记录"), reverse("record-history", args=here), present == "history")


def _number(count: int) -> str:
    return f"{count:,}" if count < COUNTED else f"{COUNTED:,}+"
