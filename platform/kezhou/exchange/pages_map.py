"""Step 2: which column is which field, which value is which option, who is who (design 27)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou.exchange import imports
from kezhou.exchange.models import ImportBatch
from kezhou.exchange.pages_parts import heading_of, importable, steps, thousands
from kezhou.exchange.views import ColumnView, ExchangeError, SheetView, ValueView
from kezhou.pages import SIGNED_IN, PageRequest, page

SHOWN_SAMPLES = 3
MOST_VALUES = 60
INVITE = "invite"


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column's line in the table."""

    index: int
    letter: str
    title: str
    samples: str
    field: str
    why: str
    tone: str


@dataclass(frozen=True, slots=True)
class ShownValue:
    """One value that needs a meaning; `chosen` is what it becomes so far."""

    name: str
    text: str
    shown: str
    rows: str
    chosen: str
    choices: tuple[tuple[str, str], ...]
    problem: str
    hint: str


@dataclass(frozen=True, slots=True)
class Section:
    """The values of one column at the right."""

    title: str
    note: str
    values: tuple[ShownValue, ...]
    more: str = ""
    invite: str = ""
    invite_column: int = 0


@page("exchange/import/<int:pk>/map", access=SIGNED_IN, methods=("GET", "POST"), name="import-map")
def mapping(request: PageRequest, pk: int) -> HttpResponse:
    """Show the proposed mapping of one sheet, take corrections, start the dry run."""
    batch = imports.batch(request.actor, pk)
    if batch.state not in {
        ImportBatch.State.MAPPING,
        ImportBatch.State.CHECKED,
        ImportBatch.State.FAILED,
        ImportBatch.State.CANCELLED,
    }:
        return HttpResponseRedirect(f"/exchange/import/{pk}/")
    problem = ""
    if request.method == "POST":
        try:
            batch = _keep(request, batch)
            if request.POST.get("do") == "check":
                imports.check(request.actor, batch)
                return HttpResponseRedirect(f"/exchange/import/{pk}/check")
        except ExchangeError as error:
            problem = str(error)
    return _show(request, batch, problem)


def _keep(request: PageRequest, batch: ImportBatch) -> ImportBatch:
    """Write what the form says about one sheet into the plan."""
    sheet = _chosen(request, imports.sheets(request.actor, batch))
    changes = _changes(request.POST, sheet)
    batch = imports.set_plan(request.actor, batch, {sheet.index: changes})
    keeps = request.POST.get("blank_keeps") == "1"
    if keeps != batch.blank_keeps:
        batch = imports.set_mode(request.actor, batch, mode=batch.mode, blank_keeps=keeps)
    return batch


def _changes(post: QueryDict, sheet: SheetView) -> dict[str, Any]:
    """The form as `imports.set_plan` wants it; a type or header change makes the rest of the form obsolete."""
    type_key = post.get("type") or None
    header = int(post.get("header", "0") or 0)
    if type_key != sheet.type_key:
        return {"type_key": type_key}
    if header and header != sheet.header_row:
        return {"header_row": header}
    fields = {
        column.index: post.get(f"field-{column.index}") or None
        for column in sheet.columns
        if f"field-{column.index}" in post
    }
    values = {
        column.index: {
            value.text: post[f"value-{column.index}-{place}"]
            for place, value in enumerate(column.values)
            if post.get(f"value-{column.index}-{place}")
        }
        for column in sheet.columns
        if fields.get(column.index) == column.field
    }
    for column in sheet.columns:
        if post.get("invite") == str(column.index):
            values.setdefault(column.index, {}).update({value.text: INVITE for value in column.values if value.problem})
    return {"columns": fields, "values": {index: chosen for index, chosen in values.items() if chosen}}


def _show(request: PageRequest, batch: ImportBatch, problem: str) -> HttpResponse:
    sheets = imports.sheets(request.actor, batch)
    sheet = _chosen(request, sheets)
    types = dict(importable(request.actor))
    title = types.get(batch.type_key, "")
    columns = tuple(map(_column, sheet.columns))
    context = {
        "heading": heading_of(title),
        "crumbs": (
            {"title": title, "url": f"/r/{batch.type_key}/"},
            {"title": _("导入"), "url": "/exchange/import/"},
            {"title": _("对应字段")},
        ),
        "active": batch.type_key,
        "steps": steps(2),
        "batch": batch,
        "here": f"/exchange/import/{batch.pk}/map",
        "problem": problem,
        "file_facts": _facts(batch, sheets),
        "tabs": tuple(
            {
                "number": one.index,
                "title": one.title,
                "rows": thousands(one.rows),
                "on": one.index == sheet.index,
                "off": one.type_key is None,
            }
            for one in sheets
        ),
        "sheet": {
            "number": sheet.index,
            "type_key": sheet.type_key or "",
            "types": (*types.items(), ("", _("不导入这张表"))),
            "header_row": sheet.header_row,
            "headers": _headers(sheet),
            "skipped": _skipped(sheet),
            "field_head": _("%(type)s字段") % {"type": sheet.type_label} if sheet.type_key else "",
            "columns": columns,
        },
        "targets": _targets(request, sheet),
        "sections": _sections(sheet),
        "foot": _foot(sheets, columns),
    }
    return render(request, "kezhou/exchange/map.html", context, status=422 if problem else 200)


def _chosen(request: PageRequest, sheets: tuple[SheetView, ...]) -> SheetView:
    wanted = request.GET.get("sheet", "")
    first = next((sheet for sheet in sheets if sheet.type_key), sheets[0])
    return next((sheet for sheet in sheets if str(sheet.index) == wanted), first)


def _targets(request: PageRequest, sheet: SheetView) -> tuple[tuple[str, str], ...]:
    if sheet.type_key is None:
        return ()
    found = imports.targets(request.actor, sheet.type_key)
    return tuple((target.key, f"{target.label} *" if target.required else target.label) for target in found)


def _column(column: ColumnView) -> ShownColumn:
    open_values = sum(1 for value in column.values if value.problem)
    tone, why = "", column.why
    if open_values and column.people:
        tone, why = "red", _("%(count)d 个人找不到") % {"count": open_values}
    elif open_values:
        tone, why = "amber", _("%(all)d 种值，%(open)d 种要对应") % {"all": len(column.values), "open": open_values}
    elif column.confidence == "similar":
        tone = "amber"
    samples = _("、").join(sample for sample in column.samples[:SHOWN_SAMPLES] if sample)
    return ShownColumn(column.index, column.letter, column.title, samples or "—", column.field or "", why, tone)


def _headers(sheet: SheetView) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"number": number, "label": _("第 %(row)d 行：%(cells)s") % {"row": number, "cells": _short(cells)}}
        for number, cells in sheet.header_candidates
    )


def _short(cells: tuple[str, ...]) -> str:
    text = _("、").join(cell for cell in cells if cell)
    return f"{text[:24]}…" if len(text) > 24 else text


def _skipped(sheet: SheetView) -> str:
    if not sheet.skipped:
        return ""
    first = sheet.skipped[0]
    if len(sheet.skipped) == 1:
        return _("跳过第 %(row)d 行：%(reason)s") % {"row": first.row, "reason": first.reason}
    reasons = _("、").join(dict.fromkeys(row.reason for row in sheet.skipped))
    return _("跳过 %(count)d 行（%(reasons)s）") % {"count": len(sheet.skipped), "reasons": reasons}


def _sections(sheet: SheetView) -> tuple[Section, ...]:
    """The columns with values to decide first, then the others; each shows its open values before the settled ones."""
    wanted = [column for column in sheet.columns if column.field and column.values]
    wanted.sort(key=lambda column: not any(value.problem for value in column.values))
    return tuple(map(_section, wanted))


def _section(column: ColumnView) -> Section:
    places = {value.text: place for place, value in enumerate(column.values)}
    ordered = sorted(column.values, key=lambda value: (value.problem is None, -value.rows))
    shown = tuple(_value(column, value, places[value.text]) for value in ordered[:MOST_VALUES])
    rest = len(ordered) - len(shown)
    open_rows = sum(value.rows for value in column.values if value.problem)
    if column.people and open_rows:
        title = _("%(title)s：%(count)d 个人找不到") % {
            "title": column.title,
            "count": sum(1 for value in column.values if value.problem),
        }
    else:
        title = f"{column.title} → {column.field_label}"
    note = (
        _("共 %(rows)s 行") % {"rows": thousands(open_rows)}
        if open_rows
        else _("%(count)d 种值") % {"count": len(column.values)}
    )
    more = _("还有 %(count)d 种已经对上的值没有列出") % {"count": rest} if rest else ""
    strangers = sum(1 for value in column.values if value.problem) if column.people else 0
    invite = (
        _("%(count)d 人都建成“未邀请”的成员") % {"count": strangers}
        if strangers and INVITE in dict(column.options)
        else ""
    )
    return Section(title, note, shown, more, invite, column.index)


def _value(column: ColumnView, value: ValueView, place: int) -> ShownValue:
    hint = ""
    if value.suggestion is not None and value.problem:
        hint = _("最接近的是 %(label)s") % {"label": value.suggestion[1]}
    choices = column.options if value.target else (("", _("选一个")), *column.options)
    known = dict(choices)
    if value.target and value.target not in known:
        choices = ((value.target, value.label or value.target), *choices)
    return ShownValue(
        f"value-{column.index}-{place}",
        value.text,
        value.text or _("（空）"),
        _("%(rows)s 行") % {"rows": thousands(value.rows)},
        value.target or "",
        choices,
        f"{value.problem} {hint}".strip() if value.problem else "",
        hint,
    )


def _facts(batch: ImportBatch, sheets: tuple[SheetView, ...]) -> str:
    rows = _("%(rows)s 行") % {"rows": thousands(sum(sheet.rows for sheet in sheets))}
    parts = [_("%(count)d 张表") % {"count": len(sheets)} if len(sheets) > 1 else "", rows, batch.encoding]
    return _("，").join(part for part in parts if part)


def _foot(sheets: tuple[SheetView, ...], columns: tuple[ShownColumn, ...]) -> dict[str, Any]:
    used = [sheet for sheet in sheets if sheet.type_key]
    mapped = sum(1 for column in columns if column.field)
    missing = [
        _("%(sheet)s缺 %(fields)s") % {"sheet": sheet.title, "fields": _("、").join(sheet.missing)}
        for sheet in used
        if sheet.missing
    ]
    left = [
        value for sheet in used for column in sheet.columns if column.field for value in column.values if value.problem
    ]
    rows = sum(sheet.rows for sheet in used)
    note = _("，").join(missing)
    if not missing and left:
        note = _("还有 %(count)d 个值没有对应，不处理这些格会报错") % {"count": len(left)}
    return {
        "mapped": _("%(all)d 列：%(mapped)d 对上，%(off)d 不导入")
        % {"all": len(columns), "mapped": mapped, "off": len(columns) - mapped},
        "left": note,
        "ready": bool(used) and not missing,
        "button": _("试算 %(rows)s 行") % {"rows": thousands(rows)},
    }
