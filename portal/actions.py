"""What the company's people do with accounts, as actions of the contact and of the customer, with a right of their own (POR-01, POR-23)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext_lazy

from kezhou.records.actions.doing import Doing
from kezhou.records.structure import Guard
from kezhou.records.types import Action, Ask
from kezhou.sdk.hooks import Extension
from portal import facing, users
from portal.models import CUSTOMER, PortalUser
from portal.whereabouts import moved

RIGHT = "portal"
TITLE = gettext_lazy("管理门户账号")
KINDS = "portal.partner"


def extensions(contact_type: str, partner_type: str) -> tuple[Extension, ...]:
    """What the portal adds to the people of a type of partners, and to these themselves."""
    people = Extension(
        type=contact_type, verbs={RIGHT: TITLE}, actions=_for_people(contact_type), notes=facing.of_contact
    )
    partners = Extension(
        type=partner_type, verbs={RIGHT: TITLE}, actions=_for_partners(partner_type), notes=facing.of_partner
    )
    return people, partners


def _for_people(contact_type: str) -> tuple[Action, ...]:
    guard = _guard_of_people(contact_type)
    kind = Ask(
        "partner_kind", "choice", gettext_lazy("合作伙伴类别"), required=True, dictionary=KINDS, default=CUSTOMER
    )
    return (
        Action(
            key="portal_open", title=gettext_lazy("开通门户"), icon="door-enter", operation=RIGHT, guard=guard,
            fields=(kind,), run=_open,
        ),
        Action(
            key="portal_resend", title=gettext_lazy("重发门户邀请"), icon="send", operation=RIGHT, guard=guard, run=_resend,
            confirm=gettext_lazy("给对方一个新的链接来设密码，以前的链接作废。"),
        ),
        Action(
            key="portal_reset", title=gettext_lazy("重置门户密码"), icon="key", operation=RIGHT, guard=guard, run=_reset,
            confirm=gettext_lazy("现在的密码立即作废，已登录的会退出；对方会收到一个设新密码的链接。"),
        ),
        Action(
            key="portal_off", title=gettext_lazy("停用门户账号"), icon="door-off", operation=RIGHT, guard=guard, run=_off,
            confirm=gettext_lazy("对方立即不能再进入门户，已打开的页面也不行。资料都保留。"), danger=True,
        ),
        Action(key="portal_on", title=gettext_lazy("启用门户账号"), icon="door", operation=RIGHT, guard=guard, run=_on),
    )  # fmt: skip


def _for_partners(partner_type: str) -> tuple[Action, ...]:
    guard = _guard_of_partners(partner_type)
    return (
        Action(
            key="portal_block", title=gettext_lazy("停用整个门户"), icon="door-off", operation=RIGHT, danger=True,
            guard=guard, run=lambda doing: _block(doing, blocked=True),
            confirm=gettext_lazy("这个客户的所有人立即不能再进入门户。账号和资料都保留，随时可以恢复。"),
        ),
        Action(
            key="portal_unblock", title=gettext_lazy("恢复门户"), icon="door", operation=RIGHT, guard=guard,
            run=lambda doing: _block(doing, blocked=False),
        ),
    )  # fmt: skip


# -- why not now -----------------------------------------------------------------------------------------------------------------


def _guard_of_people(contact_type: str) -> Guard:
    def told(pks: Sequence[int]) -> Mapping[int, Mapping[str, str | None]]:
        found = users.of_contacts(contact_type, pks)
        elsewhere = moved(found.values())
        there = {pk: user for pk, user in found.items() if user.pk not in elsewhere}
        return {pk: _fitting_account(there.get(pk)) for pk in pks}

    return told


def _fitting_account(user: PortalUser | None) -> Mapping[str, str | None]:
    on = user is not None and user.enabled
    off = user is not None and not user.enabled
    return _offered(
        portal_open=user is None, portal_resend=on, portal_reset=user is not None, portal_off=on, portal_on=off
    )


def _guard_of_partners(partner_type: str) -> Guard:
    def told(pks: Sequence[int]) -> Mapping[int, Mapping[str, str | None]]:
        off, some = users.is_blocked(partner_type, pks), users.with_people(partner_type, pks)
        return {
            pk: _offered(portal_block=pk in some and pk not in off, portal_unblock=pk in some and pk in off)
            for pk in pks
        }

    return told


def _offered(**fits: bool) -> Mapping[str, str | None]:
    return {key: "" if fit else None for key, fit in fits.items()}


# -- what is done ----------------------------------------------------------------------------------------------------------------


def _open(doing: Doing) -> None:
    kind = str(doing.values["partner_kind"])
    _tried(doing, lambda pk: users.open_for(doing.actor, doing.type.key, pk, kind=kind))


def _resend(doing: Doing) -> None:
    _each(doing, lambda user: users.invite(doing.actor, user.pk))


def _reset(doing: Doing) -> None:
    _each(doing, lambda user: users.reset(doing.actor, user.pk))


def _off(doing: Doing) -> None:
    _each(doing, lambda user: users.enable(doing.actor, user.pk, enabled=False))


def _on(doing: Doing) -> None:
    _each(doing, lambda user: users.enable(doing.actor, user.pk, enabled=True))


def _block(doing: Doing, *, blocked: bool) -> None:
    for pk in doing.order:
        users.block(doing.actor, doing.type.key, pk, blocked=blocked)


def _each(doing: Doing, deed: Callable[[PortalUser], object]) -> None:
    found = users.of_contacts(doing.type.key, doing.order)
    _tried(doing, lambda pk: deed(found[pk]))


def _tried(doing: Doing, deed: Callable[[int], object]) -> None:
    for pk in doing.order:
        try:
            deed(pk)
        except users.UserProblem as problem:
            doing.refuse(str(problem), pk=pk)
