"""The members of the company: who is in office, who is invited, what seats are left; and who asks to be let in."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou.access import admission, members
from kezhou.access.departments import fresh_tree
from kezhou.access.entitlements import NotEntitled, entitled
from kezhou.access.invitations import InvitationProblem
from kezhou.access.models import MemberState
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.web.settings.shell import shell


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab above the list."""

    title: str
    url: str
    on: bool
    count: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for."""

    state: str = ""
    department: int | None = None
    text: str = ""
    page: int = 1

    def url(self, **other: object) -> str:
        """The address of the list with some of it changed."""
        named = {"state": self.state, "department": self.department, "q": self.text, "page": self.page, **other}
        given = {key: value for key, value in named.items() if value not in ("", None) and (key, value) != ("page", 1)}
        return f"/settings/members?{urlencode(given)}" if given else "/settings/members"


@page("settings/members", access=ADMIN, name="members")
def show(request: PageRequest) -> HttpResponse:
    """Members by department and state, 50 a page."""
    wanted = _wanted(request)
    rows = members.members(
        states=(wanted.state,) if wanted.state else (),
        department=wanted.department,
        text=wanted.text,
        page=wanted.page,
    )
    seats = entitled("seats", 0)
    context = shell("members", _("机构与成员")) | {
        "rows": rows[: members.PAGE],
        "next_url": wanted.url(page=wanted.page + 1) if len(rows) > members.PAGE else "",
        "previous_url": wanted.url(page=wanted.page - 1) if wanted.page > 1 else "",
        "tabs": _tabs(wanted),
        "wanted": wanted,
        "tree": [(depth, node, wanted.url(department=node.pk, page=1)) for depth, node in fresh_tree().in_order()],
        "everybody_url": wanted.url(department="", page=1),
        "seats": seats,
        "asking": admission.waiting(),
        "me": request.actor.member_pk,
    }
    return render(request, "kezhou/members/members.html", context)


def _wanted(request: PageRequest) -> Wanted:
    given = request.GET
    department = given.get("department", "")
    number = given.get("page", "1")
    return Wanted(
        state=given.get("state", "") if given.get("state", "") in MemberState.values else "",
        department=int(department) if department.isdecimal() else None,
        text=given.get("q", "").strip()[:60],
        page=max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1,
    )


def _tabs(wanted: Wanted) -> tuple[Tab, ...]:
    counts = members.counts()
    named = (
        ("", _("全部"), counts.all),
        (MemberState.ACTIVE.value, _("在职"), counts.active),
        (MemberState.INVITED.value, _("已邀请"), counts.invited),
        (MemberState.NOT_INVITED.value, _("未邀请"), counts.not_invited),
        (MemberState.OFF.value, _("已停用"), counts.off),
    )
    return tuple(Tab(title, wanted.url(state=key, page=1), wanted.state == key, count) for key, title, count in named)


@page("settings/members/asking/<int:pk>", access=ADMIN, methods=("POST",), name="admission")
def decide(request: PageRequest, pk: int) -> HttpResponse:
    """Invite the one who asks, or put the request aside."""
    try:
        if request.POST.get("do") == "admit":
            invited = admission.admit(request.actor, pk)
            toast(request, _("邀请已发出"))
            return HttpResponseRedirect(f"/settings/members/{invited.member_pk}")
        admission.ignore(request.actor, pk)
        toast(request, _("已忽略这个申请"))
    except (LookupError, InvitationProblem, NotEntitled) as problem:
        toast(request, str(problem), kind="no")
    return HttpResponseRedirect("/settings/members")
