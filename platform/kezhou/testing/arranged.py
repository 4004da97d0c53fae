"""The contract of layouts: an arrangement that moves every field around loses none, shows none too many, and breaks no form."""

from __future__ import annotations

from typing import Any

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.records.classes import class_of
from kezhou.records.layouts import LayoutSpec, layout_for, storing
from kezhou.records.layouts.spec import Kind
from kezhou.records.spec import FieldSpec, Purpose


def turned_around(fields: tuple[FieldSpec, ...]) -> dict[str, Any]:
    """A content in which every field stands elsewhere: backwards, in two tabs, one to three columns, the last group closed."""
    backwards = [{"key": field.key, "wide": bool(place % 2)} for place, field in enumerate(reversed(fields))]
    thirds = [backwards[start::3] for start in range(3)]
    first, second, third = (
        {"key": f"turned{n}", "title": f"第 {n} 段", "columns": n, "lazy": n == 3, "fields": part}
        for n, part in enumerate(thirds, 1)
    )
    tabs = [{"title": "前", "sections": [first]}, {"title": "后", "sections": [third, second]}]
    return {"tabs": tabs, "hidden": []}


def turn_around(actor: Actor, key: str) -> None:
    """Arrange every kind of page of a type anew, for everybody."""
    written, read, listed = (
        records.fields_for(key, actor, purpose) for purpose in (Purpose.WRITE, Purpose.READ, Purpose.LIST)
    )
    names = [field.key for field in reversed(listed)]
    contents: dict[Kind, dict[str, Any]] = {
        Kind.FORM: turned_around(written),
        Kind.DETAIL: turned_around(read),
        Kind.COLUMNS: {"fields": names},
        Kind.QUICK: {"fields": []},
    }
    for kind, content in contents.items():
        place = storing.slot(actor, key, kind)
        storing.put(actor, place, content, version=storing.state(place).version)


def put_back(actor: Actor, key: str) -> None:
    """Every kind of page as the type declares it."""
    for kind in Kind:
        place = storing.slot(actor, key, kind)
        storing.reset(actor, place, version=storing.state(place).version)


def check_layout(actor: Actor, key: str) -> None:
    """Whatever is moved around: each field once, required ones in sight, columns and drawer as arranged, and the way back."""
    before = layout_for(actor, key)
    turn_around(actor, key)
    layout = layout_for(actor, key, class_of(records.type_of(actor, key), {}))
    written = records.fields_for(key, actor, Purpose.WRITE)
    _demand_each_once(key, layout, Kind.FORM, written)
    _demand_each_once(key, layout, Kind.DETAIL, records.fields_for(key, actor, Purpose.READ))
    seen = layout.at_once(Kind.FORM)
    hidden = [field.key for field in written if field.required and field.key not in seen]
    assert not hidden, f"{key}: the required fields {hidden} are not seen before a group is opened."
    wanted = [field.key for field in reversed(records.fields_for(key, actor, Purpose.LIST))]
    assert list(layout.columns) == wanted, f"{key}: the list does not have the arranged columns."
    needed = [field.key for field in written if field.required]
    assert list(layout.quick) == needed, f"{key}: the drawer asks for {layout.quick}, not for {needed}."
    put_back(actor, key)
    assert layout_for(actor, key) == before, f"{key}: put back, the pages are not as declared."


def _demand_each_once(key: str, layout: LayoutSpec, kind: Kind, fields: tuple[FieldSpec, ...]) -> None:
    placed = [name for section in layout.sections(kind) for name in section.keys]
    lost = {field.key for field in fields} - set(placed) - set(layout.elsewhere)
    twice = {name for name in placed if placed.count(name) > 1}
    extra = set(placed) - {field.key for field in fields}
    assert not lost, f"{key}: the {kind} lost {sorted(lost)}."
    assert not twice, f"{key}: the {kind} shows {sorted(twice)} twice."
    assert not extra, f"{key}: the {kind} shows {sorted(extra)}, which the actor may not have there."
