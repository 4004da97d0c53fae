"""The content security policy that every answer carries."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponseBase]


class ContentSecurityPolicy:
    """No inline script or style, no eval, no foreign origin, never inside a frame.

    `data:` is allowed for pictures alone: the style sheet of the component library draws the arrow of its selects with one.
    Forms may lead to the company's own host, because signing up at the public site ends there by a redirect.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        domain = getattr(settings, "KEZHOU_BASE_DOMAIN", "localhost")
        self.policy = "; ".join(
            (
                "default-src 'self'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self' data:",
                "object-src 'none'",
                "base-uri 'none'",
                f"form-action 'self' {domain}:* *.{domain}:*",
                "frame-ancestors 'none'",
            )
        )

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response
