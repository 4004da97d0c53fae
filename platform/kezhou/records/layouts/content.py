"""The content of an arrangement: the form in which it is stored and edited, what a type declares, and what is refused.

Form and record page are `{"tabs": [{"key", "title", "sections": [{"key", "title", "columns", "lazy", "fields": [{"key", "wide"}]}]}],
"hidden": [keys]}`; columns and quick create `{"fields": [keys], "hidden": [keys]}`; related lists
`{"lists": [{"type", "link", "columns"}], "hidden": [{"type", "link"}]}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from kezhou.records.fields.reading import clean_line
from kezhou.records.layouts.spec import Kind
from kezhou.records.spec import PanelSpec, RecordError, TypeSpec

MOST_TABS = 12
MOST_SECTIONS = 60
LONGEST_TITLE = 40
MOST_COLUMNS = 3

_KEY = re.compile(r"[a-z][a-z0-9]{0,15}")
_OWN = re.compile(r"c_\d{1,18}")


class LayoutError(RecordError):
    """An arrangement that cannot be; `str()` is a full sentence, `place` the key of the tab or section it belongs to."""

    def __init__(self, sentence: str, *, place: str = "") -> None:
        self.place = place
        super().__init__(sentence)


# -- what a type declares -----------------------------------------------------------------------------------------------


def declared(spec: TypeSpec, kind: Kind | str, related: Sequence[PanelSpec] = ()) -> dict[str, Any]:
    """The content of a kind as the type declares it; titles are lazy texts."""
    if kind in {Kind.FORM, Kind.DETAIL}:
        panels = spec.form if kind == Kind.FORM and spec.form else spec.layout
        return {"tabs": [_tab(panel for panel in panels if panel.kind == "fields")], "hidden": []}
    if kind == Kind.RELATED:
        return {"lists": [_list(panel) for panel in related], "hidden": []}
    if kind == Kind.COLUMNS:
        listed = (field.key for field in spec.fields if field.custom and field.listed)
        return {"fields": list(dict.fromkeys([*spec.columns, *listed])), "hidden": []}
    return {"fields": list(spec.quick), "hidden": []}


def _tab(panels: Any) -> dict[str, Any]:
    sections = [
        {
            "key": f"d{number}",
            "title": panel.title,
            "columns": 2,
            "lazy": False,
            "fields": [{"key": key, "wide": None} for key in panel.fields],
        }
        for number, panel in enumerate(panels, 1)
    ]
    return {"key": "t1", "title": "", "sections": sections}


def _list(panel: PanelSpec) -> dict[str, Any]:
    return {"type": panel.type, "link": panel.link or "", "columns": list(panel.columns)}


# -- reading what somebody sends ----------------------------------------------------------------------------------------


def read(spec: TypeSpec, kind: Kind | str, raw: Any) -> dict[str, Any]:
    """What was sent, checked and in the stored form. Raises LayoutError.

    Own fields that are hidden at the moment keep their place, so that they come back to it.
    """
    if not isinstance(raw, Mapping):
        raise LayoutError(_("版式读不懂：应是一个对象。请刷新这一页再试。"))
    if kind in {Kind.FORM, Kind.DETAIL}:
        return _read_tabs(spec, raw)
    if kind == Kind.RELATED:
        return _read_lists(raw)
    return _read_fields(spec, kind, raw)


def _items(raw: Mapping[str, Any], name: str) -> list[Any]:
    found = raw.get(name) or []
    if not isinstance(found, list):
        raise LayoutError(_("版式里的“%(name)s”应是一个列表。请刷新这一页再试。") % {"name": name})
    return found


def _read_tabs(spec: TypeSpec, raw: Mapping[str, Any]) -> dict[str, Any]:
    tabs = _items(raw, "tabs")
    if not 1 <= len(tabs) <= MOST_TABS:
        raise LayoutError(
            _("一个页面要有 1 到 %(limit)s 个标签页，现在有 %(n)s 个。") % {"limit": MOST_TABS, "n": len(tabs)}
        )
    reader = _Reader(spec)
    read_ = [reader.tab(tab, titled=len(tabs) > 1) for tab in tabs]
    if reader.sections > MOST_SECTIONS:
        raise LayoutError(
            _("一个页面最多 %(limit)s 段，现在有 %(n)s 段。") % {"limit": MOST_SECTIONS, "n": reader.sections}
        )
    return {"tabs": read_, "hidden": [key for key in _keys(spec, _items(raw, "hidden")) if key not in reader.seen]}


class _Reader:
    """Reads tabs while it remembers which fields and keys it has met: nothing may stand twice."""

    def __init__(self, spec: TypeSpec) -> None:
        self.spec = spec
        self.seen: set[str] = set()
        self.keys: set[str] = set()
        self.sections = 0

    def tab(self, raw: Any, *, titled: bool) -> dict[str, Any]:
        raw = _mapping(raw)
        key = self.key(raw, "t")
        title = _title(raw.get("title"), key) if titled or raw.get("title") else ""
        return {"key": key, "title": title, "sections": [self.section(part) for part in _items(raw, "sections")]}

    def section(self, raw: Any) -> dict[str, Any]:
        raw = _mapping(raw)
        self.sections += 1
        key = self.key(raw, "s")
        columns = raw.get("columns", 2)
        if isinstance(columns, bool) or columns not in range(1, MOST_COLUMNS + 1):
            raise LayoutError(_("一段可以排 1 到 %(limit)s 列。") % {"limit": MOST_COLUMNS}, place=key)
        return {
            "key": key,
            "title": _title(raw.get("title"), key),
            "columns": columns,
            "lazy": raw.get("lazy") is True,
            "fields": [self.field(part) for part in _items(raw, "fields")],
        }

    def field(self, raw: Any) -> dict[str, Any]:
        raw = _mapping(raw)
        (key,) = _keys(self.spec, [raw.get("key")])
        if key in self.seen:
            raise LayoutError(_("字段“%(label)s”放了两次，请移走一个。") % {"label": _label(self.spec, key)})
        self.seen.add(key)
        wide = raw.get("wide")
        return {"key": key, "wide": wide if isinstance(wide, bool) else None}

    def key(self, raw: Mapping[str, Any], letter: str) -> str:
        wanted = raw.get("key")
        number = len(self.keys) + 1
        if not isinstance(wanted, str) or not _KEY.fullmatch(wanted) or wanted in self.keys:
            while f"{letter}{number}" in self.keys:
                number += 1
            wanted = f"{letter}{number}"
        self.keys.add(wanted)
        return wanted


def _mapping(raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise LayoutError(_("版式读不懂：里面有一部分不是对象。请刷新这一页再试。"))
    return raw


def _title(raw: Any, place: str) -> str:
    title = clean_line(str(raw or ""))
    if not 1 <= len(title) <= LONGEST_TITLE:
        raise LayoutError(
            _("标题要有 1 到 %(limit)s 个字，现在是 %(n)s 个。") % {"limit": LONGEST_TITLE, "n": len(title)},
            place=place,
        )
    return title


def _label(spec: TypeSpec, key: str) -> str:
    return str(spec.by_key[key].label) if key in spec.by_key else key


def _keys(spec: TypeSpec, raw: Sequence[Any]) -> list[str]:
    for key in raw:
        if not isinstance(key, str) or (key not in spec.by_key and not _OWN.fullmatch(key)):
            raise LayoutError(_("“%(type)s”没有字段“%(field)s”。") % {"type": spec.title, "field": str(key)[:40]})
    return list(dict.fromkeys(raw))


def _read_fields(spec: TypeSpec, kind: Kind | str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Columns remember which own fields marked as columns were left out, so that only later ones come by themselves."""
    keys = _keys(spec, _items(raw, "fields"))
    if kind == Kind.COLUMNS and not keys:
        raise LayoutError(_("列表至少要有一列。"))
    left_out = [field.key for field in spec.fields if field.custom and field.listed and field.key not in keys]
    return {"fields": keys, "hidden": left_out if kind == Kind.COLUMNS else []}


def _read_lists(raw: Mapping[str, Any]) -> dict[str, Any]:
    lists = [_read_list(part) for part in _items(raw, "lists")]
    places = [(part["type"], part["link"]) for part in lists]
    if len(places) != len(set(places)):
        raise LayoutError(_("同一个相关列表放了两次，请移走一个。"))
    hidden = [_read_list(part) for part in _items(raw, "hidden")]
    return {"lists": lists, "hidden": [part for part in hidden if (part["type"], part["link"]) not in places]}


def _read_list(raw: Any) -> dict[str, Any]:
    raw = _mapping(raw)
    words = {name: str(raw.get(name) or "")[:80] for name in ("type", "link")}
    return {**words, "columns": [str(key)[:60] for key in _items(raw, "columns")][:20]}
