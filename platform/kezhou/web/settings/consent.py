"""设置 › 运营方查看 (TEN-05): letting operators look for some hours, taking it back, and what they opened."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.access import visiting
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.web.settings import menu
from kezhou.web.settings.shell import shell
from tenants import consents
from tenants.company import WrongValue
from tenants.states import Need

HERE = "/settings/consent"
HOURS = (1, 4, 8, 24, 72)

menu.register(
    menu.Entry(
        "consent",
        gettext_lazy("运营方查看"),
        gettext_lazy("授权运营方限时只读查看，看他们打开过什么"),
        icon="eye-check",
        url=HERE,
        group="services",
        order=95,
        words=gettext_lazy("支持 授权 运营 客服 排查 访问记录"),
    )
)


@page("settings/consent", access=ADMIN, methods=("GET", "POST"), needs=Need.READ, name="settings-consent")
def consent(request: PageRequest) -> HttpResponse:
    """Give a consent or take it back; also while the company is read-only, when help is needed most."""
    if request.method != "POST":
        return _show(request, {"hours": "4", "reason": ""}, {})
    if request.POST.get("do") == "take-back":
        ended = consents.take_back(by=request.actor.name)
        toast(request, _("已收回，运营方马上看不到了。") if ended else _("授权已经结束了。"))
        return HttpResponseRedirect(HERE)
    values = {key: request.POST.get(key, "").strip() for key in ("hours", "reason")}
    hours = int(values["hours"]) if values["hours"].isdecimal() and len(values["hours"]) < 4 else 0
    try:
        consents.give(hours=hours, reason=values["reason"], by=request.actor.name)
    except WrongValue as error:
        return _show(request, values, {error.field: str(error)}, status=422)
    toast(request, _("已授权，到时自动结束，随时可以收回。"))
    return HttpResponseRedirect(HERE)


def _show(request: PageRequest, values: dict[str, str], errors: dict[str, str], *, status: int = 200) -> HttpResponse:
    given, counted = consents.consents(), visiting.counted()
    facts: dict[str, Any] = shell("consent", _("运营方查看")) | {
        "values": values,
        "errors": errors,
        "hours": [(str(number), _("%(n)d 小时") % {"n": number}) for number in HOURS],
        "open": next((one for one in given if one.is_open), None),
        "given": [(one, counted.get(one.pk, 0)) for one in given],
    }
    return render(request, "kezhou/settings/consent.html", facts, status=status)


@page("settings/consent/<int:pk>", access=ADMIN, name="settings-consent-log")
def log(request: PageRequest, pk: int) -> HttpResponse:
    """Every page that was opened under one consent of this company."""
    facts = shell("consent", _("运营方查看"), _("打开过的页面")) | {"visits": visiting.visits(pk)}
    return render(request, "kezhou/settings/consent_log.html", facts)
