"""The logo of a company: taken only when it is a picture, and drawn anew, so that nothing but its pixels is kept."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import BinaryIO, Protocol

from django.utils.translation import gettext as _

from kezhou.access.actor import Actor
from kezhou.files import storage
from kezhou.files.kinds import HEAD, PICTURES, sniffed
from kezhou.files.models import File
from tenants import files
from tenants.company import change_company
from tenants.context import current

LARGEST = 2 * storage.MEGABYTE
LEAST_EDGE, LONGEST_EDGE = 32, 512
"""Pixels: of the shorter side as it comes, and of the longer side as it is kept."""
WIDEST = 6
"""How many times as long as high (or high as long) a logo may be: beyond it nothing can be made out in a square of the frame."""
MOST_PIXELS = 40_000_000
PURPOSE = "brand"


class LogoRefused(ValueError):
    """The picture cannot be the logo; ``str()`` is the sentence to show."""


class Upload(Protocol):
    """What a browser sends."""

    @property
    def name(self) -> str | None: ...

    @property
    def size(self) -> int | None: ...

    def read(self, size: int = ..., /) -> bytes: ...


def keep(actor: Actor, upload: Upload) -> None:
    """Make a picture the entered company's logo; the one before goes. Raises LogoRefused; nothing is changed then."""
    picture = _drawn(upload)
    before = current().logo
    try:
        kept = storage.store(actor, "logo.png", picture, purpose=PURPOSE)
    except storage.FileRefused as error:
        raise LogoRefused(str(error)) from error
    change_company(logo=kept.place)
    _forget(before)


def drop() -> None:
    """Go on without a logo."""
    before = current().logo
    change_company(logo="")
    _forget(before)


def _forget(place: str) -> None:
    for row in File.objects.filter(place=place, purpose=PURPOSE):
        row.delete()
        files.delete(place)


def _drawn(upload: Upload) -> BinaryIO:
    if (upload.size or 0) > LARGEST:
        raise LogoRefused(storage.too_large(LARGEST))
    content = upload.read(LARGEST + 1)
    kind = sniffed(content[:HEAD], upload.name or "")
    if b"<svg" in content[:4096].lower():
        raise LogoRefused(_("SVG 里可以藏脚本，不能当标志。请换成 PNG、JPEG 或 WebP。"))
    if kind not in PICTURES:
        raise LogoRefused(
            _("“%(name)s”不是图片，请换成 PNG、JPEG 或 WebP。") % {"name": storage.clean_name(upload.name or "")}
        )
    return _redrawn(content)


def _redrawn(content: bytes) -> BinaryIO:
    from PIL import Image, ImageOps  # loaded when the first logo comes

    drawn = BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
                _demand_size(picture.width, picture.height)
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
                upright.convert("RGBA").save(drawn, "PNG", optimize=True)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, LogoRefused):
            raise
        raise LogoRefused(_("这张图片读不出来，可能没有传完整。请重新导出成 PNG 再传。")) from error
    drawn.seek(0)
    return drawn


def _demand_size(width: int, height: int) -> None:
    facts = {"width": width, "height": height, "least": LEAST_EDGE, "most": WIDEST}
    if min(width, height) < LEAST_EDGE:
        raise LogoRefused(_("图片只有 %(width)d×%(height)d 像素，每边至少要 %(least)d 像素。") % facts)
    if width * height > MOST_PIXELS:
        raise LogoRefused(_("图片有 %(width)d×%(height)d 像素，太大了。请缩小到 4000 像素以内。") % facts)
    if max(width, height) > WIDEST * min(width, height):
        raise LogoRefused(_("图片 %(width)d×%(height)d 太长，长边最多是短边的 %(most)d 倍。请裁掉多余的边。") % facts)
