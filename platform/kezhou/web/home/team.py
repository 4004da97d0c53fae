"""What a manager sees first: the people of the departments that they head, and what each has in hand (UIX-12, overview for managers)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import assignments, records
from kezhou.access.actor import MemberActor
from kezhou.records.spec import Purpose, TypeSpec
from kezhou.web import menu
from kezhou.web.moments import week_start
from kezhou.web.pages import SIGNED_IN, PageRequest, page

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

KINDS = 4
PEOPLE = 100


@dataclass(frozen=True, slots=True)
class Kind:
    """One column: a kind of record that has owners."""

    title: StrOrPromise
    icon: str
    owned: int
    new: int
    url: str


@dataclass(frozen=True, slots=True)
class Cell:
    """How many records of a kind somebody owns, how many of them are new this week, and where they are listed."""

    title: StrOrPromise
    owned: int
    new: int
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One colleague: `waiting` and `late` are assignments."""

    name: str
    cells: tuple[Cell, ...]
    waiting: int
    late: int


@dataclass(frozen=True, slots=True)
class Team:
    """Everything on the page; the figures of a kind are those of the team."""

    kinds: tuple[Kind, ...]
    rows: tuple[Row, ...]
    late: int
    waiting: int


def has_one(actor: MemberActor) -> bool:
    """Whether there is a team to look at: that of a department one heads, for administrators the company."""
    return actor.is_admin or bool(actor.departments_headed)


@page("team", access=SIGNED_IN, name="team")
def team_page(request: PageRequest) -> HttpResponse:
    """The overview; not there for those who head no department."""
    if not has_one(request.actor):
        raise Http404(_("团队概览给部门负责人和管理员看，你还没有负责的部门。"))
    crumbs = ({"title": _("首页"), "url": reverse("home")}, {"title": _("团队概览")})
    return render(request, "kezhou/team.html", {"team": team(request.actor), "active": "home", "crumbs": crumbs})


def team(actor: MemberActor) -> Team:
    """Records and people are counted as far as the reader may see them, assignments by person, on whatever record; the first `PEOPLE`
    by name. One statement per kind, one for the people and one for assignments."""
    people = _people(actor)
    kinds = [spec for spec in menu.readable(actor) if _has_owner(actor, spec)][:KINDS]
    found = [_by_owner(actor, spec, list(people)) for spec in kinds]
    waiting = assignments.waiting_for(people)
    rows = tuple(
        Row(
            name,
            tuple(
                Cell(spec.title, *counts.get(pk, (0, 0)), _url(spec, pk))
                for spec, counts in zip(kinds, found, strict=True)
            ),
            *waiting.get(pk, (0, 0)),
        )
        for pk, name in people.items()
    )
    heads = tuple(
        Kind(spec.title, spec.icon, sum(n for n, _new in counts.values()), sum(new for _n, new in counts.values()),
             reverse("record-list", args=[spec.key]))
        for spec, counts in zip(kinds, found, strict=True)
    )  # fmt: skip
    return Team(heads, rows, sum(row.late for row in rows), sum(row.waiting for row in rows))


def _people(actor: MemberActor) -> Mapping[int, str]:
    if "core.member" not in records.types(actor):
        return {}
    rows = records.query(actor, "core.member").filter(state="active")
    if not actor.is_admin:
        rows = rows.filter(department__in=list(actor.departments_headed))
    return dict(rows.order_by("title_sort", "pk").values_list("pk", "name")[:PEOPLE])


def _has_owner(actor: MemberActor, spec: TypeSpec) -> bool:
    told = {field.key for field in records.fields_for(spec, actor, Purpose.FILTER)}
    return spec.plugin != menu.SETTINGS_PLUGIN and "owner" in told


def _by_owner(actor: MemberActor, spec: TypeSpec, people: Sequence[int]) -> Mapping[int, tuple[int, int]]:
    rows = records.query(actor, spec.key).filter(owner__in=people).order_by().values("owner")
    told = rows.annotate(owned=Count("pk"), new=Count("pk", filter=Q(created_at__gte=week_start())))
    return {row["owner"]: (row["owned"], row["new"]) for row in told}


def _url(spec: TypeSpec, pk: int) -> str:
    condition = json.dumps(["owner", "eq", pk], separators=(",", ":"))
    return f"{reverse('record-list', args=[spec.key])}?{urlencode({'view': 'all', 'filter': condition})}"
