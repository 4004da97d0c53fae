"""All settings pages: the home with its search, and the modules that declare the others."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou.pages import ADMIN, PageRequest, page
from kezhou.web.settings import (
    company,
    computed,
    consent,
    dictionaries,
    fields,
    finding,
    layouts,
    look,
    main_menu,
    menu,
    parameters,
    places,
    plugins,
    rules,
)
from kezhou.web.settings.numbering import pages as numbering
from kezhou.web.settings.own import listing, shaping
from kezhou.web.settings.searching import report, words
from kezhou.web.settings.shell import shell

MODULES = (
    plugins,
    fields,
    computed,
    rules,
    dictionaries,
    company,
    consent,
    look,
    parameters,
    places,
    layouts,
    main_menu,
    numbering,
    listing,
    shaping,
    words,
    report,
)


@page("settings/", access=ADMIN, name="settings")
def home(request: PageRequest) -> HttpResponse:
    """Every setting there is, found by its name or by other words for it."""
    search = request.GET.get("q", "").strip()[:100]
    context: dict[str, Any] = shell("") | {
        "groups": menu.groups(),
        "kinds": finding.find(request.actor, search) if search else (),
        "search": search,
        "crumbs": ({"title": _("设置")},),
    }
    return render(request, "kezhou/settings/home.html", context)
