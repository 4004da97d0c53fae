"""The fields of a record page as its layout arranges them: tabs, blocks, and groups that are read only when opened (FLD-04)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou.records import Entry
from kezhou.records.layouts import LayoutSpec, Section
from kezhou.web.records.detail import FREE, Line, line_of
from kezhou.web.records.standing import Standing

SYSTEM = "system"
ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Block:
    """A titled group of lines. A closed one has none: `url` brings them when somebody opens it; `size` says how many."""

    key: str
    title: str
    lines: tuple[Line, ...]
    columns: int = 1
    url: str = ""
    size: int = 0
    open: bool = True


@dataclass(frozen=True, slots=True)
class BlockTab:
    """Some blocks under one heading."""

    key: str
    title: str
    blocks: tuple[Block, ...]


def tabs(entry: Entry, layout: LayoutSpec, opened: Iterable[str] = (), now: Standing = FREE) -> tuple[BlockTab, ...]:
    """What the page shows; what the system keeps only where it holds something, and last what another class had (FLD-05).

    What rules hide is not there (FLD-08).
    """
    shown = set(opened)
    found = [
        BlockTab(
            tab.key, str(tab.title), tuple(b for part in tab.sections if (b := _block(entry, part, shown, now)).size)
        )
        for tab in layout.detail
    ]
    old = elsewhere(entry, layout, now)
    if old and found:
        found[-1] = BlockTab(found[-1].key, found[-1].title, (*found[-1].blocks, old))
    return tuple(tab for tab in found if tab.blocks)


def _block(entry: Entry, part: Section, opened: set[str], now: Standing) -> Block:
    if part.lazy and part.key not in opened:
        url = reverse("record-group", args=[entry.type.key, entry.pk, part.key])
        size = sum(place.key not in now.hidden for place in part.places)
        return Block(part.key, str(part.title), (), part.columns, url, size, open=False)
    lines = lines_of(entry, part, now)
    return Block(part.key, str(part.title), lines, part.columns, "", len(lines), open=part.key != SYSTEM)


def lines_of(entry: Entry, part: Section, now: Standing = FREE) -> tuple[Line, ...]:
    """The lines of a section; in the system's own section those that hold something."""
    shown = (place.key for place in part.places if place.key not in now.hidden)
    fields = (field for key in shown if (field := entry.field(key)) is not None)
    return tuple(
        line_of(entry, field, now) for field in fields if part.key != SYSTEM or entry.values.get(field.key) is not None
    )


def elsewhere(entry: Entry, layout: LayoutSpec, now: Standing = FREE) -> Block | None:
    """Values of fields that belong to other record classes: still readable, no longer written (FLD-05)."""
    kept = [
        Line(field, entry.cell(key), "")
        for key in layout.elsewhere
        if key not in now.hidden and (field := entry.field(key)) is not None and entry.values.get(key) not in (None, ())
    ]
    return Block(ELSEWHERE, _("其他分类的资料"), tuple(kept), size=len(kept)) if kept else None
