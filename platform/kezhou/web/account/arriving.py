"""Coming in for the first time: by an invitation, or handed over from the public site."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kezhou.access import invitations
from kezhou.access.models import Account
from kezhou.access.sign_in import SignIn, sign_in_trusted, sign_out
from kezhou.pages import PUBLIC, page, toast
from kezhou.web.account.bare import bare
from kezhou.web.account.entrance import remember_name
from tenants import handover
from tenants.context import current
from tenants.states import Need


@page("invitation/<str:token>", access=PUBLIC, methods=("GET", "POST"), needs=Need.WRITE, name="invitation")
@never_cache
@sensitive_post_parameters("password", "password_again")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The invited person sets name and password and is signed in (TEN-06)."""
    try:
        guest = invitations.guest(token)
    except invitations.InvitationProblem as problem:
        return bare(request, "invitation_dead", {"problem": str(problem)}, status=404)
    if guest.problem:
        return bare(request, "invitation_dead", {"problem": guest.problem}, status=410)
    given = {key: request.POST.get(key, "").strip() for key in ("name", "username")}
    if request.method == "GET":
        return _accept_form(request, guest, {"name": guest.name}, {})
    try:
        account = invitations.accept(token, _acceptance(request))
    except invitations.InvitationProblem as problem:
        return _accept_form(request, guest, given, {problem.field or "name": str(problem)}, status=422)
    sign_out(request)
    sign_in_trusted(request, account, how="invitation")
    toast(request, _("欢迎加入 %(company)s") % {"company": current().name})
    return _arrived(account, "/")


def _acceptance(request: HttpRequest) -> invitations.Acceptance:
    given = request.POST
    if given.get("password", "") != given.get("password_again", ""):
        raise invitations.InvitationProblem(_("两次输入的密码不一样。"), field="password_again")
    return invitations.Acceptance(
        name=given.get("name", ""), password=given.get("password", ""), username=given.get("username", "")
    )


def _accept_form(
    request: HttpRequest, guest: invitations.Guest, values: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> HttpResponse:
    context = {"guest": guest, "values": values, "errors": errors, "company": current().name}
    return bare(request, "invitation", context, status=status)


@page("handover/<str:token>", access=PUBLIC, name="handover")
@never_cache
def hand_over(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in whom the public site has just proved, by a token that is good once and for 60 seconds."""
    redeemed = handover.redeem(token)
    account = Account.objects.filter(pk=redeemed.account_pk, is_active=True).first() if redeemed else None
    if redeemed is None or account is None:
        toast(request, _("这个登录链接已失效，请用密码登录"), kind="no")
        return HttpResponseRedirect("/account/sign-in")
    sign_in_trusted(request, account, how="handover")
    return _arrived(account, redeemed.next)


def _arrived(account: Account, next: str) -> HttpResponse:
    response = HttpResponseRedirect(next)
    remember_name(response, SignIn(name=account.username or account.email or account.mobile or "", password=""))
    return response
