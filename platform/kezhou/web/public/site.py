"""The public site's plain pages: what the product is, terms, sign-in by company address."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou.pages import PUBLIC, PUBLIC_SITE, SIGN_IN, page
from kezhou.plugins import manifests
from kezhou.web.public.where import suffix
from tenants import directory


@page("", access=PUBLIC, site=PUBLIC_SITE, name="site")
def site(request: HttpRequest) -> HttpResponse:
    """The front page: real samples of the product and the modules that are installed."""
    return render(request, "kezhou/public/site.html", {"modules": tuple(manifests().values())})


@page("terms", access=PUBLIC, site=PUBLIC_SITE, name="terms")
def terms(request: HttpRequest) -> HttpResponse:
    """Terms of service; the operator replaces the template."""
    return render(request, "kezhou/public/terms.html")


@page("privacy", access=PUBLIC, site=PUBLIC_SITE, name="privacy")
def privacy(request: HttpRequest) -> HttpResponse:
    """What is collected at sign-up and for how long."""
    return render(request, "kezhou/public/privacy.html")


@page("signin", access=PUBLIC, site=PUBLIC_SITE, methods=("GET", "POST"), name="signin")
def signin(request: HttpRequest) -> HttpResponse:
    """Each company signs in at its own address; this page leads there."""
    typed = request.POST.get("slug", request.GET.get("company", "")).strip()
    context = {"suffix": suffix(), "values": {"slug": typed}, "errors": {}}
    if request.method != "POST":
        return render(request, "kezhou/public/signin.html", context)
    place = directory.find_by_slug(_short(typed))
    if place is None:
        context["errors"] = {
            "slug": _("没有这个网址的公司。检查一下，或用“找回公司”。") if typed else _("请填公司网址。")
        }
        return render(request, "kezhou/public/signin.html", context, status=422)
    return HttpResponseRedirect(directory.address_of(place, SIGN_IN))


def _short(typed: str) -> str:
    """The short name in whatever was pasted: a whole address, with or without scheme, port and path."""
    host = re.sub(r"^[a-z]+://", "", typed.lower()).partition("/")[0].partition(":")[0]
    return host.removesuffix(f".{settings.KEZHOU_BASE_DOMAIN}")
