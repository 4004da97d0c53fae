"""The list of one type: the address, read and written back with one part changed, and the rows as HTML.

The address holds the whole state (QRY-05 chooses only what an address leaves out): `view`, `chips`, `q`, `filter`, `sort`,
`columns`, `page` or `after`/`before`, `size`, `exact`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from kezhou import records
from kezhou.access.actor import MemberActor
from kezhou.records import ListRequest, Page
from kezhou.records.listing import SIZES
from kezhou.records.preferences import ListSettings
from kezhou.records.spec import FieldSpec, FilterError, Purpose, TypeSpec
from kezhou.web.records.marks import mark

KNOWN = frozenset({"view", "chips", "q", "filter", "sort", "columns", "page", "after", "before", "size", "exact"})
PLACE = ("page", "after", "before", "exact")


@dataclass(frozen=True, slots=True)
class View:
    """A tab: a title and the condition behind it."""

    key: str
    title: str
    condition: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class Chip:
    """A ready-made condition that is switched on and off."""

    key: str
    title: str
    condition: tuple[Any, ...]


def views(spec: TypeSpec) -> tuple[View, ...]:
    """The tabs of a list: all, and mine where records have owners."""
    whole = View("all", _("全部%(title)s") % {"title": spec.title}, None)
    if "owner" not in spec.by_key:
        return (whole,)
    mine = View("mine", _("我的%(title)s") % {"title": spec.title}, ("owner", "eq", "me"))
    return (whole, mine, View("department", _("我部门的"), ("department", "in", ["my_departments_below"])))


def chips(spec: TypeSpec) -> tuple[Chip, ...]:
    """Quick chips that every type has."""
    return (
        Chip("new", _("本周新增"), ("created_at", "relative", "this_week")),
        Chip("changed", _("今天改过"), ("changed_at", "relative", "today")),
        Chip("quiet", _("30 天没有改动"), ("changed_at", "relative", "before_30_days")),
    )


class Address:
    """The list's query string."""

    def __init__(self, query: QueryDict) -> None:
        unknown = sorted(set(query) - KNOWN)
        if unknown:
            raise FilterError(
                _("列表不认识参数“%(name)s”，可用：%(known)s。")
                % {"name": unknown[0], "known": "、".join(sorted(KNOWN))}
            )
        self.query = query

    def get(self, name: str) -> str:
        return self.query.get(name, "")

    def words(self, name: str) -> tuple[str, ...]:
        """A part that is a list: `chips=new,quiet`."""
        return tuple(filter(None, self.get(name).split(",")))

    def to(self, **parts: object) -> str:
        """The same list with some parts changed; None or "" leaves one out. Paging starts anew unless it is given."""
        kept = {name: value for name, value in self.query.items() if name not in PLACE and name not in parts}
        for name, value in parts.items():
            if value not in (None, "", ()):
                kept[name] = ",".join(value) if isinstance(value, tuple) else str(value)
        return f"?{urlencode(kept)}"

    @property
    def narrowed(self) -> bool:
        """True when anything beyond a tab narrows the list."""
        return any(self.get(name) for name in ("q", "filter", "chips"))


def request_for(spec: TypeSpec, address: Address, choice: ListSettings) -> ListRequest:
    """What the engine is asked for. Raises FilterError (400) for a tab or chip that does not exist."""
    asked = ListRequest.of({name: address.get(name) for name in address.query})
    conditions = [_view(spec, address.get("view") or "all").condition]
    known = {chip.key: chip for chip in chips(spec)}
    for key in address.words("chips"):
        if key not in known:
            raise FilterError(_("没有快捷条件“%(key)s”，可用：%(known)s。") % {"key": key, "known": "、".join(known)})
        conditions.append(known[key].condition)
    within = ["and", [list(condition) for condition in conditions if condition]]
    size = asked.size if address.get("size") else choice.size
    if size not in SIZES:
        raise FilterError(_("每页可以是 20、50 或 100 条，不能是 %(size)s 条。") % {"size": size})
    return replace(
        asked,
        columns=asked.columns or choice.columns,
        sort=asked.sort or choice.sort,
        size=size,
        within=within if within[1] else None,
    )


def _view(spec: TypeSpec, key: str) -> View:
    for view in views(spec):
        if view.key == key:
            return view
    raise FilterError(_("“%(type)s”没有视图“%(key)s”。") % {"type": spec.title, "key": key})


def column_keys(actor: MemberActor, spec: TypeSpec) -> tuple[FieldSpec, ...]:
    """All fields that may be columns, in the type's order."""
    return records.fields_for(spec, actor, Purpose.LIST)


def rows_html(found: Page, *, pinned: int, selectable: bool) -> Markup:
    """The rows: strings joined once, no template per cell (a page of 50 by 10 in about a millisecond)."""
    heads = [_td(field, place, pinned) for place, field in enumerate(found.columns)]
    title_at = next((place for place, field in enumerate(found.columns) if field.key == found.type.title_field), 0)
    base = f"/r/{found.type.key}/"
    pick = escape(_("选择"))
    return Markup("").join(_row(row, heads, title_at, base, pick, selectable) for row in found.rows)


def _td(field: FieldSpec, place: int, pinned: int) -> str:
    css = ["kz-r kz-num"] if field.numeric else []
    if place < pinned:
        css.append("kz-pin")
    if place == pinned - 1:
        css.append("kz-edge")
    return f'<td class="{" ".join(css)}" data-label="{escape(str(field.label))}">'


def _row(row: Any, heads: Sequence[str], title_at: int, base: str, pick: Markup, selectable: bool) -> Markup:
    title = escape(row.title)
    url = f"{base}{row.pk}"
    parts = [f'<tr data-row="{row.pk}">']
    if selectable:
        parts.append(
            f'<td class="kz-c0 kz-pin"><input class="kz-ck" type="checkbox" name="pk" value="{row.pk}" data-pick '
            f'aria-label="{pick} {title}"></td>'
        )
    for place, (head, cell) in enumerate(zip(heads, row.cells, strict=True)):
        if place == title_at:
            parts.append(
                f'{head}<a class="kz-row1 kz-nm" href="{url}" data-open>{mark(row.pk, row.title)}<span class="kz-ell">{title}</span></a></td>'
            )
        else:
            parts.append(f"{head}{cell}</td>")
    parts.append("</tr>")
    return Markup("".join(parts))  # noqa: S704 - cells are Markup, everything else was escaped above
