"""Handing a file's content out over HTTP: nothing in it can run, and no browser guesses another type."""

from __future__ import annotations

from typing import BinaryIO

from django.http import FileResponse

from kezhou.files.attachments import Attached
from kezhou.files.kinds import INLINE

CLOSED = "default-src 'none'; sandbox"
PDF = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""A sandbox would keep the browser's own viewer from showing a PDF; scripts stay forbidden."""


def response_of(found: Attached, content: BinaryIO, *, inline: bool = False) -> FileResponse:
    """The response for a file's content. `inline` lets the browser show it, if it is a picture or a PDF."""
    shown = inline and found.media_type in INLINE
    response = FileResponse(content, as_attachment=not shown, filename=found.name, content_type=found.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = PDF if shown and found.preview == "pdf" else CLOSED
    return response
