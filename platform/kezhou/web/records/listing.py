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

from kezhou import parameters, records
from kezhou.access.actor import MemberActor
from kezhou.assignments.reading import assignable
from kezhou.records import Page
from kezhou.records.fields.html import cell_tag
from kezhou.records.preferences import QUIET_DAYS
from kezhou.records.spec import FieldSpec, FilterError, Purpose, TypeSpec
from kezhou.records.validity import Force, tree_of
from kezhou.records.views.state import ViewState
from kezhou.web.records.marks import mark
from kezhou.web.templatetags.kezhou import icon

DEEPEST = 8
"""Rows of a tree are set in by so many steps at most."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A ready-made condition that is switched on and off."""

    key: str
    title: str
    condition: tuple[Any, ...]


ASSIGNED, INVOLVED, TEAM = "assigned", "involved", "team"
"""Chips of what waits for the reader and of what the reader takes part in: their records are looked up when they are chosen
(`looking`). That of the reader's people is offered to whoever heads a department."""


def chips(actor: MemberActor, spec: TypeSpec) -> tuple[Chip, ...]:
    """Quick chips that every type has; records with a validity period first those in force, to come and over; those about people where
    there are owners."""
    marks = tuple(Chip(mark.value, str(mark.label), tuple(tree_of(spec, mark))) for mark in Force if spec.validity)
    team = Chip(TEAM, _("我下属的"), ("owner", "in", ["my_reports"]))
    quiet = parameters.whole(QUIET_DAYS, actor)
    given = (team, Chip(ASSIGNED, _("指派给我"), ()), Chip(INVOLVED, _("我参与的"), ())) if assignable(spec) else ()
    return (
        *marks,
        *given,
        Chip("new", _("本周新增"), ("created_at", "relative", "this_week")),
        Chip("changed", _("今天改过"), ("changed_at", "relative", "today")),
        Chip("quiet", _("%(n)s 天没有改动") % {"n": quiet}, ("changed_at", "relative", f"before_{quiet}_days")),
    )


class Address:
    """The list's query string, over what the view behind it says (`base`, in the same terms).

    `view` is what is named in addresses made from this one; a parameter that is present but empty overrides the view's.
    """

    PLACE = ("page", "after", "before", "exact")
    KNOWN = frozenset({"view", "at", "on", "open", *PLACE, *ViewState.PARAMETERS})

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
        self._pairs: dict[tuple[str, str], str] = {}

    def get(self, name: str) -> str:
        """A part: the address's own, else the view's."""
        return str(self.query[name]) if name in self.query else self.base.get(name, "")

    def words(self, name: str) -> tuple[str, ...]:
        """A part that is a list: `chips=new,quiet`."""
        return tuple(filter(None, self.get(name).split(",")))

    def to(self, **parts: object) -> str:
        """The same list with some parts changed; None or "" leaves one out. Paging starts anew unless it is given."""
        kept = {name: str(value) for name, value in self.query.items() if name not in self.PLACE and name not in parts}
        if self.view:
            kept["view"] = self.view
        for name, value in parts.items():
            text = "" if value is None else ",".join(value) if isinstance(value, tuple) else str(value)
            if text or name in self.base:
                kept[name] = text
        return "?" + "&".join(self._pair(name, value) for name, value in kept.items() if value or name in self.base)

    def _pair(self, name: str, value: str) -> str:
        """A part as it stands in an address; a page makes dozens of addresses of the same parts."""
        known = self._pairs.get((name, value))
        if known is None:
            known = self._pairs[name, value] = urlencode({name: value})
        return known

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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in a tree: `depth` steps in, `below` it so many more, `url` folds them or unfolds them; `above` is said of one
    whose parent is not in the list."""

    depth: int = 0
    below: int = 0
    url: str = ""
    open: bool = False
    above: str = ""


def rows_html(
    found: Page,
    *,
    pinned: int,
    selectable: bool,
    edits: frozenset[str] = frozenset(),
    rows: Sequence[records.Row] | None = None,
    places: Mapping[int, Place] | None = None,
) -> Markup:
    """The rows: strings joined once, no template per cell (a page of 50 by 10 in about a millisecond). `places` says where each of `rows`
    stands in a tree."""
    heads = [_td(field, place, pinned, field.key in edits) for place, field in enumerate(found.columns)]
    title_at = next((place for place, field in enumerate(found.columns) if field.key == found.type.title_field), 0)
    base = f"/r/{found.type.key}/"
    pick = escape(_("选择"))
    standing = places or {}
    return Markup("").join(
        _row(row, heads, title_at, base, pick, selectable, standing.get(row.pk))
        for row in (found.rows if rows is None else rows)
    )


def _td(field: FieldSpec, place: int, pinned: int, edit: bool) -> str:
    css = ["kz-r kz-num"] if field.numeric else []
    if place < pinned:
        css.append("kz-pin")
    if place == pinned - 1:
        css.append("kz-edge")
    cell = f' data-cell="{escape(field.key)}" tabindex="0"' if edit else ""
    return f'<td class="{" ".join(css)}" data-label="{escape(str(field.label))}"{cell}>'


def _row(
    row: records.Row,
    heads: Sequence[str],
    title_at: int,
    base: str,
    pick: Markup,
    selectable: bool,
    standing: Place | None,
) -> Markup:
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
            name = f'<a class="kz-row1 kz-nm" href="{url}" data-open>{mark(row.pk, row.title)}<span class="kz-ell">{title}</span></a>'
            parts.append(f"{head}{_named(row, name, standing)}</td>")
        else:
            parts.append(f"{head}{cell}</td>")
    parts.append("</tr>")
    return Markup("".join(parts))  # noqa: S704 - cells are Markup, everything else was escaped above


def _named(row: records.Row, name: str, place: Place | None) -> str:
    """The cell of the name: in a tree with its fold and as far in as it stands; with the mark of a period that is not today's."""
    beside = ""
    if row.force not in (None, Force.IN_FORCE):
        beside = str(cell_tag(str(row.force.label), row.force.hue))
    if place is None:
        return f'<span class="kz-row1 kz-gap6">{name}{beside}</span>' if beside else name
    if place.above:
        beside = f'<span class="kz-dim kz-fs12 kz-ell">{escape(place.above)}</span>{beside}'
    return f'<span class="kz-row1 kz-gap4 kz-td{min(place.depth, DEEPEST)}">{_fold(row, place)}{name}{beside}</span>'


def _fold(row: records.Row, place: Place) -> str:
    if not place.below:
        return '<span class="kz-fold" aria-hidden="true"></span>'
    said = _("收起%(title)s下面的 %(n)s 个") if place.open else _("展开%(title)s下面的 %(n)s 个")
    label = escape(said % {"title": row.title, "n": place.below})
    return (
        f'<a class="kz-tb kz-fold{" on" if place.open else ""}" id="fold-{row.pk}" href="{escape(place.url)}" hx-get="{escape(place.url)}" '
        f'hx-select="#kz-table tbody" hx-target="#kz-table tbody" hx-swap="outerHTML" hx-push-url="true" '
        f'aria-expanded="{str(place.open).lower()}" aria-label="{label}" title="{label}">{icon("chevron-right", 16)}</a>'
    )
