"""The version of a definition that a form was opened with."""

from __future__ import annotations

from kezhou.pages import PageRequest


def version_of(request: PageRequest) -> int | None:
    """What the form says; None when it says nothing, which compares with nothing."""
    raw = request.POST.get("version", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None
