"""How the portal presents itself: name, welcome, logo and colour (POR-24); what is not set is the company's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.access.versioned import Versioned
from kezhou.records import shape
from portal.models import Look
from tenants.context import current

LONGEST_NAME, LONGEST_WELCOME = 40, 500
LEAST_CONTRAST = 4.5
_COLOUR = re.compile(r"#[0-9a-f]{6}")


class LookProblem(Exception):
    """A value that cannot be taken; `field` names it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class LookView:
    """The portal's face. `name` is never empty; `colour` is "" for the product's own; `logo` is a file or None."""

    name: str
    welcome: str
    colour: str
    logo: int | None
    given_name: str
    version: int


_kept: Versioned[str, Mapping[str, object]] = Versioned(limit=1_000)


def look(actor: Any = None) -> LookView:
    """How it looks now; remembered by the shape version, which an actor of a request carries."""
    version = shape.version(actor)
    held = _kept.get(current().schema, version, _load)
    name = str(held.get("name") or "")
    return LookView(
        name=name or _("%(company)s 客户门户") % {"company": current().name},
        welcome=str(held.get("welcome") or ""),
        colour=str(held.get("colour") or ""),
        logo=held.get("logo"),  # type: ignore[arg-type]  # a primary key or None
        given_name=name,
        version=version,
    )


def _load() -> Mapping[str, object]:
    row = Look.objects.values("name", "welcome", "colour", "logo").order_by("pk").first()
    return MappingProxyType(dict(row or {}))


def change(*, name: str, welcome: str, colour: str, logo: int | None) -> None:
    """Another face. Raises LookProblem."""
    if len(name) > LONGEST_NAME:
        raise LookProblem("name", _("门户名称最多 %(limit)d 个字。") % {"limit": LONGEST_NAME})
    if len(welcome) > LONGEST_WELCOME:
        raise LookProblem("welcome", _("欢迎语最多 %(limit)d 个字。") % {"limit": LONGEST_WELCOME})
    plain = colour.strip().lower()
    _demand_colour(plain)
    with transaction.atomic():
        Look.objects.update_or_create(pk=1, defaults={"name": name, "welcome": welcome, "colour": plain, "logo": logo})
        shape.bump()


def _demand_colour(colour: str) -> None:
    if colour and not _COLOUR.fullmatch(colour):
        raise LookProblem("colour", _("“%(colour)s”不是颜色，请写成 #a63420 这样。") % {"colour": colour[:20]})
    if colour and contrast_with_white(colour) < LEAST_CONTRAST:
        raise LookProblem("colour", _("这个颜色太浅，白字在上面看不清。请选深一些的。"))


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of `#rrggbb`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast_with_white(colour: str) -> float:
    """The contrast of white text on a colour, by WCAG 2: 1 to 21."""
    red, green, blue = (_linear(channel / 255) for channel in channels(colour))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.03928 else float(((channel + 0.055) / 1.055) ** 2.4)


def styles(colour: str) -> str:
    """The six variables of the tenant's colour, light and dark, as a style sheet; empty for the product's own."""
    if not colour:
        return ""
    pairs = {
        "--kz-primary": (colour, _mixed(colour, 0.08, 0)),
        "--kz-primary-strong": (_mixed(colour, 0.2, 0), _mixed(colour, 0.2, 0)),
        "--kz-primary-text": (_mixed(colour, 0.08, 0), _mixed(colour, 0.55, 255)),
        "--kz-primary-soft": (_mixed(colour, 0.92, 255), _mixed(colour, 0.72, 16)),
        "--kz-primary-line": (_mixed(colour, 0.68, 255), _mixed(colour, 0.4, 32)),
    }
    lines = "".join(f"{name}:light-dark({light},{dark});" for name, (light, dark) in pairs.items())
    return f":root,[data-bs-theme]{{{lines}--tblr-primary:var(--kz-primary)}}"


def _mixed(colour: str, share: float, other: int) -> str:
    """The colour with so much of a grey."""
    return "#" + "".join(f"{round(channel * (1 - share) + other * share):02x}" for channel in channels(colour))
