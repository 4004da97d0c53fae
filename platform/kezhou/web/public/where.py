"""The addresses of this installation as people type them."""

from __future__ import annotations

from django.conf import settings


def suffix() -> str:
    """What follows the short name in a company's address: `.localhost:8000`."""
    return f".{_host()}"


def site_address(path: str = "/") -> str:
    """The full address of a page of the public site."""
    return f"{settings.KEZHOU_SCHEME}://{_host()}{path}"


def _host() -> str:
    port = settings.KEZHOU_PUBLIC_PORT
    return f"{settings.KEZHOU_BASE_DOMAIN}{f':{port}' if port else ''}"
