"""The pages of the frame declare themselves through these names."""

from __future__ import annotations

from kezhou.pages import ADMIN, PUBLIC, SIGNED_IN, Access, PageRequest, Route, on, page, routes, toast, urlpatterns

__all__ = [
    "ADMIN",
    "PUBLIC",
    "SIGNED_IN",
    "Access",
    "PageRequest",
    "Route",
    "on",
    "page",
    "routes",
    "toast",
    "urlpatterns",
]
