"""The boxes beside the hits: values to tick with their counts, by which a search is narrowed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import MemberActor
from kezhou.finding import Facet, SearchRequest, SearchResult
from kezhou.records import fields_for, types
from kezhou.records.spec import Purpose
from kezhou.web.finding import request as asked

Titles = Callable[[MemberActor, Iterable[str]], Mapping[str, str]]


def boxes(
    actor: MemberActor, query: QueryDict, wanted: SearchRequest, result: SearchResult | None
) -> list[dict[str, Any]]:
    """One box for each way of narrowing; a value that was ticked stays even when nothing is left under it, or nobody could take
    the tick away."""
    if result is None:
        return []
    kinds = tuple(Facet(group.type, group.title, group.count) for group in result.groups)
    parts: tuple[tuple[str, str, tuple[Facet, ...], tuple[str, ...], Titles], ...] = (
        ("kind", _("种类"), kinds, wanted.kinds, _kinds),
        ("owner", _("负责人"), result.owners, tuple(map(str, wanted.owner)), _linked("core.member")),
        ("department", _("部门"), result.departments, tuple(map(str, wanted.department)), _linked("core.department")),
        ("category", _("分类"), result.categories, wanted.category, _classes),
    )
    found = (
        (name, title, (*facets, *_left(actor, facets, chosen, how)), chosen)
        for name, title, facets, chosen, how in parts
    )
    return [
        {
            "name": name,
            "title": title,
            "values": [{"facet": facet, "on": facet.value in chosen} for facet in facets],
            "clear": asked.changed(query, **{name: None}) if chosen else "",
            "chosen": len(chosen),
        }
        for name, title, facets, chosen in found
        if facets
    ]


def _left(actor: MemberActor, facets: Iterable[Facet], chosen: Iterable[str], how: Titles) -> tuple[Facet, ...]:
    """What was ticked and has no count, as far as the actor may know its name."""
    known = {facet.value for facet in facets}
    missing = [value for value in chosen if value not in known]
    titles = how(actor, missing) if missing else {}
    return tuple(Facet(value, titles[value], 0) for value in missing if value in titles)


def _kinds(actor: MemberActor, values: Iterable[str]) -> Mapping[str, str]:
    known = types(actor)
    return {value: str(known[value].title) for value in values if value in known}


def _linked(type: str) -> Titles:
    def titles(actor: MemberActor, values: Iterable[str]) -> Mapping[str, str]:
        if type not in types(actor):
            return {}
        found = records.titles(actor, {type: [int(value) for value in values]})
        return {str(pk): title for (_type, pk), title in found.items() if title}

    return titles


def _classes(actor: MemberActor, values: Iterable[str]) -> Mapping[str, str]:
    known, found = types(actor), {}
    for value in values:
        kind, _colon, key = value.partition(":")
        shown = fields_for(kind, actor, Purpose.FILTER) if kind in known else ()
        field = next((field for field in shown if field.key == known[kind].search.category), None)
        option = field.option(key) if field is not None else None
        if option is not None:
            found[value] = str(option.label)
    return found
