"""The list page, its column chooser (QRY-05) and what its filter builder offers (QRY-04)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.models import Role
from kezhou.assignments.reading import assignable
from kezhou.records import Page, preferences, views
from kezhou.records.actions.offering import bulk_actions
from kezhou.records.grouping import groups
from kezhou.records.listing import list_columns
from kezhou.records.ordering import MOST_KEYS, default_sort
from kezhou.records.spec import FieldSpec, FilterError
from kezhou.records.views.state import MOST_COLUMNS, NARROWEST, SIZES, WIDEST
from kezhou.web.home.pages import back
from kezhou.web.pages import PageRequest, on, page, toast
from kezhou.web.records import branches, filterview
from kezhou.web.records.board_pages import kanban
from kezhou.web.records.calendar_pages import calendar
from kezhou.web.records.listing import TEAM, chips, column_keys, rows_html
from kezhou.web.records.looking import NOTHING, Look, groupable, look
from kezhou.web.records.paging import numbers, summary
from tenants.states import Need


@page("r/<str:type_key>/", access=on("read"), name="record-list", visitors=True)
def record_list(request: PageRequest, type_key: str) -> HttpResponse:
    """One page of the records of a type, as the address, the view, the member's choice or the role's default wants it."""
    here = look(request.actor, request.type, request.GET)
    template, context = DISPLAYED[here.display]
    return render(request, template, {**frame(here), "tabs": tabs(here), **context(here)})


def frame(here: Look) -> dict[str, Any]:
    """What every display of a list shows above and below its records."""
    spec, address = here.spec, here.address
    return {
        "active": spec.key,
        "crumbs": ({"title": spec.title},),
        "spec": spec,
        "look": here,
        "address": address,
        "view": here.view,
        "tabs_label": _("视图"),
        "chips": _chips(here),
        "assignable": assignable(here.spec),
        "groups": _groups(here),
        "displays": _displays(here),
        "conditions": filterview.described(here.actor, spec, address),
        "links": _links(here),
        "since": timezone.now().isoformat(),
        "bulk_actions": bulk_actions(here.actor, spec),
        "q": address.get("q"),
        "filter": address.get("filter"),
        "sorted_by": here.asked.sort or default_sort(here.actor, spec),
    }


def _table(here: Look) -> dict[str, Any]:
    found = records.page(here.actor, here.spec, here.asked)
    selectable = bool(here.spec.operations & {"update", "delete", "export"})
    return {
        "page": found,
        "pinned": here.pinned,
        "heads": heads(found, here),
        "rows": rows_html(found, pinned=here.pinned, selectable=selectable, edits=_edits(here, found)),
        "selectable": selectable,
        "tabs": tabs(here, found),
        "sums": _sums(found),
        "sizes": SIZES,
        **numbers(here.address, found),
        "summary": summary(found),
    }


def _tree(here: Look) -> dict[str, Any]:
    if not _foldable(here):
        raise FilterError(_("“%(type)s”没有上下级，不能看成层级。") % {"type": here.spec.title})
    shown = branches.branches(here)
    found = shown["found"]
    selectable = bool(here.spec.operations & {"update", "delete", "export"})
    context = {
        "page": replace(found, total=shown["total"]),
        "pinned": here.pinned,
        "heads": heads(found, here),
        "rows": branches.html(here, shown, selectable=selectable, edits=_edits(here, found)),
        "selectable": selectable,
        "tabs": tabs(here),
        "sums": [],
    }
    return {**shown, **context}


def _foldable(here: Look) -> bool:
    """True where records stand above each other and this person may see so."""
    readable = {field.key for field in records.fields_for(here.spec, here.actor, "filter")}
    return bool(here.spec.tree) and here.spec.tree in readable


DISPLAYED: Mapping[str, tuple[str, Callable[[Look], dict[str, Any]]]] = {
    "table": ("kezhou/records/list.html", _table),
    "tree": ("kezhou/records/list.html", _tree),
    "kanban": ("kezhou/records/board.html", kanban),
    "calendar": ("kezhou/records/calendar.html", calendar),
}


def _edits(here: Look, found: Page) -> frozenset[str]:
    """Columns that may be edited in place: chosen in the view, and only by who may change such records at all."""
    if "update" not in here.spec.operations:
        return frozenset()
    return frozenset(field.key for field in found.columns if field.key in here.edits and field.editable)


@page("r/<str:type_key>/columns", access=on("read"), name="record-columns", methods=("GET", "POST"), needs=Need.READ)
def columns(request: PageRequest, type_key: str) -> HttpResponse:
    """The column chooser. A post remembers columns, their order, widths, the pinned ones and the page size: in the saved view
    that is open, for oneself, or by an administrator for a role."""
    here = look(request.actor, request.type, request.GET)
    if request.method == "GET":
        return _chooser(request, here)
    wanted = back(request, reverse("record-list", args=[type_key]))
    role = request.POST.get("role", "")
    if "reset" in request.POST:
        preferences.forget(request.actor, type_key)
        toast(request, _("列已恢复默认"))
        return HttpResponseRedirect(wanted)
    chosen = _chosen(request)
    if here.view.pk is not None and here.view.mine and request.POST.get("target") == "view":
        state = {**here.state.json, **chosen}
        views.save(
            request.actor, type_key, pk=here.view.pk, title=here.view.title, state=state, **views.kept(here.view)
        )
        toast(request, _("列已保存到视图“%(title)s”") % {"title": here.view.title})
        return HttpResponseRedirect(here.address.to(columns="") if here.address.query else wanted)
    preferences.remember(request.actor, type_key, role=role, **chosen)
    toast(request, _("已设为这个角色的默认列") if role else _("列已保存，下次打开还是这样"))
    return HttpResponseRedirect(wanted)


def _chosen(request: PageRequest) -> dict[str, Any]:
    keys = tuple(dict.fromkeys(request.POST.getlist("column")))[:MOST_COLUMNS]
    widths = {key: _small(request.POST.get(f"width-{key}", ""), 0, WIDEST) for key in keys}
    return {
        "columns": keys,
        "size": _small(request.POST.get("size", ""), 50, 100),
        "pinned": _small(request.POST.get("pinned", ""), 1, 5),
        "widths": {key: width for key, width in widths.items() if width >= NARROWEST},
        "edits": tuple(key for key in request.POST.getlist("edit") if key in keys),
    }


@page("r/<str:type_key>/width", access=on("read"), name="record-width", methods=("POST",), needs=Need.READ)
def width(request: PageRequest, type_key: str) -> HttpResponse:
    """Remember how wide a column was drawn: in the saved view that is open, else for oneself."""
    here = look(request.actor, request.type, request.GET)
    key = request.POST.get("column", "")
    pixels = max(NARROWEST, _small(request.POST.get("width", ""), NARROWEST, WIDEST))
    if here.view.pk is not None and here.view.mine:
        state = {**here.state.json, "widths": {**here.state.widths, key: pixels}}
        views.save(
            request.actor, type_key, pk=here.view.pk, title=here.view.title, state=state, **views.kept(here.view)
        )
    else:
        preferences.widen(request.actor, type_key, key, pixels)
    return HttpResponse(status=204)


@page("r/<str:type_key>/sort", access=on("read"), name="record-sort", visitors=True)
def sort(request: PageRequest, type_key: str) -> HttpResponse:
    """Up to three fields to sort by."""
    here = look(request.actor, request.type, request.GET)
    keys = [
        {"key": name.lstrip("-"), "down": name.startswith("-")}
        for name in here.asked.sort or default_sort(here.actor, request.type)
    ]
    keys += [{"key": "", "down": False}] * (MOST_KEYS - len(keys))
    fields = [field for field in column_keys(request.actor, request.type) if field.kind.sortable]
    return part(request, "sort", {"keys": keys, "fields": fields, "address": here.address})


@page("r/<str:type_key>/filter-fields", access=on("read"), name="filter-fields", visitors=True)
def filter_fields(request: PageRequest, type_key: str) -> HttpResponse:
    """The fields, operators and options for the filter builder, and the records of other types that point here."""
    here = look(request.actor, request.type, request.GET)
    return JsonResponse(filterview.builder(request.actor, request.type, here.address.get("filter")))


@page("r/<str:type_key>/count", access=on("read"), name="record-count", visitors=True)
def exact_count(request: PageRequest, type_key: str) -> HttpResponse:
    """The exact number behind “1 万+”."""
    here = look(request.actor, request.type, request.GET)
    return JsonResponse({"count": records.count(request.actor, request.type, here.asked)})


def heads(found: Page, here: Look) -> list[dict[str, Any]]:
    """The column heads with their sort addresses: once up, twice down, a third time back."""
    order = {name.lstrip("-"): (place, name.startswith("-")) for place, name in enumerate(found.sort, 1)}
    return [_head(field, order.get(field.key), place, here, found) for place, field in enumerate(found.columns)]


def _head(field: FieldSpec, order: tuple[int, bool] | None, place: int, here: Look, found: Page) -> dict[str, Any]:
    sorted_by = order is not None and bool(found.request.sort)
    following = f"-{field.key}" if order == (1, False) else field.key
    css = {
        "kz-r": field.numeric,
        "kz-pin": place < here.pinned,
        "kz-edge": place == here.pinned - 1,
        "kz-sorted": order is not None,
    }
    return {
        "field": field,
        "css": " ".join(name for name, wanted in css.items() if wanted),
        "width": "name" if field.key == found.type.title_field else field.type,
        "pixels": here.widths.get(field.key),
        "sortable": field.kind.sortable,
        "url": here.address.to(sort=following),
        "place": order[0] if order and len(found.sort) > 1 and sorted_by else None,
        "down": bool(order and order[1]),
        "sorted": order is not None,
        "aria": "" if order is None else "descending" if order[1] else "ascending",
    }


def _chooser(request: PageRequest, here: Look) -> HttpResponse:
    """Shown columns in order, and the rest by label."""
    asked = here.asked
    shown = list_columns(request.actor, request.type, asked.columns)
    keys = {field.key for field in shown}
    rest = [field for field in column_keys(request.actor, request.type) if field.key not in keys]
    may_edit = "update" in request.type.operations
    context = {
        "shown": [
            {
                "field": field,
                "width": here.widths.get(field.key, ""),
                "edit": field.key in here.edits,
                "editable": may_edit and field.editable and field.key != request.type.title_field,
            }
            for field in shown
        ],
        "hidden": [
            {"field": field, "width": "", "edit": False, "editable": may_edit and field.editable}
            for field in sorted(rest, key=lambda field: str(field.label))
        ],
        "pinned": here.pinned,
        "size": asked.size,
        "roles": roles(request),
        "view": here.view if here.view.pk is not None and here.view.mine else None,
        "next": f"{reverse('record-list', args=[request.type.key])}?{request.GET.urlencode()}",
    }
    return part(request, "columns", context)


def part(request: PageRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """The content of a popover, or a page of its own without scripts."""
    bare = request.headers.get("HX-Request")
    crumbs = ({"title": request.type.title, "url": reverse("record-list", args=[request.type.key])},)
    context |= {
        "spec": request.type,
        "active": request.type.key,
        "crumbs": crumbs,
        "part": f"kezhou/records/{name}_pop.html",
    }
    return render(request, context["part"] if bare else "kezhou/records/part_page.html", context)


def tabs(here: Look, found: Page | None = None) -> list[dict[str, Any]]:
    """The views that are tabs, and the one that is open in any case; its count where nothing else narrows the list."""
    shown = list(here.choices.tabs(here.views))
    if here.view not in shown:
        shown.append(here.view)
    count = None
    if found is not None and not here.modified and not here.address.get("at"):
        count = _("1 万+") if found.capped else f"{found.total:,}" if found.total is not None else None
    plain = "all" if not here.settings.first else ""
    return [
        {
            "title": view.title,
            "url": f"?view={view.ref}" if view.ref != plain else "?",
            "on": view.ref == here.view.ref,
            "count": count if view.ref == here.view.ref else None,
        }
        for view in shown
    ]


def _chips(here: Look) -> list[dict[str, Any]]:
    on_now = here.address.words("chips")
    return [
        {
            "title": chip.title,
            "on": chip.key in on_now,
            "url": here.address.to(
                chips=tuple(key for key in on_now if key != chip.key) if chip.key in on_now else (*on_now, chip.key)
            ),
        }
        for chip in chips(here.actor, here.spec)
        if chip.key != TEAM or here.actor.departments_headed or TEAM in on_now
    ]


def _groups(here: Look) -> dict[str, Any] | None:
    """The values of the field that the view groups by, each for one click; a kanban shows them as columns instead."""
    field = here.group
    if field is None or here.display == "kanban":
        return None
    at = here.address.get("at")
    found = groups(here.actor, here.spec, here.plain, field)
    values = [(NOTHING if group.value is None else str(group.value), group) for group in found]
    return {
        "label": field.label,
        "all": here.address.to(at=""),
        "none": not at,
        "off": here.address.less("at").to(group=""),
        "values": [
            {
                "title": group.label or _("未填"),
                "hue": group.hue,
                "count": group.count,
                "on": value == at,
                "url": here.address.to(at=value),
            }
            for value, group in values
        ],
    }


def _displays(here: Look) -> list[dict[str, Any]]:
    """The ways in which this type can be looked at."""
    fields = records.fields_for(here.spec, here.actor, "filter")
    possible = {
        "table": (_("列表"), "list", True),
        "tree": (_("层级"), "list-tree", _foldable(here)),
        "kanban": (_("看板"), "layout-kanban", any(field.options for field in groupable(here.actor, here.spec))),
        "calendar": (_("日历"), "calendar", any(field.kind.dated for field in fields)),
    }
    return [
        {
            "title": title,
            "icon": icon,
            "on": key == here.display,
            "url": here.address.less("at").to(display=key if key != "table" or "display" in here.address.base else ""),
        }
        for key, (title, icon, can) in possible.items()
        if can
    ]


def _sums(found: Page) -> list[dict[str, str]]:
    """Sums of the money columns: of this page, and of everything that the list finds."""
    lines = []
    for place, field in enumerate(found.columns):
        if field.key not in found.sums:
            continue
        here = sum((row.values[place] for row in found.rows if row.values[place] is not None), start=0)
        total, average = found.sums[field.key], found.averages.get(field.key)
        average = average if field.key in found.type.averages else None
        lines.append(
            {
                "label": str(field.label),
                "page": field.kind.text(here, field, found.fmt) if here else "—",
                "all": field.kind.text(total, field, found.fmt) if total is not None else "—",
                "average": "" if average is None else field.kind.text(round(average, 2), field, found.fmt),
            }
        )
    return lines


def _links(here: Look) -> dict[str, str]:
    """Where the buttons lead; a right that is missing leaves its button out."""
    spec, address = here.spec, here.address
    links = {"wide": address.less("at").to(q="", filter="", chips=""), "no_q": address.to(q=""), "text": address.text}
    if here.modified:
        links["back"] = f"?view={here.view.ref}"
    if "create" in spec.operations:
        links["new"] = reverse("record-new", args=[spec.key])
    if "import" in spec.operations:
        links["import"] = _url("import", f"?type={spec.key}")
    if "export" in spec.operations:
        links["export"] = _url("export", f"?{here.export_query}", spec.key)
    return links


def _url(name: str, suffix: str, *args: str) -> str:
    try:
        return reverse(name, args=args) + (suffix if suffix != "?" else "")
    except NoReverseMatch:
        return ""


def roles(request: PageRequest) -> list[tuple[str, str]]:
    """Roles for which an administrator may set defaults."""
    if not request.actor.is_admin:
        return []
    return [(role.key or role.name, role.name) for role in Role.objects.order_by("pk")]


def _small(text: str, otherwise: int, most: int) -> int:
    return min(most, int(text)) if text.isascii() and text.isdecimal() and len(text) < 6 else otherwise
