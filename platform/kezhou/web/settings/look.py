"""设置 › 公司形象 (TEN-07): what the system is called here, the logo, the colour, and the company's address, each with what it changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.branding import branding, logos
from kezhou.branding.colours import LIGHT, UnreadableColour, colours_of, contrast
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.web.settings import menu
from kezhou.web.settings.shell import shell
from tenants import handover, hosts
from tenants.company import COLOUR, WrongValue, change_company
from tenants.context import current
from tenants.directory import address_of

OWN = "#2b57cf"
"""The product's colour, which the picker begins with."""
IDEAS = ("#2b57cf", "#a63420", "#0a6b64", "#166238", "#5934ae", "#991d5f", "#7c4d07", "#1a2030")

menu.register(
    menu.Entry(
        "look",
        gettext_lazy("公司形象"),
        gettext_lazy("系统名称、标志、颜色、网址"),
        icon="palette",
        url="/settings/look",
        group="organisation",
        order=12,
        words=gettext_lazy("logo 标志 品牌 颜色 主题 网址 域名 登录页 抬头"),
    )
)


@page("settings/look", access=ADMIN, methods=("GET", "POST"), name="settings-look")
def look(request: PageRequest) -> HttpResponse:
    """Title, logo and colour; nothing typed is lost when one of them is refused, and then none is changed."""
    if request.method != "POST":
        return _show(request, {"title": current().title, "colour": current().colour}, {})
    values = {"title": request.POST.get("title", "").strip(), "colour": _colour(request.POST.get("colour", ""))}
    errors = _refused(values)
    if not errors:
        errors = _keep(request, values)
    if errors:
        return _show(request, values, errors, status=422)
    toast(request, _("公司形象已保存，登录页、页头、打印和邮件都用新的。"))
    return HttpResponseRedirect("/settings/look")


def _keep(request: PageRequest, values: dict[str, str]) -> dict[str, str]:
    upload = request.FILES.get("logo")
    try:
        if upload is not None:
            logos.keep(request.actor, upload)
        elif request.POST.get("drop") == "1" and current().logo:
            logos.drop()
        change_company(title=values["title"], colour=values["colour"])
    except logos.LogoRefused as error:
        return {"logo": str(error)}
    except WrongValue as error:
        return {error.field: str(error)}
    return {}


def _colour(text: str) -> str:
    """As it is kept: full-width signs, capitals and a missing # are no reason to refuse."""
    plain = text.strip().translate(str.maketrans("＃０１２３４５６７８９", "#0123456789")).lower()
    return f"#{plain}" if COLOUR.fullmatch(f"#{plain}") else plain


def _refused(values: dict[str, str]) -> dict[str, str]:
    """What is wrong with the colour, before anything is kept."""
    colour = values["colour"]
    if not colour:
        return {}
    if not COLOUR.fullmatch(colour):
        return {"colour": _("“%(colour)s”不是颜色，要像 #2b57cf 这样写。") % {"colour": colour[:20]}}
    try:
        colours_of(colour)
    except UnreadableColour as error:
        return {"colour": str(error)}
    return {}


def _show(request: PageRequest, values: dict[str, str], errors: dict[str, str], *, status: int = 200) -> HttpResponse:
    facts = shell("look", _("公司形象")) | _preview(values) | {
        "values": values,
        "errors": errors,
        "own": OWN,
        "ideas": IDEAS,
        "address": address_of(current()),
        "slug": current().slug,
        "left": hosts.left_hosts(),
    }  # fmt: skip
    return render(request, "kezhou/settings/look.html", facts, status=status)


def _preview(values: dict[str, str]) -> dict[str, Any]:
    """What the preview shows of these values; a colour that is refused is not shown."""
    colour = "" if _refused(values) else values["colour"]
    shown = replace(current(), title=values["title"][:40], colour=colour)
    return {
        "preview": branding(shown),
        "preview_colour": colour,
        "preview_contrast": f"{contrast(colour or OWN, LIGHT):.1f}",
    }


@page("settings/look/preview", access=ADMIN, name="settings-look-preview")
def preview(request: PageRequest) -> HttpResponse:
    """The preview of what is being typed, and what is wrong with its colour."""
    values = {"title": request.GET.get("title", "").strip(), "colour": _colour(request.GET.get("colour", ""))}
    return render(request, "kezhou/settings/_look_preview.html", _preview(values) | {"errors": _refused(values)})


@page("settings/look/preview.css", access=ADMIN, name="settings-look-style")
def preview_style(request: PageRequest) -> HttpResponse:
    """The style sheet of the preview alone."""
    colour = _colour(request.GET.get("colour", ""))
    sheet = "" if not colour or _refused({"colour": colour}) else colours_of(colour).css(".kz-look-preview")
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


@page("settings/look/address", access=ADMIN, methods=("GET", "POST"), name="settings-address")
def address(request: PageRequest) -> HttpResponse:
    """Another address name: what it means is said first; who changes it goes on signed in at the new one."""
    wanted = request.POST.get("slug", "").strip().lower()
    if request.method != "POST":
        return _ask_address(request, current().slug, "")
    try:
        hosts.rename(wanted, by=request.actor.name)
    except WrongValue as error:
        return _ask_address(request, wanted, str(error), status=422)
    token = handover.issue(request.actor.account_pk or 0, next="/settings/look")
    return HttpResponseRedirect(address_of(current(), f"/handover/{token}"))


def _ask_address(request: PageRequest, slug: str, error: str, *, status: int = 200) -> HttpResponse:
    facts = shell("look", _("公司形象"), _("改网址")) | {
        "slug": slug,
        "error": error,
        "suffix": address_of(current()).partition(current().slug)[2].rstrip("/"),
        "days": hosts.lasts().days,
        "address": address_of(current()),
        "left": hosts.left_hosts(),
    }
    return render(request, "kezhou/settings/address.html", facts, status=status)
