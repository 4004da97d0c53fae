"""The board of a list: cards by the value of a choice; moving them is `board_moves`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.records.boards import CARDS, Board, BoardColumn, board
from kezhou.records.fields.html import HUES
from kezhou.records.listing import Row
from kezhou.web.pages import PageRequest, on, page
from kezhou.web.records.board_moves import board_field, movable
from kezhou.web.records.looking import NOTHING, Look, groupable, look

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


@page("r/<str:type_key>/board/more", access=on("read"), name="board-more", visitors=True)
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
