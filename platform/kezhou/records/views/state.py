"""What a view holds, and how it is read from what a page or the database hands over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import orjson
from django.utils.translation import gettext as _

from kezhou.records import filters
from kezhou.records.ordering import MOST_KEYS
from kezhou.records.spec import FilterError

DISPLAYS = ("table", "tree", "kanban", "calendar")
SIZES = (20, 50, 100)
TEXTS = ("q", "group", "starts", "ends", "resource", "scale", "part")
NARROWEST, WIDEST = 60, 800
MOST_COLUMNS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewState:
    """A list as it is set up. Empty parts mean the type's own default.

    `filter` is a tree as JSON lists; `chips` are quick conditions by name; `widths` are pixels by column; `pinned` is how many
    columns stay in sight; `edits` are the columns whose values may be changed in the list; `group` is the field whose values are
    offered with counts (in a kanban the columns); `starts`, `ends` and `resource` are the fields of a calendar, `scale` how much of it is seen
    and `part` which part of its rows.
    `PARAMETERS` are the parts that an address can say as well.
    """

    PARAMETERS: ClassVar[tuple[str, ...]] = (
        "filter", "chips", "q", "sort", "columns", "size", "display", "group", "starts", "ends", "resource", "scale", "part",
    )  # fmt: skip

    filter: Any = None
    chips: tuple[str, ...] = ()
    q: str = ""
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    widths: Mapping[str, int] = field(default_factory=dict)
    pinned: int = 1
    edits: tuple[str, ...] = ()
    size: int = 50
    display: str = "table"
    group: str = ""
    starts: str = ""
    ends: str = ""
    resource: str = ""
    scale: str = ""
    part: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> ViewState:
        """From JSON. Raises FilterError for what cannot be a view."""
        unknown = sorted(set(given) - set(cls.__dataclass_fields__))
        if unknown:
            raise FilterError(_("视图没有“%(name)s”这一项。") % {"name": unknown[0]})
        names: dict[str, Any] = {name: _names(given, name) for name in ("chips", "sort", "columns", "edits")}
        texts: dict[str, Any] = {name: _text(given, name) for name in TEXTS}
        tree = given.get("filter") or None
        return cls(
            filter=filters.dump(filters.parse(tree)) if tree else None,
            widths=_widths(given.get("widths") or {}),
            pinned=_whole(given, "pinned", 1, 0, 5),
            size=_one_of(given, "size", SIZES, 50),
            display=_one_of(given, "display", DISPLAYS, "table"),
            **names,
            **texts,
        )

    @property
    def json(self) -> dict[str, Any]:
        """As it is kept: only what differs from the default."""
        return {name: value for name, value in asdict(self).items() if value != getattr(PLAIN, name)}

    @property
    def parameters(self) -> dict[str, str]:
        """As an address says it; parts that an address does not hold (widths, pinned, edits) are left out."""
        found = {name: ",".join(getattr(self, name)) for name in ("chips", "sort", "columns")}
        found |= {name: getattr(self, name) for name in TEXTS}
        found["filter"] = orjson.dumps(self.filter).decode() if self.filter else ""
        found["display"] = "" if self.display == "table" else self.display
        found["size"] = "" if self.size == PLAIN.size else str(self.size)
        return {name: value for name, value in found.items() if value}


def _names(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    raw = given.get(name) or ()
    values = tuple(dict.fromkeys(filter(None, raw.split(",") if isinstance(raw, str) else raw)))
    most = MOST_KEYS if name == "sort" else MOST_COLUMNS
    if len(values) > most or not all(isinstance(value, str) and len(value) <= 80 for value in values):
        raise FilterError(_("视图的“%(name)s”最多 %(most)s 项，每项是一个字段名。") % {"name": name, "most": most})
    return values


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name) or ""
    if not isinstance(value, str) or len(value) > 200 or "\0" in value:
        raise FilterError(_("视图的“%(name)s”应是一段不超过 200 字的文字。") % {"name": name})
    return value


def _one_of(given: Mapping[str, Any], name: str, allowed: tuple[Any, ...], otherwise: Any) -> Any:
    value = given.get(name) or otherwise
    kind = type(otherwise)
    value = kind(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and kind is int else value
    if value not in allowed:
        shown = {"name": name, "known": "、".join(map(str, allowed)), "value": str(value)[:40]}
        raise FilterError(_("视图的“%(name)s”可以是 %(known)s，不能是“%(value)s”。") % shown)
    return value


def _whole(given: Mapping[str, Any], name: str, otherwise: int, least: int, most: int) -> int:
    value = given.get(name)
    if value is None or value == "":
        return otherwise
    if not str(value).isascii() or not str(value).isdecimal():
        raise FilterError(_("视图的“%(name)s”应是整数。") % {"name": name})
    return max(least, min(most, int(value)))


def _widths(raw: Any) -> dict[str, int]:
    if not isinstance(raw, Mapping) or len(raw) > MOST_COLUMNS:
        raise FilterError(_("列宽应按字段名给出像素数。"))
    found = {}
    for key, value in raw.items():
        if not isinstance(key, str) or isinstance(value, bool) or not isinstance(value, int):
            raise FilterError(_("列宽应按字段名给出像素数。"))
        found[key] = max(NARROWEST, min(WIDEST, value))
    return found


PLAIN = ViewState()
