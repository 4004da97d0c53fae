"""One member: account, roles, what they own; deactivation with the records handed over, return, a new password."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou.access import handing_over, members, password_resets
from kezhou.access.accounts import account_of_member
from kezhou.access.entitlements import NotEntitled
from kezhou.access.explanation import explained
from kezhou.access.members import MemberProblem
from kezhou.access.models import MemberState
from kezhou.access.roles import RoleError, roles, set_roles
from kezhou.access.sign_in import sign_out_everywhere
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.web.settings.shell import shell
from tenants.states import Need


@page("settings/members/<int:pk>", access=ADMIN, name="member")
def show(request: PageRequest, pk: int) -> HttpResponse:
    """Everything an administrator can do with one member."""
    return _show(request, pk, "")


def _show(request: PageRequest, pk: int, problem: str, *, status: int = 200) -> HttpResponse:
    member = members.member(pk)
    held = {role_pk for role_pk, _name in member.roles}
    context = shell("members", _("机构与成员"), member.name) | {
        "member": member,
        "account": account_of_member(pk),
        "roles": [(role, role.pk in held) for role in roles()],
        "rights": explained(pk, member.department_pk),
        "problem": problem,
        "is_me": pk == request.actor.member_pk,
        "ending": member.state in (MemberState.ACTIVE, MemberState.INVITED, MemberState.NOT_INVITED),
        **_leaving(pk),
    }
    return render(request, "kezhou/members/member.html", context, status=status)


def _leaving(pk: int) -> dict[str, Any]:
    """What the member owns, and who could take it over."""
    in_office = members.members(states=(MemberState.ACTIVE,), limit=500)
    return {
        "holdings": handing_over.holdings(pk),
        "successors": [other for other in in_office if other.pk != pk],
    }


@page("settings/members/<int:pk>/roles", access=ADMIN, methods=("POST",), name="member-roles")
def keep_roles(request: PageRequest, pk: int) -> HttpResponse:
    """Give the member exactly the chosen roles."""
    members.member(pk)
    try:
        set_roles(pk, [int(role) for role in request.POST.getlist("roles") if role.isdecimal()])
    except RoleError as error:
        return _show(request, pk, str(error), status=422)
    toast(request, _("角色已保存，立即生效"))
    return HttpResponseRedirect(f"/settings/members/{pk}")


@page(
    "settings/members/<int:pk>/deactivate", access=ADMIN, methods=("POST",), name="member-deactivate", needs=Need.READ
)
def deactivate(request: PageRequest, pk: int) -> HttpResponse:
    """End the member's access; the records go to the successor in the background."""
    successor = request.POST.get("successor", "")
    try:
        job = members.deactivate(request.actor, pk, successor_pk=int(successor) if successor.isdecimal() else None)
    except MemberProblem as error:
        return _show(request, pk, str(error), status=422)
    if job is None:
        toast(request, _("已停用，登录立即失效"))
    else:
        toast(request, _("已停用，正在移交记录"), label=_("看进度"), url=f"/jobs/{job}")
    return HttpResponseRedirect(f"/settings/members/{pk}")


@page("settings/members/<int:pk>/return", access=ADMIN, methods=("POST",), name="member-return")
def come_back(request: PageRequest, pk: int) -> HttpResponse:
    """Let a deactivated member in again."""
    try:
        members.reactivate(request.actor, pk)
    except (MemberProblem, NotEntitled) as error:
        return _show(request, pk, str(error), status=422)
    toast(request, _("已恢复"))
    return HttpResponseRedirect(f"/settings/members/{pk}")


@page("settings/members/<int:pk>/password", access=ADMIN, methods=("POST",), name="member-password")
def new_password(request: PageRequest, pk: int) -> HttpResponse:
    """A link to set a new password, to pass on by hand; or sign the member out everywhere."""
    account = account_of_member(pk)
    if account is None or not account.is_active:
        return _show(request, pk, _("这位成员没有可以登录的账号。"), status=422)
    if request.POST.get("do") == "sign_out":
        sign_out_everywhere(account.pk)
        toast(request, _("已在所有设备上退出"))
        return HttpResponseRedirect(f"/settings/members/{pk}")
    context = shell("members", _("机构与成员"), _("重设密码")) | {
        "link": password_resets.link_for(account),
        "until": None,
        "member": members.member(pk),
        "title": _("重设密码的链接"),
        "text": _("把它发给本人，%(hours)d 小时内有效，只能用一次。原密码在重设前仍然有效。")
        % {"hours": password_resets.HOURS},
    }
    return render(request, "kezhou/members/link.html", context)
