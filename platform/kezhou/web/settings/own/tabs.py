"""The tabs of one record type of the company's own; the fields page shows the same ones above its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kezhou.records.own.compiling import PLUGIN
from kezhou.records.spec import TypeSpec

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HERE = "/settings/own"
TABS: tuple[tuple[str, StrOrPromise], ...] = (
    ("basics", _("基本")),
    ("fields", _("字段")),
    ("lines", _("明细")),
    ("states", _("状态")),
    ("number", _("编号")),
    ("rights", _("权限")),
    ("list", _("列表")),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab as `kezhou/parts/tabs.html` draws it."""

    title: StrOrPromise
    url: str
    on: bool
    count: int | None = None


def tabs_of(spec: TypeSpec) -> tuple[Tab, ...]:
    """The tabs above the fields of an own type, or of its line items; none for any other type."""
    if spec.plugin != PLUGIN:
        return ()
    return tabs(spec.parent.type, "lines") if spec.parent else tabs(spec.key, "fields")


def tabs(key: str, chosen: str) -> tuple[Tab, ...]:
    """The tabs of the type, one of them chosen."""
    return tuple(
        Tab(title, f"/settings/fields/{key}" if name == "fields" else f"{HERE}/{key}?tab={name}", name == chosen)
        for name, title in TABS
    )
