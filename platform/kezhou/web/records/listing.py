"""The list of one type: the address, read and written back with one part changed, and the rows as HTML.

The address holds the whole state: the view, and whatever differs from it (`kezhou.records.views.ViewState.PARAMETERS`), `at` for one
group, `page` or `after`/`before`, `exact`; `on` and `scale` say which part of a calendar is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from kezhou import records
from kezhou.access.actor import MemberActor
from kezhou.assignments.reading import assignable
from kezhou.records import Page
from kezhou.records.spec import FieldSpec, FilterError, Purpose, TypeSpec
from kezhou.records.validity import Force, tree_of
from kezhou.records.views.state import ViewState
from kezhou.web.records.marks import mark


@dataclass(frozen=True, slots=True)
class Chip:
    """A ready-made condition that is switched on and off."""

    key: str
    title: str
    condition: tuple[Any, ...]


ASSIGNED = "assigned"
"""The chip of what waits for the reader: its records are looked up when it is chosen (`looking`)."""


def chips(spec: TypeSpec) -> tuple[Chip, ...]:
    """Quick chips that every type has; records with a validity period first those in force, to come and over; 指派给我 where there are owners."""
    marks = tuple(Chip(mark.value, str(mark.label), tuple(tree_of(spec, mark))) for mark in Force if spec.validity)
    given = (Chip(ASSIGNED, _("指派给我"), ()),) if assignable(spec) else ()
    return (
        *marks,
        *given,
        Chip("new", _("本周新增"), ("created_at", "relative", "this_week")),
        Chip("changed", _("今天改过"), ("changed_at", "relative", "today")),
        Chip("quiet", _("30 天没有改动"), ("changed_at", "relative", "before_30_days")),
    )


class Address:
    """The list's query string, over what the view behind it says (`base`, in the same terms).

    `view` is what is named in addresses made from this one; a parameter that is present but empty overrides the view's.
    """

    PLACE = ("page", "after", "before", "exact")
    KNOWN = frozenset({"view", "at", "on", "scale", *PLACE, *ViewState.PARAMETERS})

    def __init__(self, query: QueryDict, base: Mapping[str, str] | None = None, view: str = "") -> None:
        unknown = sorted(set(query) - self.KNOWN)
        if unknown:
            raise FilterError(
                _("列表不认识参数“%(name)s”，可用：%(known)s。")
                % {"name": unknown[0], "known": "、".join(sorted(self.KNOWN))}
            )
        self.query = query
        self.base = base or {}
        self.view = view

    def get(self, name: str) -> str:
        """A part: the address's own, else the view's."""
        return str(self.query[name]) if name in self.query else self.base.get(name, "")

    def words(self, name: str) -> tuple[str, ...]:
        """A part that is a list: `chips=new,quiet`."""
        return tuple(filter(None, self.get(name).split(",")))

    def to(self, **parts: object) -> str:
        """The same list with some parts changed; None or "" leaves one out. Paging starts anew unless it is given."""
        kept = {name: value for name, value in self.query.items() if name not in self.PLACE and name not in parts}
        if self.view:
            kept["view"] = self.view
        for name, value in parts.items():
            text = "" if value is None else ",".join(value) if isinstance(value, tuple) else str(value)
            if text or name in self.base:
                kept[name] = text
        return f"?{urlencode({name: value for name, value in kept.items() if value or name in self.base})}"

    def less(self, name: str) -> Address:
        """The same without one part."""
        query = self.query.copy()
        query.pop(name, None)
        return Address(query, self.base, self.view)

    @property
    def text(self) -> str:
        """The whole address as it is, the view named."""
        query = self.query.copy()
        if self.view:
            query["view"] = self.view
        return query.urlencode()

    @property
    def narrowed(self) -> bool:
        """True when anything beyond a tab narrows the list."""
        return any(self.get(name) for name in ("q", "filter", "chips", "at"))


def column_keys(actor: MemberActor, spec: TypeSpec) -> tuple[FieldSpec, ...]:
    """All fields that may be columns, in the type's order."""
    return records.fields_for(spec, actor, Purpose.LIST)


def rows_html(found: Page, *, pinned: int, selectable: bool, edits: frozenset[str] = frozenset()) -> Markup:
    """The rows: strings joined once, no template per cell (a page of 50 by 10 in about a millisecond)."""
    heads = [_td(field, place, pinned, field.key in edits) for place, field in enumerate(found.columns)]
    title_at = next((place for place, field in enumerate(found.columns) if field.key == found.type.title_field), 0)
    base = f"/r/{found.type.key}/"
    pick = escape(_("选择"))
    return Markup("").join(_row(row, heads, title_at, base, pick, selectable) for row in found.rows)


def _td(field: FieldSpec, place: int, pinned: int, edit: bool) -> str:
    css = ["kz-r kz-num"] if field.numeric else []
    if place < pinned:
        css.append("kz-pin")
    if place == pinned - 1:
        css.append("kz-edge")
    cell = f' data-cell="{escape(field.key)}" tabindex="0"' if edit else ""
    return f'<td class="{" ".join(css)}" data-label="{escape(str(field.label))}"{cell}>'


def _row(row: Any, heads: Sequence[str], title_at: int, base: str, pick: Markup, selectable: bool) -> Markup:
    title = escape(row.title)
    url = f"{base}{row.pk}"
    parts = [f'<tr data-row="{row.pk}" data-version="{row.version}">']
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
