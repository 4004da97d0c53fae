"""What browsers, mail programs and the portal fetch of a company's look: on that company's host only, without signing in."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import condition

from kezhou.branding import branding
from kezhou.branding.logos import PURPOSE
from kezhou.files.serving import CLOSED
from kezhou.files.small import MEDIA, small
from kezhou.pages import PUBLIC, page
from tenants import files
from tenants.context import current

KEPT = "public, max-age=31536000, immutable"
"""A logo's name changes with its content."""
ASKED = "public, max-age=300"


def _etag(request: HttpRequest) -> str:
    return f'"{current().colour[1:] or "none"}"'


@page("brand.css", access=PUBLIC, name="brand-css")
@condition(etag_func=_etag)
def stylesheet(request: HttpRequest) -> HttpResponse:
    """The tokens that the company's colour replaces; empty while it has none."""
    colours = branding(current()).colours
    sheet = colours.css() if colours else ""
    return HttpResponse(sheet, content_type="text/css; charset=utf-8", headers={"Cache-Control": ASKED})


@page("brand/<str:name>", access=PUBLIC, name="brand-logo")
def logo(request: HttpRequest, name: str) -> HttpResponseBase:
    """The company's present logo (with `?small`, small); any other name, another company's for one, is not there."""
    place = f"{PURPOSE}/{name}"
    path = files.near(place) if place == current().logo else None
    if path is None:
        raise Http404(_("这里没有这张标志。"))
    made = small(path, "image/png") if "small" in request.GET else None
    media_type = MEDIA if made else "image/png"
    response = FileResponse((made or path).open("rb"), content_type=media_type, headers={"Cache-Control": KEPT})
    response["Content-Security-Policy"] = CLOSED
    return response
