"""地区与城市, 国家与地区 (CFG-04, CFG-05): looked up, added, renamed, numbered otherwise, switched off. Panels are states of the address."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.records import shape
from kezhou.records.catalogue import shaped
from kezhou.records.regions import editing, uses
from kezhou.records.regions.countries import Country
from kezhou.records.regions.editing import PlaceError
from kezhou.records.regions.finding import fits, search, words
from kezhou.records.regions.keeping import COUNTRY, REGION
from kezhou.records.regions.models import PlaceRow
from kezhou.records.regions.places import DEEPEST, Place, Regions
from kezhou.web.settings import menu
from kezhou.web.settings.shell import shell

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

REGIONS_HERE, COUNTRIES_HERE = "/settings/regions", "/settings/countries"
NEW = "new"
MOST = 200
TEMPLATE = "kezhou/settings/places.html"

menu.register(
    menu.Entry(
        "regions",
        gettext_lazy("地区与城市"),
        gettext_lazy("省、市、区的名称、邮编和区号"),
        icon="map-pin",
        url=REGIONS_HERE,
        group="dictionaries",
        order=30,
        words=gettext_lazy("省份 城市 区县 邮编 区号 行政区划"),
    )
)
menu.register(
    menu.Entry(
        "countries",
        gettext_lazy("国家与地区"),
        gettext_lazy("国家代码、名称和国际区号"),
        icon="world",
        url=COUNTRIES_HERE,
        group="dictionaries",
        order=40,
        words=gettext_lazy("国家 国际区号 地区设置"),
    )
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list; `below` is the address of what lies below it, empty where nothing does."""

    code: str
    name: str
    path: str
    dialling_code: str
    postcode: str
    enabled: bool
    standard: str
    below: str = ""

    @property
    def changed(self) -> bool:
        return bool(self.standard) and self.name != self.standard


@page("settings/regions", access=ADMIN, methods=("GET", "POST"), name="settings-regions")
def regions(request: PageRequest) -> HttpResponse:
    """The places below one (`under`), or those that `q` finds; `place` opens the panel of one, or of a new one."""
    return _answer(request, REGION)


@page("settings/countries", access=ADMIN, methods=("GET", "POST"), name="settings-countries")
def countries(request: PageRequest) -> HttpResponse:
    """All countries and regions, or those that `q` finds."""
    return _answer(request, COUNTRY)


def _answer(request: PageRequest, kind: str) -> HttpResponse:
    if request.method != "POST":
        return _show(request, kind, request.GET)
    try:
        said, code = _act(request, kind, request.POST)
    except PlaceError as error:
        return _show(request, kind, request.POST, {error.field: str(error)})
    toast(request, said)
    query = urlencode({"under": request.POST.get("under", ""), "place": code})
    return HttpResponseRedirect(f"{_here(kind)}?{query}")


def _here(kind: str) -> str:
    return REGIONS_HERE if kind == REGION else COUNTRIES_HERE


def _act(request: PageRequest, kind: str, data: QueryDict) -> tuple[str, str]:
    """Do what was pressed; what to say, and which place to show."""
    deed, code, actor = data.get("do", "save"), data.get("place", NEW), request.actor
    if deed in {"enable", "disable"}:
        editing.switch(actor, kind, code, enabled=deed == "enable")
        return (_("已恢复。") if deed == "enable" else _("已停用，旧记录照样显示。")), code
    if deed in {"first", "unfirst"}:
        editing.put_first(actor, kind, code, first=deed == "first")
        return (_("已排到最前。") if deed == "first" else _("已放回原来的次序。")), code
    if deed == "standard":
        editing.put_back(actor, kind, code)
        return _("已改回标准。"), code
    if deed != "save":
        raise Http404
    code = _saved(actor, kind, code, data)
    said = _("“%(name)s”加好了。") if data.get("place", NEW) == NEW else _("“%(name)s”已保存。")
    return said % {"name": data.get("name", "").strip()}, code


def _saved(actor: Actor, kind: str, code: str, data: QueryDict) -> str:
    name, dialling = data.get("name", ""), data.get("dialling_code", "")
    if kind == COUNTRY:
        if code == NEW:
            return editing.add_country(actor, code=data.get("code", ""), name=name, phone_code=dialling)
        editing.change_country(actor, code, name=name, phone_code=dialling)
        return code
    postcode = data.get("postcode", "")
    if code == NEW:
        return editing.add_region(actor, data.get("under", ""), name=name, area_code=dialling, postcode=postcode)
    editing.change_region(actor, code, name=name, area_code=dialling, postcode=postcode)
    return code


def _show(request: PageRequest, kind: str, data: QueryDict, errors: dict[str, str] | None = None) -> HttpResponse:
    actor = shape.unversioned(request.actor)
    atlas, text, under = shaped(actor).atlas, data.get("q", "").strip()[:60], data.get("under", "")
    if under and (kind == COUNTRY or atlas.regions.get(under) is None):
        raise Http404
    rows = _regions(atlas.regions, under, text) if kind == REGION else _countries(atlas.countries, text)
    title = _("地区与城市") if kind == REGION else _("国家与地区")
    context = shell("regions" if kind == REGION else "countries", title) | {
        "heading": title,
        "kind": kind,
        "here": _here(kind),
        "find": text,
        "under": under,
        "trail": atlas.regions.chain(under),
        "addable": kind == COUNTRY or len(atlas.regions.chain(under)) < DEEPEST,
        "rows": rows[:MOST] if text else rows,
        "more": MOST if text and len(rows) > MOST else 0,
        "panel": _panel(actor, kind, data, typed=errors is not None),
        "errors": errors or {},
    }
    return render(request, TEMPLATE, context, status=422 if errors else 200)


def _regions(regions: Regions, under: str, text: str) -> list[Row]:
    found = search(regions, text, limit=MOST + 1) if text else regions.children(under)
    return [_region(regions, place) for place in found]


def _region(regions: Regions, place: Place) -> Row:
    path = regions.name(place.parent) if place.parent else ""
    below = f"{REGIONS_HERE}?under={place.code}" if len(regions.chain(place.code)) < DEEPEST else ""
    facts = (place.area_code, place.postcode, place.enabled, place.standard)
    return Row(place.code, place.name, path, *facts, below=below)


def _countries(countries: tuple[Country, ...], text: str) -> list[Row]:
    return [
        Row(each.code, each.name, each.english, each.phone_code, "", each.enabled, each.standard)
        for each in countries
        if not text
        or fits(words(text), (each.name, each.standard, each.english, each.code, each.phone_code.lstrip("+")))
    ]


def _panel(actor: Actor, kind: str, data: QueryDict, *, typed: bool) -> dict[str, Any] | None:
    code = data.get("place", "")
    if not code:
        return None
    row = _row(actor, kind, code)
    if row is None and code != NEW:
        raise Http404
    regions, above = shaped(actor).atlas.regions, data.get("under", "")
    if row is not None and kind == REGION:
        above = regions.by_code[code].parent
    held = {"name": row.name, "dialling_code": row.dialling_code, "postcode": row.postcode} if row else {}
    values = {
        key: data.get(key, "") if typed else held.get(key, "") for key in ("code", "name", "dialling_code", "postcode")
    }
    return {
        "key": code,
        "title": row.name if row else (_("加地区") if kind == REGION else _("加国家")),
        "row": row,
        "first": PlaceRow.objects.filter(kind=kind, code=code, first__gt=0).exists(),
        "values": values,
        "above": {fact: regions.nearest(above, fact) for fact in ("area_code", "postcode")} if kind == REGION else {},
        "uses": [_use(use, code) for use in uses.uses(actor, kind, code)] if row else [],
    }


def _row(actor: Actor, kind: str, code: str) -> Row | None:
    atlas = shaped(actor).atlas
    if kind == REGION:
        place = atlas.regions.get(code)
        return _region(atlas.regions, place) if place else None
    return next((row for row in _countries(atlas.countries, "") if row.code == code), None)


def _use(use: uses.Use, code: str) -> dict[str, Any]:
    condition = json.dumps([use.field.key, "in", [code]])
    url = "" if use.type.hidden else f"{reverse('record-list', args=[use.type.key])}?{urlencode({'filter': condition})}"
    return {"title": use.title, "count": use.count, "url": url}
