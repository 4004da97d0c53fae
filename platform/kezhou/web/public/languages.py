"""The language of a visitor who has no account yet: a choice in the foot of every public page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from kezhou.pages import PUBLIC, PUBLIC_SITE, page
from kezhou.web.language import display_of, remember
from kezhou.web.preferences import CHOICES


@page("language", access=PUBLIC, site=PUBLIC_SITE, methods=("POST",), name="language")
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language in this browser and go back to the page one was on."""
    wanted, back = request.POST.get("to", ""), request.POST.get("next", "/")
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = HttpResponseRedirect(back)
    if wanted in dict(CHOICES["language"]):
        remember(response, display_of(request) | {"language": wanted}, "")
    return response
