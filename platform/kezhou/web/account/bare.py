"""Pages without the frame: what stands around a sign-in, an invitation, a new password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


def bare(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page without the frame, with what each of them shows: the company, the system's name and the time."""
    facts = {
        "now": timezone.localtime(),
        "host": request.get_host(),
        "find_url": public_url("/find"),
        "site_url": public_url("/"),
    }
    return render(request, f"kezhou/account/{template}.html", {**facts, **(context or {})}, status=status)


def public_url(path: str) -> str:
    """The address of a page of the public site."""
    port = settings.KEZHOU_PUBLIC_PORT
    return f"{settings.KEZHOU_SCHEME}://{settings.KEZHOU_BASE_DOMAIN}{f':{port}' if port else ''}{path}"
