"""The page of tokens: make one, see its secret once, revoke it."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.api import tokens
from kezhou.api.tokens import TokenError, TokenView
from kezhou.pages import SIGNED_IN, PageRequest, page, toast
from kezhou.records.listing import ListRequest
from tenants.states import Need

HERE = "/settings/tokens"
MEMBER = "core.member"
MOST_MEMBERS = 500


@page("settings/tokens", access=SIGNED_IN, methods=("GET", "POST"), name="settings-tokens")
def show(request: PageRequest) -> HttpResponse:
    """Own tokens; an administrator sees everybody's. A post makes one and shows its secret, once."""
    if request.method == "POST":
        return _make(request)
    return _render(request, {}, {})


@page(
    "settings/tokens/<int:pk>/revoke",
    access=SIGNED_IN,
    methods=("POST",),
    name="settings-token-revoke",
    needs=Need.READ,
)
def revoke(request: PageRequest, pk: int) -> HttpResponse:
    """Ends a token at once."""
    gone = tokens.revoke(request.actor, pk)
    toast(request, _("已作废“%(name)s”，用它的程序从现在起不能再访问。") % {"name": gone.name})
    return HttpResponseRedirect(HERE)


def _make(request: PageRequest) -> HttpResponse:
    typed = {key: request.POST.get(key, "").strip() for key in ("name", "member", "expires_on")}
    typed["read_only"] = "on" if request.POST.get("read_only") else ""
    try:
        made, secret = tokens.make(
            request.actor,
            name=typed["name"],
            member=int(typed["member"]) if typed["member"].isascii() and typed["member"].isdigit() else None,
            expires_on=_day(typed["expires_on"]),
            read_only=bool(typed["read_only"]),
        )
    except TokenError as error:
        return _render(request, typed, {error.field or "record": str(error)}, status=422)
    response = _render(request, {}, {}, made=made, secret=secret)
    response["Cache-Control"] = "no-store"
    return response


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise TokenError(_("到期日应写成 2026-12-31 这样的日期。"), field="expires_on") from None


def _render(
    request: PageRequest,
    typed: dict[str, str],
    errors: dict[str, str],
    *,
    made: TokenView | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    found = tokens.listed(request.actor)
    names = records.titles(request.actor, {MEMBER: {token.member for token in found}})
    rows = [{"token": token, "member": names.get((MEMBER, token.member)) or "—"} for token in found]
    shown: dict[str, Any] = {
        "rows": rows, "typed": typed, "errors": errors, "made": made, "secret": secret, "members": _members(request),
        "active": "settings", "settings_active": "tokens", "crumbs": ({"title": _("设置"), "url": "/settings/"}, {"title": _("接口与令牌")}),
    }  # fmt: skip
    return render(request, "kezhou/api/tokens.html", shown, status=status)


def _members(request: PageRequest) -> list[tuple[int, str]]:
    """Whom an administrator may choose; others make tokens for themselves."""
    if not request.actor.is_admin:
        return []
    found = records.page(request.actor, MEMBER, ListRequest(columns=("name",), size=MOST_MEMBERS, sort=("name",)))
    return [(row.pk, row.title) for row in found.rows]
