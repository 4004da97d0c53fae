"""我的: one's own profile, password and running logins (POR-22)."""

from __future__ import annotations

import time
from dataclasses import replace

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kezhou import records
from kezhou.access.accounts import AccountProblem, NewAccount, rename_account, set_password
from kezhou.access.models import Account
from kezhou.access.passwords import shortest
from kezhou.access.sign_in import sign_out_everywhere
from kezhou.pages import SIGNED_IN, toast
from kezhou.records.types import names
from kezhou.web.account.password import new_password, wrong_old
from kezhou.web.records import forms
from kezhou.web.records.saving import Attempt, entry_form, lookup_texts
from portal import acts, door, saving, users
from portal.actor import PortalActor
from portal.door import SIGN_IN
from portal.pages.entering import PROVED
from portal.pages.shell import PortalRequest, portal_page, show
from portal.policies import own_profile

PROVED_SECONDS = 600


@portal_page("me", access=SIGNED_IN, name="portal-me")
def me(request: PortalRequest) -> HttpResponse:
    """Who one is here, and where profile and password are changed."""
    account, person = _account(request), _person(_self(request.actor))
    mobile = person.cell("mobile") if person.field("mobile") is not None else account.mobile
    may_export = any("export" in spec.operations for spec in records.types(request.actor).values())
    context = {"account": account, "person": person, "mobile": mobile, "may_export": may_export}
    return show(request, "me", context, active="me")


@portal_page("me/profile", access=SIGNED_IN, methods=("GET", "POST"), name="portal-profile")
@never_cache
@sensitive_post_parameters("old")
def profile(request: PortalRequest) -> HttpResponse:
    """The own contact record, as far as everybody keeps it for themselves; mobile and e-mail are the sign-in names as well."""
    actor = _self(request.actor)
    entry = _person(actor)
    fields = forms.writable(actor, entry.type)
    tried, unproved = None, ""
    if request.method == "POST":
        tried, unproved = _saved(request, actor, entry)
        if tried.ok and not unproved:
            toast(request, _("个人资料已保存"))
            return HttpResponseRedirect("/portal/me")
    context = {
        "spec": entry.type,
        "form": entry_form(entry, fields, tried),
        "form_title": _("我的资料"),
        "cancel_url": "/portal/me",
        "entry": entry,
        "version": entry.version,
        "asks_proof": not _is_proved(request),
        "unproved": unproved,
    }
    return show(request, "profile", context, active="me", status=422 if tried else 200)


def _self(actor: PortalActor) -> PortalActor:
    """The same person with the rights on their own contact record."""
    spec = actor.rights.types[actor.contact_type]
    declared = spec.declaration.portal
    fields = names(declared.profile) if declared is not None else ()
    return replace(actor, rights=own_profile(actor.rights, actor.contact_type, actor.contact, fields))


def _person(actor: PortalActor) -> records.Entry:
    return records.get(actor, actor.contact_type, actor.contact)


class _Taken(Exception):
    """Takes a save back: the name belongs to another account."""

    def __init__(self, problem: AccountProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class _Unproved(Exception):  # takes a save back; no error
    """Other sign-in names are only given to whoever proves to be the person: an open browser is not enough."""


def _saved(request: PortalRequest, actor: PortalActor, entry: records.Entry) -> tuple[Attempt, str]:
    """What became of the profile, and why a change of the sign-in names was not believed."""
    proved = _is_proved(request)
    try:
        return _tried(request, actor, entry, proved=proved), ""
    except _Unproved:
        fields = forms.writable(actor, entry.type)
        raw, texts = forms.posted(fields, request.POST), lookup_texts(fields, request.POST)
        tried = Attempt(raw, texts, records.SaveResult(action=""))
        if not (typed := request.POST.get("old", "")):
            return tried, _("你用手机和邮箱登录，改它们要填现在的密码。")
        if wrong := wrong_old(_account(request), typed):
            return tried, wrong["old"]
        return _tried(request, actor, entry, proved=True), ""


def _tried(request: PortalRequest, actor: PortalActor, entry: records.Entry, *, proved: bool) -> Attempt:
    fields = forms.writable(actor, entry.type)
    raw, texts = forms.posted(fields, request.POST), lookup_texts(fields, request.POST)
    change = {**raw, "pk": entry.pk, "version": request.POST.get("version") or None}
    try:
        with transaction.atomic():
            result = saving.save(actor, entry.type, change, own=True)
            if result.ok:
                _follow(request, _person(actor), proved=proved)
            return Attempt(raw, texts, result)
    except _Taken as taken:
        problem = records.Problem(0, taken.problem.field, str(taken), "taken")
        return Attempt(raw, texts, records.SaveResult(action="", problems=(problem,)))


def _follow(request: PortalRequest, person: records.Entry, *, proved: bool) -> None:
    """The account goes by the names in the contact file (POR-01); what was sent to an earlier address opens nothing any more."""
    account = _account(request)
    fresh = {key: str(person.values.get(key) or "") for key in saving.NAMES}
    if all((getattr(account, key) or "") == value for key, value in fresh.items()):
        return
    if not proved:
        raise _Unproved
    try:
        rename_account(account, NewAccount(username=account.username or "", **fresh))
    except AccountProblem as problem:
        raise _Taken(problem) from problem
    users.close_ways_in(account.pk)
    acts.note("profile", user=request.actor.user_pk, name=request.actor.name, told=str(account), request=request)


def _is_proved(request: PortalRequest) -> bool:
    """Whether a code or an invitation has just shown who this is."""
    return time.time() - int(request.session.get(PROVED) or 0) < PROVED_SECONDS


@portal_page("me/password", access=SIGNED_IN, methods=("GET", "POST"), name="portal-password")
@never_cache
@sensitive_post_parameters()
def password(request: PortalRequest) -> HttpResponse:
    """Another password; the old one is asked unless a code has just proved who it is. Other running logins end."""
    proved = _is_proved(request)
    errors: dict[str, str] = {}
    if request.method == "POST":
        account = _account(request)
        errors = {} if proved else wrong_old(account, request.POST.get("old", ""))
        errors = errors or new_password(request, account, set_password)
        if not errors:
            users.close_ways_in(account.pk)
            request.session.pop(PROVED, None)
            door.keep(request, account)
            acts.note("password", user=request.actor.user_pk, name=request.actor.name, request=request)
            toast(request, _("密码已修改，其他设备上的登录已退出"))
            return HttpResponseRedirect("/portal/me")
    context = {"errors": errors, "proved": proved, "length": shortest()}
    return show(request, "password", context, active="me", status=422 if errors else 200)


@portal_page("me/sessions", access=SIGNED_IN, methods=("POST",), name="portal-sessions")
def everywhere(request: PortalRequest) -> HttpResponse:
    """Sign out on every device at once, this one included."""
    sign_out_everywhere(request.actor.account_pk)
    acts.note("signed_out", user=request.actor.user_pk, name=request.actor.name, told=_("所有设备"), request=request)
    door.end(request)
    toast(request, _("已在所有设备上退出"))
    return HttpResponseRedirect(SIGN_IN)


def _account(request: PortalRequest) -> Account:
    return Account.objects.get(pk=request.actor.account_pk)
