"""What the company's state lets its people do now (TEN-04): the sentence when it does not, raised in three places.

Pages and API addresses ask before anything runs, by the method or by what they declare; the write path asks as well, for jobs
and imports. So the portal and every page to come stand under it without a line of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kezhou.access.actor import System
from kezhou.access.entitlements import UPGRADE_URL
from kezhou.records.spec import NotAllowed
from tenants.context import Current, current, current_or_none
from tenants.states import Need

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.access.actor import Actor
    from kezhou.records.spec import TypeSpec

READING = frozenset({"read", "export", "print", "report"})
"""The operations on records that are left while the company is read-only."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

TITLES: Mapping[str, StrOrPromise] = MappingProxyType(
    {
        "pending": _("%(company)s 还在等待确认"),
        "overdue": _("%(company)s 现在只能看"),
        "suspended": _("%(company)s 已暂停使用"),
        "closed": _("%(company)s 已注销"),
    }
)
SENTENCES: Mapping[str, StrOrPromise] = MappingProxyType(
    {
        "pending": _("注册资料已经收到，运营方确认后就能登录，会发信通知。"),
        "overdue": _(
            "套餐到期没有续费，现在能看、能导出，不能新建和修改。管理员在“设置 › 套餐与账单”里付款后立即恢复。"
        ),
        "suspended": _("数据完整保留。管理员登录后在“设置 › 套餐与账单”里付款，当场恢复；也可以联系运营方。"),
        "closed": _("这家公司已经停止使用客舟。需要数据请联系运营方。"),
    }
)


HELD = _("运营方暂停了这家公司，付款不会自动恢复。数据完整保留，请联系运营方。")
"""Said instead of the sentence of `suspended` when the state is an operator's word."""


class Standstill(NotAllowed):
    """The company's state does not let this happen: pages and API answer 402. `title` names the state."""

    def __init__(self, place: Current, *, is_admin: bool = False) -> None:
        super().__init__(str(HELD if place.held and place.state == "suspended" else SENTENCES[place.state]))
        self.state = place.state
        self.title = str(TITLES[place.state]) % {"company": place.name}
        self.url = UPGRADE_URL if is_admin and not place.held and place.state in {"overdue", "suspended"} else ""


def need_of(method: str | None) -> Need:
    """What a request needs that does not say otherwise."""
    return Need.READ if method in SAFE else Need.WRITE


def demand(need: Need, actor: Actor | None = None) -> None:
    """Raise Standstill when the entered company's state does not let this happen; outside a company nothing is asked."""
    place = current_or_none()
    is_admin = actor is not None and actor.is_admin
    comes_in = actor is None and need <= Need.ENTRANCE  # who it is, is known after the sign-in only
    if place is not None and not place.effect.allows(need, is_admin=is_admin or comes_in):
        raise Standstill(place, is_admin=is_admin)


def standstill(actor: Actor) -> Standstill | None:
    """Why the actor cannot change anything of the company at present; None when it is not for the company's state."""
    place = current()
    if place.effect.allows(Need.WRITE, is_admin=actor.is_admin):
        return None
    return Standstill(place, is_admin=actor.is_admin)


def writes(actor: Actor) -> bool:
    """True when the company's state leaves changing to the actor."""
    return isinstance(actor, System) or current().effect.allows(Need.WRITE)


def possible(actor: Actor, spec: TypeSpec) -> frozenset[str]:
    """The operations on a type that the company's state leaves to the actor: buttons of the others are not shown."""
    return frozenset(spec.operations) if writes(actor) else frozenset(spec.operations) & READING


def demand_writing(actor: Actor) -> None:
    """Raise Standstill when nothing of the entered company may be changed: the last fence, in the write path itself.

    The engine's own writes (`System`) pass: somebody who leaves is locked out also while the company is read-only.
    """
    place = current()
    if not isinstance(actor, System) and not place.effect.allows(Need.WRITE):
        raise Standstill(place, is_admin=actor.is_admin)
