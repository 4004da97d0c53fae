"""How the portal presents itself: name, welcome and colour (POR-24); what is not set, and the logo, is the company's own (`kezhou.branding`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.access.versioned import Versioned
from kezhou.branding import branding
from kezhou.branding.colours import UnreadableColour, colours_of
from kezhou.records import shape
from portal.models import Look
from tenants.context import current

LONGEST_NAME, LONGEST_WELCOME = 40, 500
_COLOUR = re.compile(r"#[0-9a-f]{6}")


class LookProblem(Exception):
    """A value that cannot be taken; `field` names it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class LookView:
    """The portal's face. `name` is never empty; `colour` is "" for the company's own."""

    name: str
    welcome: str
    colour: str
    given_name: str
    version: int


_kept: Versioned[str, Mapping[str, object]] = Versioned(limit=1_000)


def look(actor: Any = None) -> LookView:
    """How it looks now; remembered by the shape version, which an actor of a request carries."""
    version = shape.version(actor)
    held = _kept.get(current().schema, version, _load)
    name = str(held.get("name") or "")
    return LookView(
        name=name or _("%(company)s 客户门户") % {"company": branding(current()).title},
        welcome=str(held.get("welcome") or ""),
        colour=str(held.get("colour") or ""),
        given_name=name,
        version=version,
    )


def _load() -> Mapping[str, object]:
    row = Look.objects.values("name", "welcome", "colour").order_by("pk").first()
    return MappingProxyType(dict(row or {}))


def change(*, name: str, welcome: str, colour: str) -> None:
    """Another face. Raises LookProblem."""
    if len(name) > LONGEST_NAME:
        raise LookProblem("name", _("门户名称最多 %(limit)d 个字。") % {"limit": LONGEST_NAME})
    if len(welcome) > LONGEST_WELCOME:
        raise LookProblem("welcome", _("欢迎语最多 %(limit)d 个字。") % {"limit": LONGEST_WELCOME})
    for field, value in (("name", name), ("welcome", "".join(welcome.splitlines()))):
        if not value.isprintable():
            raise LookProblem(field, _("里面有看不见的字符，请删掉重新输入。"))
    plain = colour.strip().lower()
    _demand_colour(plain)
    with transaction.atomic():
        Look.objects.update_or_create(pk=1, defaults={"name": name, "welcome": welcome, "colour": plain})
        shape.bump()


def _demand_colour(colour: str) -> None:
    if colour and not _COLOUR.fullmatch(colour):
        raise LookProblem("colour", _("“%(colour)s”不是颜色，请写成 #a63420 这样。") % {"colour": colour[:20]})
    try:
        styles(colour)
    except UnreadableColour as error:
        raise LookProblem("colour", str(error)) from error


def styles(colour: str) -> str:
    """The tokens of the portal's own colour as a style sheet; empty where it wears the company's."""
    return colours_of(colour).css() if colour else ""
