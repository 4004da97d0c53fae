"""Small pictures for lists, pages and forms: made from the stored one when they are first asked for, and kept beside it."""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from kezhou.files.kinds import PICTURES
from tenants.files import SMALL

EDGE = 320
"""Pixels of the longer side: 96 on the page, three times as fine on a good screen, some 10 kB."""
MOST_PIXELS = 64_000_000
MEDIA = "image/webp"
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


def small(content: Path, media_type: str) -> Path | None:
    """Where the small picture of this content lies; None for what is no picture, or one that is broken or far too large."""
    if media_type not in PICTURES:
        return None
    place = _place(content)
    if not place.is_file():
        _make(content, place)
    return place if place.stat().st_size else None


def _place(content: Path) -> Path:
    return content.with_name(f"{content.name}{SMALL}")


def _make(content: Path, place: Path) -> None:
    """Write it, or an empty file in its place, so that a broken picture is not tried again at each look."""
    from PIL import Image, ImageOps  # loaded when the first picture is made

    unfinished = place.with_name(f"{place.name}.{uuid4().hex}")  # threads of a process look at the same picture at once
    try:
        with suppress(OSError, ValueError, SyntaxError, Image.DecompressionBombError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(content, formats=_FORMATS) as picture:
                if picture.width * picture.height <= MOST_PIXELS:
                    picture.draft("RGB", (EDGE * 2, EDGE * 2))
                    upright = ImageOps.exif_transpose(picture)
                    upright.thumbnail((EDGE, EDGE))
                    upright.convert("RGBA" if "A" in upright.getbands() else "RGB").save(unfinished, "WEBP", quality=80)
        if not unfinished.is_file():
            unfinished.touch()
        os.replace(unfinished, place)
    finally:
        unfinished.unlink(missing_ok=True)
