"""What the table and the panel of a dictionary show: the tree with counts, one value with its uses, and what merging would touch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou.records.dictionaries import DictionaryError, DictionaryInfo, Value
from kezhou.records.dictionary import merging
from kezhou.records.dictionary.uses import Use, totals

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

NEW = "new"
TOOLS = ("rename", "paste")


@dataclass(frozen=True, slots=True)
class RowView:
    """One line of the tree: `into` is the name of the value it was merged into; `first` and `last` among its siblings."""

    value: Value
    count: int
    aliases: str
    into: str
    first: bool
    last: bool


def rows_of(found: Sequence[Value], used: tuple[Use, ...]) -> tuple[RowView, ...]:
    """The lines of the table."""
    counts, labels = totals(used), {value.key: value.label for value in found}
    beside: dict[str, list[str]] = {}
    for value in found:
        beside.setdefault(value.parent, []).append(value.key)
    return tuple(
        RowView(
            value,
            counts.get(value.key, 0),
            _("、").join(value.aliases),
            labels.get(value.merged, ""),
            first=beside[value.parent][0] == value.key,
            last=beside[value.parent][-1] == value.key,
        )
        for value in found
    )


def panel_of(
    actor: Actor,
    info: DictionaryInfo,
    found: Sequence[Value],
    used: tuple[Use, ...],
    data: Mapping[str, str],
    *,
    typed: bool,
) -> dict[str, Any] | None:
    """The open panel; with `typed` what was posted stands in it. Raises Http404 for a value that does not exist."""
    key = data.get("value", "")
    if not key:
        return None
    value = next((each for each in found if each.key == key), None)
    if value is None and key != NEW:
        raise Http404
    shown = _typed(data) if typed and "label" in data else _stored(value, data)
    title = value.label if value else _("加值")
    panel: dict[str, Any] = {"key": key, "title": title, "value": value, "values": shown}
    panel["parents"] = _parents(found, key)
    if value is not None:
        panel |= _about(actor, info, found, used, value, data)
    return panel


def _typed(data: Mapping[str, str]) -> dict[str, Any]:
    shown: dict[str, Any] = {name: data.get(name, "") for name in ("label", "hue", "aliases", "parent")}
    return shown | {"default": data.get("default") == "1"}


def _stored(value: Value | None, data: Mapping[str, str]) -> dict[str, Any]:
    if value is None:
        return {"label": "", "hue": "grey", "aliases": "", "parent": data.get("under", ""), "default": False}
    return {
        "label": value.label,
        "hue": value.hue,
        "aliases": _("、").join(value.aliases),
        "parent": value.parent,
        "default": value.default,
    }


def _parents(found: Sequence[Value], key: str) -> list[tuple[str, str]]:
    """Where the value may stand: under anything but itself, what is below it, and merged values."""
    shut = {key}
    options = []
    for value in found:  # every value stands behind the one above it
        if value.key in shut or value.parent in shut:
            shut.add(value.key)
        elif not value.merged:
            options.append((value.key, "　" * value.depth + value.label))
    return options


def _about(
    actor: Actor,
    info: DictionaryInfo,
    found: Sequence[Value],
    used: tuple[Use, ...],
    value: Value,
    data: Mapping[str, str],
) -> dict[str, Any]:
    lines = [
        {"title": use.title, "count": use.counts[value.key], "url": _list_of(use, value.key)}
        for use in used
        if use.counts.get(value.key)
    ]
    beside = [each for each in found if each.parent == value.parent and each.key != value.key]
    below = [each for each in found if each.parent == value.key]
    return {
        "uses": lines,
        "targets": [each for each in beside if each.enabled and not each.merged],
        "below": len(below),
        "into": next((each.label for each in found if each.key == value.merged), ""),
        **_planned(actor, info, value, data.get("into", "")),
    }


def _planned(actor: Actor, info: DictionaryInfo, value: Value, into: str) -> dict[str, Any]:
    if not into or value.merged:
        return {}
    try:
        return {"plan": merging.plan(actor, info.key, value.key, into), "chosen": into}
    except DictionaryError as error:
        return {"refused": str(error), "chosen": into}


def _list_of(use: Use, key: str) -> str:
    """The list of the records that have the value; empty where a type has no list of its own."""
    if use.type.hidden:
        return ""
    alone = "eq" if "eq" in use.field.kind.operators(use.field) else "contains"
    condition = json.dumps([use.field.key, alone, key], ensure_ascii=False)
    return f"{reverse('record-list', args=[use.type.key])}?{urlencode({'filter': condition})}"
