"""The tabs 编号 and 列表: how records are numbered and called, and what their list and quick form show."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kezhou.pages import PageRequest
from kezhou.records import type_of
from kezhou.records.own import defining
from kezhou.records.own.outlines import Outline
from kezhou.records.spec import FieldSpec
from kezhou.web.settings.own.versions import version_of

CHOICES = ("columns", "quick", "twins")


def write_number(request: PageRequest, each: Outline) -> str:
    """The prefix, and whether records are called by name or number."""
    prefix, titled_by = request.POST.get("prefix", ""), request.POST.get("titled_by", each.titled_by)
    defining.set_number(request.actor, each.key, prefix, titled_by, version=version_of(request))
    return _("编号已保存，从下一条新记录起用。")


def show_number(request: PageRequest, each: Outline, typed: bool) -> dict[str, Any]:
    """The form, with an example of the next number."""
    prefix = request.POST.get("prefix", each.prefix) if typed else each.prefix
    titled_by = request.POST.get("titled_by", each.titled_by) if typed else each.titled_by
    return {"prefix": prefix, "titled_by": titled_by, "example": f"{each.prefix}000128" if each.prefix else ""}


def write_list(request: PageRequest, each: Outline) -> str:
    """Columns, quick form, twins and order of the list."""
    order = request.POST.get("order", "")
    chosen = {name: request.POST.getlist(name) for name in CHOICES} | {"sort": [order] if order else []}
    defining.choose(request.actor, each.key, version=version_of(request), **chosen)
    return _("列表已保存。各人自己选过列的，仍按自己的。")


def show_list(request: PageRequest, each: Outline, typed: bool) -> dict[str, Any]:
    """Every field with what it is chosen for."""
    spec = type_of(request.actor, each.key)
    given = {
        name: request.POST.getlist(name) if typed else _present(spec.columns, spec.quick, spec.twins, name)
        for name in CHOICES
    }
    sort = request.POST.get("order", "") if typed else spec.sort[0]
    fields = [field for field in spec.fields if field.custom or field.key in _OFFERED]
    return {
        "rows": [_row(field, given) for field in fields],
        "orders": [choice for field in fields if field.kind.sortable for choice in _orders(field, sort)],
    }


_OFFERED = frozenset({"name", "number", "owner", "department", "created_at", "changed_at"})


def _present(
    columns: tuple[str, ...], quick: tuple[str, ...], twins: tuple[tuple[str, ...], ...], name: str
) -> list[str]:
    return list({"columns": columns, "quick": quick, "twins": tuple(group[0] for group in twins)}[name])


def _row(field: FieldSpec, given: dict[str, list[str]]) -> dict[str, Any]:
    fixed = field.required and not field.system
    return {
        "field": field,
        "column": field.key in given["columns"],
        "quick": field.key in given["quick"] or fixed,
        "quick_fixed": fixed,
        "quick_none": field.system,
        "twin": field.key in given["twins"],
        "twin_none": field.system or field.key in {"owner", "department"},
    }


def _orders(field: FieldSpec, sort: str) -> list[tuple[str, str, bool]]:
    ways = (("", _("%(field)s 从小到大")), ("-", _("%(field)s 从大到小")))
    return [(sign + field.key, way % {"field": field.label}, sign + field.key == sort) for sign, way in ways]
