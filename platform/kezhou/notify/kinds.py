"""The kinds of notices: under which tab of the inbox each stands, and which of them a member may do without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TABS: dict[str, StrOrPromise] = {
    "todo": _("待办"),
    "reminder": _("提醒"),
    "mention": _("@我"),
    "system": _("系统"),
}
"""The tabs of the inbox in their order."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice. One that `waits` stays on top until its cause is dealt with, and cannot be switched off.

    `page` names the route that shows its cause, where it is about no record; `url` is a page that is the same for all.
    """

    key: str
    title: StrOrPromise
    tab: str
    icon: str
    waits: bool = False
    page: str = ""
    url: str = ""


_kinds: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("assigned", _("有人把事情指派给你或你的部门"), "todo", icon="user-share", waits=True),
        Kind("assignment_due", _("指派给你的事情快到期或已逾期"), "reminder", icon="alarm"),
        Kind("assignment_taken", _("部门同事接手了你指派的事情"), "reminder", icon="user-check"),
        Kind("assignment_done", _("你指派的事情完成了"), "reminder", icon="circle-check"),
        Kind("assignment_returned", _("你指派的事情被退回"), "reminder", icon="arrow-back-up"),
        Kind("assignment_withdrawn", _("指派给你的事情被收回"), "reminder", icon="circle-x"),
        Kind("mentioned", _("有人在评论里 @ 你"), "mention", icon="at"),
        Kind("job", _("你开始的后台工作做完了"), "system", icon="progress-check", page="job"),
        Kind("replied", _("有人回复你的评论"), "mention", icon="message"),
    )
}
OTHER = Kind("", _("其他"), "system", icon="bell")


def register(kind: Kind) -> None:
    """Add a kind; two with one key are a programming error."""
    if _kinds.get(kind.key, kind) != kind:
        raise ValueError(f"The kind of notice {kind.key!r} is registered twice.")
    _kinds[kind.key] = kind


def kind_of(key: str) -> Kind:
    """The kind, or the one for whatever nobody registered: it stands under 系统."""
    return _kinds.get(key, OTHER)


def kinds() -> tuple[Kind, ...]:
    """Every registered kind, by tab."""
    order = list(TABS)
    return tuple(sorted(_kinds.values(), key=lambda kind: order.index(kind.tab)))


def keys_of(tab: str) -> tuple[str, ...]:
    """The registered kinds under a tab."""
    return tuple(kind.key for kind in _kinds.values() if kind.tab == tab)
