"""Inviting a colleague by mail, text message or a link to pass on (TEN-06)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou.access import letters, members
from kezhou.access.departments import fresh_tree
from kezhou.access.entitlements import UPGRADE_URL, NotEntitled, entitled
from kezhou.access.invitations import InvitationProblem, Invite, Invited, invite, resend, revoke
from kezhou.access.models import Invitation
from kezhou.access.roles import RoleError, roles
from kezhou.access.standard_roles import SALES
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.web.settings.shell import shell


@page("settings/members/invite", access=ADMIN, methods=("GET", "POST"), name="invite")
def show(request: PageRequest) -> HttpResponse:
    """The form; a refusal keeps everything that was typed."""
    values = _values(request)
    if request.method == "GET":
        return _form(request, values, {})
    try:
        invited = invite(request.actor, _wanted(values))
    except InvitationProblem as problem:
        return _form(request, values, {problem.field or "all": str(problem)}, status=422)
    except NotEntitled as problem:
        return _form(request, values, {"all": str(problem), "upgrade": UPGRADE_URL}, status=422)
    except RoleError as problem:
        return _form(request, values, {"roles": str(problem)}, status=422)
    return _done(request, invited, values["channel"])


def _values(request: PageRequest) -> dict[str, Any]:
    given = request.POST if request.method == "POST" else request.GET
    member = given.get("member", "")
    found = members.member(int(member)) if member.isdecimal() else None
    standard = [str(role.pk) for role in roles() if role.key == SALES]
    held = [str(pk) for pk, _name in found.roles] if found else []
    return {
        "member": found,
        "name": given.get("name", found.name if found else "").strip()[:40],
        "channel": given.get("channel", letters.EMAIL),
        "address": given.get("address", (found.email or found.mobile) if found else "").strip()[:254],
        "department": given.get("department", str(found.department_pk or "") if found else ""),
        "roles": given.getlist("roles") if request.method == "POST" else held or standard,
    }


def _wanted(values: dict[str, Any]) -> Invite:
    department = values["department"]
    return Invite(
        channel=values["channel"] if values["channel"] in Invitation.Channel.values else letters.EMAIL,
        address=values["address"],
        member_pk=values["member"].pk if values["member"] else None,
        name=values["name"],
        department_pk=int(department) if department.isdecimal() else None,
        role_pks=[int(pk) for pk in values["roles"] if pk.isdecimal()],
    )


def _form(request: PageRequest, values: dict[str, Any], errors: dict[str, str], *, status: int = 200) -> HttpResponse:
    labels = {letters.EMAIL: _("发邮件"), letters.SMS: _("发短信"), "link": _("给我一个链接，我自己转发")}
    context = shell("members", _("机构与成员"), _("邀请成员")) | {
        "values": values,
        "errors": errors,
        "channels": [(key, labels[key]) for key in (*letters.channels(), "link")],
        "tree": tuple(each for each in fresh_tree().in_order() if not each[1].retired),
        "roles": [(str(role.pk), role) for role in roles()],
        "seats": entitled("seats", 0),
    }
    return render(request, "kezhou/members/invite.html", context, status=status)


def _done(request: PageRequest, invited: Invited, channel: str) -> HttpResponse:
    if channel == Invitation.Channel.LINK:
        return _link(request, invited)
    toast(request, _("邀请已发出"), label=_("再邀请一位"), url="/settings/members/invite")
    return HttpResponseRedirect(f"/settings/members/{invited.member_pk}")


def _link(request: PageRequest, invited: Invited) -> HttpResponse:
    context = shell("members", _("机构与成员"), _("邀请链接")) | {
        "link": invited.link,
        "until": invited.expires_at,
        "member": members.member(invited.member_pk),
        "title": _("邀请链接"),
        "text": _("把它发给本人。打开后设好密码就能登录，只能用一次。"),
    }
    return render(request, "kezhou/members/link.html", context)


@page("settings/members/<int:pk>/invitation", access=ADMIN, methods=("POST",), name="invitation-again")
def again(request: PageRequest, pk: int) -> HttpResponse:
    """Send the invitation anew, or take it back."""
    try:
        if request.POST.get("do") == "revoke":
            revoke(request.actor, pk)
            toast(request, _("邀请已撤回，席位空出来了"))
        else:
            invited = resend(request.actor, pk)
            if not Invitation.objects.get(pk=invited.invitation_pk).address:
                return _link(request, invited)
            toast(request, _("邀请已重发，之前的链接失效"))
    except InvitationProblem as problem:
        toast(request, str(problem), kind="no")
    return HttpResponseRedirect(f"/settings/members/{pk}")
