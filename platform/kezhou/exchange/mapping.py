"""A sheet's plan as the mapping page shows it: columns with samples, values with what they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.exchange import planning
from kezhou.exchange.matching import PEOPLE
from kezhou.exchange.rows import INVITE, SKIP
from kezhou.exchange.tables import letter
from kezhou.exchange.views import ColumnView, SheetView, SkippedRow, ValueView
from kezhou.records.fields import FieldError
from kezhou.records.fields.choice import find
from kezhou.records.linking import by_title
from kezhou.records.spec import FieldSpec

MOST_PEOPLE = 500


def sheet_view(actor: Actor, sheet: Mapping[str, Any], *, mode: str) -> SheetView:
    """One sheet with its columns; `missing` names required fields without a column (not asked for when only updating)."""
    kinds = records.types(actor)
    spec = kinds.get(sheet["type"] or "")
    fields = planning.fields_by_key(actor, sheet["type"]) if spec else {}
    mapped = {column["field"] for column in sheet["columns"].values()}
    required = planning.required_fields(actor, sheet["type"]) if spec and mode != "update" else []
    return SheetView(
        index=sheet["index"],
        title=sheet["title"],
        header_row=sheet["header_row"],
        header_candidates=tuple((number, tuple(texts)) for number, texts in sheet["candidates"]),
        type_key=sheet["type"],
        type_label=str(spec.title) if spec else "",
        rows=sheet["rows"],
        skipped=tuple(SkippedRow(**row) for row in sheet["skipped"]),
        columns=tuple(_column(actor, sheet, place, title, fields) for place, title in enumerate(sheet["titles"])),
        missing=tuple(str(field.label) for field in required if field.key not in mapped),
    )


def _column(
    actor: Actor, sheet: Mapping[str, Any], place: int, title: str, fields: Mapping[str, FieldSpec]
) -> ColumnView:
    match = sheet["columns"].get(str(place))
    field = fields.get(match["field"]) if match else None
    seen = sheet["seen"][place] or {}
    chosen = sheet["values"].get(str(place), {})
    values, options = _values(actor, field, seen, chosen) if field else ((), ())
    return ColumnView(
        index=place,
        letter=letter(place),
        title=title,
        samples=tuple(sheet["samples"][place]),
        field=field.key if field else None,
        field_label=str(field.label) if field else "",
        confidence=match["confidence"] if match else "none",
        why=match["why"] if match else "",
        values=values,
        options=options,
        people=field is not None and field.target == PEOPLE,
    )


def _values(
    actor: Actor, field: FieldSpec, seen: Mapping[str, int], chosen: Mapping[str, str]
) -> tuple[tuple[ValueView, ...], tuple[tuple[str, str], ...]]:
    texts = [text for text in seen if text]
    if field.options and field.kind.control_kind == "select":
        options = tuple((option.key, str(option.label)) for option in field.options if option.enabled)
        known = {text: key for text in texts if (key := _option(text, field))}
    elif field.target == PEOPLE:
        known = {name: str(pk) for (_type, name), pk in by_title(actor, {PEOPLE: texts}).items()} if texts else {}
        options = people(actor)
    else:
        return (), ()
    labels = dict(options) | {INVITE: _("添加为未邀请的成员"), SKIP: _("留空")}
    values = tuple(_value(text, seen[text], chosen.get(text, known.get(text)), labels, field) for text in texts)
    extra = ((INVITE, labels[INVITE]),) if field.target == PEOPLE else ()
    return values, (*options, *extra, (SKIP, labels[SKIP]))


def _option(text: str, field: FieldSpec) -> str | None:
    try:
        option = find(text, field)
    except FieldError:
        return None
    return option.key if option.enabled else None


def people(actor: Actor) -> tuple[tuple[str, str], ...]:
    """The members to whom a name in a file can be mapped: primary key as text, name."""
    request = records.ListRequest(columns=("name",), sort=("name",), size=MOST_PEOPLE, sums=False)
    return tuple((str(row.pk), row.texts[0]) for row in records.page(actor, PEOPLE, request))


def _value(text: str, rows: int, target: str | None, labels: Mapping[str, str], field: FieldSpec) -> ValueView:
    if target is not None:
        return ValueView(text, rows, target, labels.get(target, text))
    problem = (
        _("没有名为“%(text)s”的成员。") % {"text": text}
        if field.target == PEOPLE
        else _("%(label)s里没有“%(text)s”。") % {"label": field.label, "text": text}
    )
    return ValueView(text, rows, None, suggestion=nearest(text, labels), problem=problem)


def nearest(text: str, labels: Mapping[str, str]) -> tuple[str, str] | None:
    """The option whose label is most alike, as (key, label); None when nothing is near."""
    names: Sequence[str] = [label for key, label in labels.items() if key not in {INVITE, SKIP}]
    close = get_close_matches(text, names, n=1, cutoff=0.5)
    return next(((key, label) for key, label in labels.items() if close and label == close[0]), None)
