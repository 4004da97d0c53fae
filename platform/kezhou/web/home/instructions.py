"""The company's own instruction for a screen, written where it is read (UIX-09)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from markupsafe import Markup

from kezhou.records.fields.reading import clean_lines
from kezhou.records.spec import NotAllowed, RecordError
from kezhou.web.home import markdown
from kezhou.web.models import Instruction

if TYPE_CHECKING:
    from kezhou.access.actor import MemberActor

LONGEST = 5000


class InstructionError(RecordError):
    """An instruction cannot be kept; `str()` is a full sentence."""


@dataclass(frozen=True, slots=True)
class Told:
    """An instruction as it is read."""

    text: str
    html: Markup
    name: str
    at: datetime


def screen_of(address: str) -> tuple[str, str]:
    """Which screen an address shows: the key under which its instruction is kept, and the record type on it, if any."""
    try:
        match = resolve(address.partition("?")[0].partition("#")[0])
    except Resolver404:
        return "", ""
    kind = str(match.kwargs.get("type_key", ""))
    return (f"{match.url_name}:{kind}" if kind else str(match.url_name)), kind


def of(screen: str) -> Told | None:
    """What the company wrote for a screen."""
    row = Instruction.objects.filter(screen=screen).first() if screen else None
    return Told(row.text, markdown.html(row.text), row.name, row.at) if row else None


def write(actor: MemberActor, screen: str, text: str) -> None:
    """Keep an instruction, or with an empty text take it away. Raises NotAllowed, InstructionError."""
    if not actor.is_admin:
        raise NotAllowed(_("只有管理员可以写本公司的说明。"))
    text = clean_lines(text)
    if not screen or len(screen) > 120:
        raise InstructionError(_("没有这一页，说明没有保存。请从要说明的那一页打开帮助。"))
    if len(text) > LONGEST:
        raise InstructionError(_("说明最多 %(limit)s 个字，现在是 %(n)s 个。") % {"limit": LONGEST, "n": len(text)})
    if not text:
        Instruction.objects.filter(screen=screen).delete()
        return
    Instruction.objects.update_or_create(
        screen=screen,
        defaults={"text": text, "member": actor.member_pk, "name": actor.name[:120], "at": timezone.now()},
    )
