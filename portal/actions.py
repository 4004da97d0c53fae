"""What the company's people do with accounts, as actions of the contact and of the customer, with a right of their own (POR-01, POR-23)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext_lazy

from kezhou.records.actions.doing import Doing
from kezhou.records.types import Action, Ask
from kezhou.sdk.hooks import Extension
from portal import facing, users
from portal.models import CUSTOMER, PortalUser
from portal.whereabouts import moved

RIGHT = "portal"
TITLE = gettext_lazy("管理门户账号")
KINDS = "portal.partner"
Guard = Callable[[Sequence[int]], Mapping[int, str | None]]


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
    none, there, on, off = (_guard(contact_type, needs) for needs in (_none, _there, _is_on, _is_off))
    kind = Ask(
        "partner_kind", "choice", gettext_lazy("合作伙伴类别"), required=True, dictionary=KINDS, default=CUSTOMER
    )
    return (
        Action(
            key="portal_open", title=gettext_lazy("开通门户"), icon="door-enter", operation=RIGHT, guard=none,
            fields=(kind,), run=_open,
        ),
        Action(
            key="portal_resend", title=gettext_lazy("重发门户邀请"), icon="send", operation=RIGHT, guard=on, run=_resend,
            confirm=gettext_lazy("给对方一个新的链接来设密码，以前的链接作废。"),
        ),
        Action(
            key="portal_reset", title=gettext_lazy("重置门户密码"), icon="key", operation=RIGHT, guard=there, run=_reset,
            confirm=gettext_lazy("现在的密码立即作废，已登录的会退出；对方会收到一个设新密码的链接。"),
        ),
        Action(
            key="portal_off", title=gettext_lazy("停用门户账号"), icon="door-off", operation=RIGHT, guard=on, run=_off,
            confirm=gettext_lazy("对方立即不能再进入门户，已打开的页面也不行。资料都保留。"), danger=True,
        ),
        Action(key="portal_on", title=gettext_lazy("启用门户账号"), icon="door", operation=RIGHT, guard=off, run=_on),
    )  # fmt: skip


def _for_partners(partner_type: str) -> tuple[Action, ...]:
    def standing(blocked: bool) -> Guard:
        def told(pks: Sequence[int]) -> Mapping[int, str | None]:
            off, some = users.is_blocked(partner_type, pks), users.with_people(partner_type, pks)
            return {pk: "" if pk in some and (pk in off) is not blocked else None for pk in pks}

        return told

    return (
        Action(
            key="portal_block", title=gettext_lazy("停用整个门户"), icon="door-off", operation=RIGHT, danger=True,
            guard=standing(True), run=lambda doing: _block(doing, blocked=True),
            confirm=gettext_lazy("这个客户的所有人立即不能再进入门户。账号和资料都保留，随时可以恢复。"),
        ),
        Action(
            key="portal_unblock", title=gettext_lazy("恢复门户"), icon="door", operation=RIGHT, guard=standing(False),
            run=lambda doing: _block(doing, blocked=False),
        ),
    )  # fmt: skip


# -- why not now -----------------------------------------------------------------------------------------------------------------


def _none(user: PortalUser | None, gone: bool) -> str | None:
    return "" if user is None or gone else None


def _there(user: PortalUser | None, gone: bool) -> str | None:
    return None if user is None or gone else ""


def _is_on(user: PortalUser | None, gone: bool) -> str | None:
    return None if user is None or gone or not user.enabled else ""


def _is_off(user: PortalUser | None, gone: bool) -> str | None:
    return None if user is None or gone or user.enabled else ""


def _guard(contact_type: str, needs: Callable[[PortalUser | None, bool], str | None]) -> Guard:
    def told(pks: Sequence[int]) -> Mapping[int, str | None]:
        found = users.of_contacts(contact_type, pks)
        elsewhere = moved(found.values())
        gone = {user.contact for user in found.values() if user.pk in elsewhere}
        return {pk: needs(found.get(pk), pk in gone) for pk in pks}

    return told


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
