"""Which language and display a request is answered in: a small cookie, refreshed from the member's stored choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from kezhou.access.actors import actor_of
from kezhou.web import preferences
from tenants.context import current_or_none

COOKIE = "kz_display"
PARTS = ("theme", "density", "language", "panel")
YEAR = 365 * 24 * 3600
Answer = Callable[[HttpRequest], HttpResponseBase]


class Language:
    """Activates the language of the cookie; without one, asks the member's stored choice once and sets the cookie.

    The cookie names its member, so that a second person at the same browser gets their own choice.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        display = display_of(request)
        with translation.override(display["language"]):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", display["language"])
        if getattr(request, "kz_display_fresh", False) and COOKIE not in response.cookies:
            remember(response, request.kz_display, request.kz_display_member)  # type: ignore[attr-defined]
        return response


def display_of(request: HttpRequest) -> dict[str, str]:
    """Theme, density and language of this request."""
    known: dict[str, str] | None = getattr(request, "kz_display", None)
    if known is not None:
        return known
    member, chosen = _from_cookie(request)
    actor = actor_of(request) if _has_session(request) else None
    if actor is not None and member != str(actor.member_pk):
        chosen = preferences.read(actor, preferences.DISPLAY)
        request.kz_display_fresh = True  # type: ignore[attr-defined]
        member = str(actor.member_pk)
    request.kz_display_member = member  # type: ignore[attr-defined]
    request.kz_display = preferences.display(chosen)  # type: ignore[attr-defined]
    return request.kz_display  # type: ignore[attr-defined, no-any-return]


def remember(response: HttpResponseBase, display: Mapping[str, str], member: str) -> None:
    """Set the cookie; `member` is empty for a visitor of the public site."""
    value = ".".join((member, *(display[name] for name in PARTS)))
    response.set_cookie(
        COOKIE, value, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
    )


def _from_cookie(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    parts = request.COOKIES.get(COOKIE, "").split(".")
    if len(parts) not in {len(PARTS), len(PARTS) + 1}:  # a cookie of an earlier version lacks the last
        return "", {}
    return parts[0], dict(zip(PARTS, parts[1:], strict=False))


def _has_session(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES and current_or_none() is not None
