"""“用在哪里” of a field's panel: each place by name, with the settings page where it is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.access.models import Role
from kezhou.records.usage import Use, used_in

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.access.actor import MemberActor
    from kezhou.records.spec import TypeSpec

KINDS: dict[str, tuple[StrOrPromise, str]] = {
    "layout": (gettext_lazy("页面布局"), "/settings/layouts/{type}"),
    "view": (gettext_lazy("列表视图"), "/r/{type}/"),
    "rule": (gettext_lazy("条件规则"), "/settings/rules/{type}"),
    "computed": (gettext_lazy("计算字段"), "/settings/computed/{type}"),
    "numbering": (gettext_lazy("编号规则"), "/settings/numbering"),
}
PARTS: dict[str, StrOrPromise] = {
    "form": gettext_lazy("表单"),
    "detail": gettext_lazy("记录页"),
    "columns": gettext_lazy("列表列"),
    "quick": gettext_lazy("快速新建"),
    "related": gettext_lazy("相关列表"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the panel."""

    kind: StrOrPromise
    title: str
    url: str


def places(actor: MemberActor, spec: TypeSpec, key: str) -> tuple[Place, ...]:
    """Where the field is used."""
    uses = used_in(actor, spec, key)
    named = Role.objects.filter(key__in={use.role for use in uses if use.role})
    roles = {str(role.key): role.name for role in named}
    return tuple(_place(use, roles) for use in uses)


def _place(use: Use, roles: dict[str, str]) -> Place:
    kind, url = KINDS[use.kind]
    whose = roles.get(use.role, use.role) or _("所有人")
    return Place(kind, use.title or f"{PARTS[use.part]} · {whose}", url.format(type=use.type))
