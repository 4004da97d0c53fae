"""What the dry run's page shows: the four counts, the groups of errors, and rows with the cells to mend (design 09)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from kezhou.exchange import imports
from kezhou.exchange.models import ImportBatch
from kezhou.exchange.pages_parts import thousands
from kezhou.exchange.views import CellView, ProblemPage, RowView, SheetCounts
from kezhou.pages import PageRequest
from kezhou.records import types

KINDS = ("new", "update", "twin", "wrong")


@dataclass(frozen=True, slots=True)
class View:
    """Which rows are looked at: read from the address, so that every state can be shared and gone back to."""

    sheet: int
    kind: str
    error: str
    page: int
    all: str = ""

    def query(self, **changes: Any) -> str:
        """The same view with other values, as a query string."""
        values = {
            "sheet": self.sheet,
            "kind": self.kind,
            "error": self.error,
            "page": self.page,
            "all": self.all,
            **changes,
        }
        return "?" + urlencode(
            {key: value for key, value in values.items() if value not in {"", 0, 1} or key in {"sheet", "kind"}}
        )


def cards(sheet: SheetCounts, view: View, here: str, mode: str) -> tuple[dict[str, Any], ...]:
    abouts = {
        "new": _("会新建这些记录") if mode != "update" else _("本次只更新，不新建"),
        "update": _("会按文件改这些记录") if mode != "add" else _("本次只新增，不改旧的"),
        "twin": _("和已有的或文件里别的行相同，跳过"),
        "wrong": _("修好才会导入，不影响其他行"),
    }
    looks = {
        "new": ("circle-plus", "grn"),
        "update": ("refresh", "blue"),
        "twin": ("copy", "amb"),
        "wrong": ("alert-circle", "rd1"),
    }
    titles = {"new": _("可新增"), "update": _("可更新"), "twin": _("重复"), "wrong": _("有错误")}
    return tuple(
        {
            "title": titles[kind],
            "count": thousands(getattr(sheet, kind)),
            "about": abouts[kind],
            "icon": looks[kind][0],
            "hue": looks[kind][1],
            "on": kind == view.kind,
            "url": here + view.query(kind=kind, error="", page=1),
        }
        for kind in KINDS
    )


def pills(
    request: PageRequest, batch: ImportBatch, view: View, here: str, sheet: SheetCounts
) -> tuple[dict[str, Any], ...]:
    if view.kind != "wrong" or not sheet.wrong:
        return ()
    everything = {
        "title": _("全部错误"),
        "count": thousands(sheet.wrong),
        "on": not view.error,
        "url": here + view.query(error="", page=1),
    }
    groups = imports.error_groups(request.actor, batch, view.sheet)
    return (
        everything,
        *(
            {
                "title": group.title,
                "count": thousands(group.rows),
                "on": group.key == view.error,
                "url": here + view.query(error=group.key, page=1),
            }
            for group in groups
        ),
    )


def title_column(request: PageRequest, sheet: SheetCounts, found: ProblemPage) -> int:
    """The place of the column that names the record, so that one sees which row it is."""
    spec = types(request.actor).get(sheet.type_key)
    cells = found.rows[0].cells if found.rows else ()
    return next((place for place, cell in enumerate(cells) if spec is not None and cell.field == spec.title_field), 0)


def places_of(found: ProblemPage, title: int) -> tuple[int, ...]:
    """The title and the columns where a row of this page is wrong or was mended; the others only hide them."""
    touched = {place for row in found.rows for place, cell in enumerate(row.cells) if cell.state != "ok"}
    return (title, *sorted(touched - {title})) if found.rows else ()


def shown_row(row: RowView, places: Sequence[int]) -> dict[str, Any]:
    advice = row.advice
    shown: tuple[dict[str, Any], ...] = ()
    if advice is not None:
        shown = (
            {
                "label": advice.label,
                "column": advice.column,
                "from_text": advice.old,
                "to_text": advice.new,
                "rows": advice.rows,
                "rows_label": _("共 %(rows)s 行") % {"rows": thousands(advice.rows)},
            },
        )
    mended = row.kind != "wrong" and any(cell.state == "fixed" for cell in row.cells)
    tone = "red" if row.kind == "wrong" else "green" if row.kind in {"new", "update"} else "amber"
    return {
        "number": row.number,
        "cells": tuple(_cell(row.cells[place], fixable=row.kind == "wrong" or mended) for place in places),
        "sentence": row.sentence or (_("已修好") if mended else ""),
        "tone": tone,
        "advice": shown,
    }


def _cell(cell: CellView, *, fixable: bool) -> dict[str, Any]:
    return {
        "column": cell.column,
        "text": cell.text,
        "state": cell.state,
        "can_fix": cell.field is not None and (cell.state != "ok" or fixable),
        "label": f"{cell.title}{_('：')}{cell.sentence}" if cell.sentence else cell.title,
    }


def shown_range(found: ProblemPage) -> str:
    if not found.rows:
        return ""
    return _("第 %(page)d / %(pages)d 页，共 %(total)s 行") % {
        "page": found.page,
        "pages": max(1, found.pages),
        "total": thousands(found.total),
    }
