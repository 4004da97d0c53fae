"""A list as a tree: what has no parent in the list stands at the top, the rest is unfolded below it. The address says what is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup

from kezhou import records
from kezhou.records import Row
from kezhou.records.listing import LARGEST, below, few
from kezhou.records.views.state import SIZES
from kezhou.web.records.listing import Place, rows_html
from kezhou.web.records.looking import Look
from kezhou.web.records.paging import numbers

MOST_OPEN = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """One shown row and how deep it stands."""

    row: Row
    depth: int


def branches(here: Look) -> dict[str, Any]:
    """What the table needs to show a tree: seven statements, however many rows there are and however many are unfolded."""
    asked = replace(here.asked, branch=(), sums=False)
    tops = records.page(here.actor, here.spec, asked)
    open_ = here.opened[:MOST_OPEN]
    under = _children(here, open_)
    shown = list(_walk(tops.rows, under, frozenset(open_)))
    counts = below(here.actor, here.spec, here.asked, [each.row.pk for each in shown])
    total = few(here.actor, here.spec, here.asked)
    foldable = tuple(each.row.pk for each in shown if each.row.pk in counts)
    return {
        "found": tops,
        "total": total,
        "rows": [each.row for each in shown],
        "places": _places(here, shown, counts, frozenset(open_)),
        "summary": _summary(tops.total, total),
        "unfold": _address(here, tuple(dict.fromkeys((*open_, *foldable)))[:MOST_OPEN]) if foldable else "",
        "fold": _address(here, ()) if open_ else "",
        "sizes": SIZES,
        **numbers(here.address, tops),
    }


def html(here: Look, tree: Mapping[str, Any], *, selectable: bool, edits: frozenset[str]) -> Markup:
    """The rows of the tree."""
    return rows_html(
        tree["found"], pinned=here.pinned, selectable=selectable, edits=edits, rows=tree["rows"], places=tree["places"]
    )


def _children(here: Look, pks: Sequence[int]) -> Mapping[int, list[Row]]:
    """What stands right below each of the unfolded rows, in the order of the list; at most 500 together."""
    found: dict[int, list[Row]] = defaultdict(list)
    if pks:
        asked = replace(here.asked, branch=tuple(pks), page=None, after="", before="", size=LARGEST, sums=False)
        for row in records.page(here.actor, here.spec, asked):
            found[row.parent or 0].append(row)
    return found


def _walk(
    rows: Sequence[Row], under: Mapping[int, list[Row]], open_: frozenset[int], depth: int = 0
) -> Iterator[Standing]:
    for row in rows:
        yield Standing(row, depth)
        if row.pk in open_:
            yield from _walk(under.get(row.pk, ()), under, open_ - {row.pk}, depth + 1)


def _places(
    here: Look, shown: Sequence[Standing], counts: Mapping[int, int], open_: frozenset[int]
) -> Mapping[int, Place]:
    away = [each.row.parent for each in shown if not each.depth and each.row.parent is not None]
    titles = records.titles(here.actor, {here.spec.key: away}) if away else {}
    found = {}
    for each in shown:
        pk, parent = each.row.pk, each.row.parent
        others = tuple(key for key in here.opened if key != pk)
        above = titles.get((here.spec.key, parent)) if parent is not None and not each.depth else None
        found[pk] = Place(
            depth=each.depth,
            below=counts.get(pk, 0),
            url=_address(here, others if pk in open_ else (*others, pk)),
            open=pk in open_,
            above=_("在%(title)s下面") % {"title": above} if above else "",
        )
    return found


def _address(here: Look, pks: Sequence[int]) -> str:
    place = {name: here.address.get(name) or None for name in ("page", "after", "before")}
    return here.address.to(open=tuple(map(str, pks)), **place)


def _summary(tops: int | None, total: int | None) -> str:
    if tops is None or total is None:
        return _("共 1 万以上")
    return _("共 %(total)s 个，最上一级 %(tops)s 个") % {"total": f"{total:,}", "tops": f"{tops:,}"}
