"""What billing contributes: the answer to `entitlement`, from limits that come with the tenant at no extra statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.plans import ANY_PLUGIN
from kezhou.access.entitlements import UPGRADE_URL, refusal, used
from kezhou.sdk.hooks import Entitlement, MenuItem, hookimpl
from tenants.context import current

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

CONSOLE = (
    ("companies", gettext_lazy("公司"), "building"),
    ("health", gettext_lazy("运行"), "heartbeat"),
    ("plans", gettext_lazy("套餐"), "package"),
    ("bills", gettext_lazy("账单"), "receipt"),
)


@hookimpl
def menu(actor: Actor) -> Iterable[MenuItem]:
    """The operator's console, in the operator's own tenant alone."""
    if not (current().is_reserved and actor.is_admin):
        return ()
    return tuple(
        MenuItem(title=title, icon=icon, url=f"/ops/{key}", access="admin", section=f"ops{order}", order=order)
        for order, (key, title, icon) in enumerate(CONSOLE)
    )


@hookimpl
def entitlement(key: str, wanted: int) -> Entitlement | None:
    """Whether the plan of the entered company allows `wanted` more of `key` (BIL-06)."""
    known = current().entitlements
    limit_key = _limit_key(key)
    if limit_key not in known:
        return None
    limit = known[limit_key]
    in_use = used(key)
    if limit is None or in_use + wanted <= limit:
        return Entitlement(allowed=True, limit=limit, used=in_use)
    return Entitlement(
        allowed=False,
        limit=limit,
        used=in_use,
        sentence=refusal(key, limit=limit, used=in_use, plan=_("当前套餐")),
        upgrade_url=UPGRADE_URL,
    )


def _limit_key(key: str) -> str:
    kind = key.partition(":")[0]
    if kind == "plugin":
        return key if key in current().entitlements else ANY_PLUGIN
    return kind
