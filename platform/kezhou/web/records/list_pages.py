"""The list page, its column chooser (QRY-05) and what its filter builder offers (QRY-04)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.models import Role
from kezhou.records import Page, preferences
from kezhou.records.listing import SIZES, list_columns
from kezhou.records.ordering import MOST_KEYS
from kezhou.records.preferences import ListSettings
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.web.home.pages import back
from kezhou.web.pages import PageRequest, on, page, toast
from kezhou.web.records import filterview
from kezhou.web.records.listing import Address, chips, column_keys, request_for, rows_html, views
from kezhou.web.records.paging import numbers, summary

MOST_COLUMNS = 30


@page("r/<str:type_key>/", access=on("read"), name="record-list")
def record_list(request: PageRequest, type_key: str) -> HttpResponse:
    """One page of the records of a type, as the address, the member's choice or the role's default wants it."""
    spec, actor = request.type, request.actor
    address = Address(request.GET)
    choice = preferences.settings_of(actor, spec.key)
    found = records.page(actor, spec, request_for(spec, address, choice))
    selectable = bool(spec.operations & {"update", "delete", "export"})
    context = {
        "active": spec.key,
        "crumbs": ({"title": spec.title},),
        "spec": spec,
        "page": found,
        "address": address,
        "pinned": choice.pinned,
        "heads": heads(found, address, choice),
        "rows": rows_html(found, pinned=choice.pinned, selectable=selectable),
        "selectable": selectable,
        "tabs": _tabs(spec, address, found),
        "tabs_label": _("视图"),
        "chips": _chips(spec, address),
        "conditions": filterview.described(actor, spec, address),
        "sums": _sums(found),
        "links": _links(spec, address),
        "sizes": SIZES,
        **numbers(address, found),
        "summary": summary(found),
    }
    return render(request, "kezhou/records/list.html", context)


@page("r/<str:type_key>/columns", access=on("read"), name="record-columns", methods=("GET", "POST"))
def columns(request: PageRequest, type_key: str) -> HttpResponse:
    """The column chooser. A post remembers columns, their order, the pinned ones and the page size: for oneself, or by an
    administrator for a role."""
    if request.method == "GET":
        return _chooser(request)
    wanted = back(request, reverse("record-list", args=[type_key]))
    role = request.POST.get("role", "")
    if "reset" in request.POST:
        preferences.forget(request.actor, type_key)
        toast(request, _("列已恢复默认"))
        return HttpResponseRedirect(wanted)
    columns = tuple(dict.fromkeys(request.POST.getlist("column")))[:MOST_COLUMNS]
    pinned, size = _small(request.POST.get("pinned", "1")), _small(request.POST.get("size", "50"))
    preferences.remember(request.actor, type_key, columns=columns, size=size, pinned=pinned, role=role)
    toast(request, _("已设为这个角色的默认列") if role else _("列已保存，下次打开还是这样"))
    return HttpResponseRedirect(wanted)


@page("r/<str:type_key>/sort", access=on("read"), name="record-sort")
def sort(request: PageRequest, type_key: str) -> HttpResponse:
    """Up to three fields to sort by."""
    address = Address(request.GET)
    asked = request_for(request.type, address, preferences.settings_of(request.actor, type_key))
    keys = [{"key": name.lstrip("-"), "down": name.startswith("-")} for name in asked.sort or request.type.sort]
    keys += [{"key": "", "down": False}] * (MOST_KEYS - len(keys))
    fields = [field for field in column_keys(request.actor, request.type) if field.kind.sortable]
    return _part(request, "sort", {"keys": keys, "fields": fields, "address": address})


@page("r/<str:type_key>/filter-fields", access=on("read"), name="filter-fields")
def filter_fields(request: PageRequest, type_key: str) -> HttpResponse:
    """The fields, operators and options for the filter builder."""
    return JsonResponse({"fields": filterview.builder_fields(request.actor, request.type)})


@page("r/<str:type_key>/count", access=on("read"), name="record-count")
def exact_count(request: PageRequest, type_key: str) -> HttpResponse:
    """The exact number behind “1 万+”."""
    asked = request_for(request.type, Address(request.GET), ListSettings())
    return JsonResponse({"count": records.count(request.actor, request.type, asked)})


def heads(found: Page, address: Address, choice: ListSettings) -> list[dict[str, Any]]:
    """The column heads with their sort addresses: once up, twice down, a third time back."""
    order = {name.lstrip("-"): (place, name.startswith("-")) for place, name in enumerate(found.sort, 1)}
    return [
        _head(field, order.get(field.key), address, place, choice, found) for place, field in enumerate(found.columns)
    ]


def _head(
    field: FieldSpec, order: tuple[int, bool] | None, address: Address, place: int, choice: ListSettings, found: Page
) -> dict[str, Any]:
    sorted_by = order is not None and bool(address.get("sort") or found.request.sort)
    following = f"-{field.key}" if order == (1, False) else field.key
    return {
        "field": field,
        "css": " ".join(
            filter(
                None,
                (
                    "kz-r" if field.numeric else "",
                    "kz-pin" if place < choice.pinned else "",
                    "kz-edge" if place == choice.pinned - 1 else "",
                    "kz-sorted" if order else "",
                ),
            )
        ),
        "width": "name" if field.key == found.type.title_field else field.type,
        "sortable": field.kind.sortable,
        "url": address.to(sort=following),
        "place": order[0] if order and len(found.sort) > 1 and sorted_by else None,
        "down": bool(order and order[1]),
        "sorted": order is not None,
        "aria": "" if order is None else "descending" if order[1] else "ascending",
    }


def _chooser(request: PageRequest) -> HttpResponse:
    """Shown columns in order, and the rest by label."""
    choice = preferences.settings_of(request.actor, request.type.key)
    asked = request_for(request.type, Address(request.GET), choice)
    shown = list_columns(request.actor, request.type, asked.columns)
    keys = {field.key for field in shown}
    rest = [field for field in column_keys(request.actor, request.type) if field.key not in keys]
    context = {
        "shown": shown,
        "hidden": sorted(rest, key=lambda field: str(field.label)),
        "pinned": choice.pinned,
        "size": asked.size,
        "roles": _roles(request),
        "next": f"{reverse('record-list', args=[request.type.key])}?{request.GET.urlencode()}",
    }
    return _part(request, "columns", context)


def _part(request: PageRequest, name: str, context: dict[str, Any]) -> HttpResponse:
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


def _tabs(spec: TypeSpec, address: Address, found: Page) -> list[dict[str, Any]]:
    current = address.get("view") or "all"
    count = None
    if not address.narrowed:
        count = _("1 万+") if found.capped else f"{found.total:,}" if found.total is not None else None
    return [
        {
            "title": view.title,
            "url": address.to(view="" if view.key == "all" else view.key),
            "on": view.key == current,
            "count": count if view.key == current else None,
        }
        for view in views(spec)
    ]


def _chips(spec: TypeSpec, address: Address) -> list[dict[str, Any]]:
    on_now = address.words("chips")
    return [
        {
            "title": chip.title,
            "on": chip.key in on_now,
            "url": address.to(
                chips=tuple(key for key in on_now if key != chip.key) if chip.key in on_now else (*on_now, chip.key)
            ),
        }
        for chip in chips(spec)
    ]


def _sums(found: Page) -> list[dict[str, str]]:
    """Sums of the money columns: of this page, and of everything that the list finds."""
    lines = []
    for place, field in enumerate(found.columns):
        if field.key not in found.sums:
            continue
        here = sum((row.values[place] for row in found.rows if row.values[place] is not None), start=0)
        total = found.sums[field.key]
        lines.append(
            {
                "label": str(field.label),
                "page": field.kind.text(here, field, found.fmt) if here else "—",
                "all": field.kind.text(total, field, found.fmt) if total is not None else "—",
            }
        )
    return lines


def _links(spec: TypeSpec, address: Address) -> dict[str, str]:
    """Where the buttons lead; a right that is missing leaves its button out."""
    query = address.query.urlencode()
    links = {"wide": address.to(q="", filter="", chips=""), "no_q": address.to(q="")}
    if "create" in spec.operations:
        links["new"] = reverse("record-new", args=[spec.key])
    if "import" in spec.operations:
        links["import"] = _url("import", f"?type={spec.key}")
    if "export" in spec.operations:
        links["export"] = _url("export", f"?{query}", spec.key)
    return links


def _url(name: str, suffix: str, *args: str) -> str:
    try:
        return reverse(name, args=args) + (suffix if suffix != "?" else "")
    except NoReverseMatch:
        return ""


def _roles(request: PageRequest) -> list[tuple[str, str]]:
    """Roles for which an administrator may set default columns."""
    if not request.actor.is_admin:
        return []
    return [(role.key or role.name, role.name) for role in Role.objects.order_by("pk")]


def _small(text: str) -> int:
    return min(100, int(text)) if text.isdecimal() else 1
