"""The board of a list: cards by the value of a choice, moved by hand or by keys; what a move still needs is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.records.boards import CARDS, Board, BoardColumn, board
from kezhou.records.fields.html import HUES
from kezhou.records.listing import Row
from kezhou.records.spec import FieldSpec, FilterError, NotAllowed
from kezhou.web.pages import PageRequest, on, page
from kezhou.web.records.looking import NOTHING, Look, groupable, look
from kezhou.web.records.saving import attempt, entry_form

LATE, VERY_LATE = 14, 20
"""Days after which a card's stay is coloured."""
SHOWN = 4


def kanban(here: Look) -> dict[str, Any]:
    """What the template of a board needs."""
    by = board_field(here)
    found = board(here.actor, here.spec, here.asked, by)
    total = [column.count for column in found.columns]
    return {
        "by": by,
        "fields": board_fields(here),
        "columns": [_column(here, found, column) for column in found.columns],
        "total": None if None in total else sum(filter(None, total)),
        "movable": movable(here, by),
        "late": LATE,
        "very_late": VERY_LATE,
    }


def board_fields(here: Look) -> list[dict[str, Any]]:
    """The choices by which this type can be laid out, with their addresses."""
    present = board_field(here)
    choices = [field for field in groupable(here.actor, here.spec) if field.options]
    return [
        {"title": field.label, "on": field.key == present.key, "url": here.address.to(group=field.key)}
        for field in choices
    ]


def board_field(here: Look) -> FieldSpec:
    """The field of the columns: as asked, else the states of the type, else its first choice. Raises FilterError."""
    choices = [field for field in groupable(here.actor, here.spec) if field.options]
    if not choices:
        raise FilterError(_("“%(type)s”没有单选字段，不能看成看板。") % {"type": here.spec.title})
    wanted = here.group
    if wanted is not None and wanted.options:
        return wanted
    states = here.spec.states.field if here.spec.states is not None else ""
    return next((field for field in choices if field.key == states), choices[0])


def movable(here: Look, by: FieldSpec) -> bool:
    """True when cards can be moved at all."""
    return by.editable and "update" in here.spec.operations


@page("r/<str:type_key>/board/more", access=on("read"), name="board-more")
def more(request: PageRequest, type_key: str) -> HttpResponse:
    """Further cards of one column; `at` names it, `page` how many twenties are there already."""
    here = look(request.actor, request.type, request.GET)
    by, value = board_field(here), here.address.get("at")
    skip = (here.asked.page or 1) * CARDS
    asked = replace(here.plain, page=None)
    found = board(here.actor, here.spec, asked, by, only="" if value == NOTHING else value, skip=skip)
    context = {
        "column": _column(here, found, found.columns[0], done=(here.asked.page or 1) + 1),
        "spec": request.type,
        "movable": movable(here, by),
    }
    return render(request, "kezhou/records/board_cards.html", context)


@page("r/<str:type_key>/board/move", access=on("update"), name="board-move", methods=("POST",))
def move(request: PageRequest, type_key: str) -> HttpResponse:
    """Give one card another value. 200 with the new version; 422 with a form for what is still missing; 409 with the reason why
    it stays where it is."""
    here = look(request.actor, request.type, request.GET)
    by, given = board_field(here), request.POST
    if not movable(here, by):
        raise NotAllowed(_("你不能修改“%(field)s”。") % {"field": by.label})
    pk = int(given["pk"]) if given.get("pk", "").isdecimal() else 0
    entry = records.get(request.actor, request.type, pk)
    asked = tuple(field for field in _asked(here, given.getlist("asked")) if field.key != by.key)
    data = given.copy()
    data[by.key] = "" if given.get("to") == NOTHING else given.get("to", "")
    tried = attempt(request.actor, request.type, (by, *asked), data, pk=pk)
    if tried.ok:
        saved = tried.result.saved[0]
        return JsonResponse(
            {"pk": pk, "version": saved.version, "undo": reverse("action-undo", args=[tried.result.action])}
        )
    if tried.conflict is not None:
        who = {"name": tried.conflict.changed_by}
        return _refused(_("%(name)s刚改过这条记录，已按最新的显示，请再拖一次。") % who)
    missing = _missing(here, tried.errors, by)
    if missing is None:
        return _refused(tried.result.sentence)
    option = by.option(data[by.key])
    context = {
        "spec": request.type,
        "entry": entry,
        "to": given.get("to", ""),
        "target": option.label if option is not None else _("未填"),
        "query": here.address.text,
        "version": given.get("version", ""),
        "asked": [field.key for field in missing],
        "form": entry_form(entry, missing, tried if asked else None),
    }
    return render(request, "kezhou/records/board_ask.html", context, status=422)


def _refused(sentence: str) -> HttpResponse:
    return JsonResponse({"sentence": sentence}, status=409)


def _asked(here: Look, keys: list[str]) -> tuple[FieldSpec, ...]:
    writable = {field.key: field for field in records.fields_for(here.spec, here.actor, "write")}
    return tuple(writable[key] for key in dict.fromkeys(keys) if key in writable)


def _missing(here: Look, errors: Mapping[str, tuple[str, ...]], by: FieldSpec) -> tuple[FieldSpec, ...] | None:
    """The fields that must be filled first; None when something else stands in the way."""
    if by.key in errors or "" in errors:
        return None
    fields = _asked(here, list(errors))
    return fields if len(fields) == len(errors) else None


def _column(here: Look, found: Board, column: BoardColumn, done: int = 1) -> dict[str, Any]:
    value = column.value or NOTHING
    sums = [
        {"label": str(field.label), "text": field.kind.text(column.sums[field.key], field, found.fmt)}
        for field in found.page.columns
        if column.sums.get(field.key)
    ]
    option = found.field.option(column.value)
    return {
        "value": value,
        "label": column.label or _("未填"),
        "hue": HUES.get(column.hue, "gry"),
        "count": column.count,
        "sums": sums[:1],
        "cards": [_card(found, row) for row in column.rows],
        "more": here.address.to(at=value, page=done) if column.more else "",
        "open": bool(value != NOTHING and option is not None and option.enabled),
    }


def _card(found: Board, row: Row) -> dict[str, Any]:
    cells = [
        {"label": str(field.label), "cell": cell, "numeric": field.numeric}
        for field, cell, value in zip(found.page.columns, row.cells, row.values, strict=True)
        if field.key not in {found.field.key, found.page.type.title_field} and value not in (None, "", ())
    ]
    since = found.since.get(row.pk)
    days = (timezone.now() - since).days if since is not None else None
    return {
        "pk": row.pk,
        "version": row.version,
        "title": row.title,
        "url": f"/r/{found.page.type.key}/{row.pk}",
        "cells": cells[:SHOWN],
        "days": days,
        "age": "kz-rd1" if days is not None and days > VERY_LATE else "kz-amb" if (days or 0) >= LATE else "",
    }
