"""A company's own vocabulary (SRH-03): words, groups that mean the same, and words a search may leave out.

It acts on queries alone, so a change works with the next search in every process: what was read is kept under the shape version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.access.versioned import Versioned
from kezhou.finding.models import OwnWords
from kezhou.records import shape
from kezhou.records.dictionaries import demand_admin
from kezhou.records.fields.reading import clean_lines
from kezhou.records.spec import RecordError
from tenants.context import current

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

WORD, SAME, STOP = KINDS = ("word", "same", "stop")
MOST = 5_000
LONGEST, LARGEST_GROUP = 20, 12
KEPT = 256
_BETWEEN = re.compile(r"[,，、;；|=＝\t]+")


class OwnWordsError(RecordError):
    """A word cannot be kept; `str()` is a full sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the vocabulary as the page lists it."""

    pk: int
    kind: str
    text: str
    name: str
    at: Any


@dataclass(frozen=True, slots=True)
class Told:
    """The whole vocabulary, as an engine reads it. Equal vocabularies are equal."""

    words: tuple[str, ...] = ()
    same: tuple[tuple[str, ...], ...] = ()
    stops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a list: lines added, lines there already, and sentences for those refused."""

    added: int
    known: int
    refused: tuple[str, ...]


_kept: Versioned[tuple[int, str], Told] = Versioned(limit=KEPT)


def told(actor: Actor) -> Told:
    """The vocabulary of the actor's company as of now."""
    place = current()
    return _kept.get((place.pk, place.schema), shape.version(actor), _load)


def _load() -> Told:
    rows = list(OwnWords.objects.order_by("pk").values_list("kind", "text"))
    return Told(
        words=tuple(text for kind, text in rows if kind == WORD),
        same=tuple(tuple(text.split("、")) for kind, text in rows if kind == SAME),
        stops=tuple(text for kind, text in rows if kind == STOP),
    )


def lines(actor: Actor, kind: str, text: str = "") -> tuple[Line, ...]:
    """The lines of one kind, the newest first; with `text` those that hold it. Raises NotAllowed."""
    demand_admin(actor)
    rows = OwnWords.objects.filter(kind=kind, text__icontains=text).order_by("-pk")
    return tuple(Line(*row) for row in rows.values_list("pk", "kind", "text", "name", "at"))


def add(actor: Actor, kind: str, raw: str) -> Imported:
    """Add what was typed or pasted, a line each; what is there already is left. Raises NotAllowed, OwnWordsError."""
    demand_admin(actor)
    if kind not in KINDS:
        raise OwnWordsError(_("没有名为“%(kind)s”的词表。") % {"kind": kind[:20]})
    wanted: dict[str, None] = {}
    refused: list[str] = []
    for line in filter(None, map(str.strip, clean_lines(raw).splitlines())):
        try:
            wanted |= dict.fromkeys(_texts(kind, line))
        except OwnWordsError as error:
            refused.append(str(error))
    if not wanted and not refused:
        raise OwnWordsError(_("请先写一个词，一行一个。"))
    return _keep(actor, kind, tuple(wanted), tuple(refused))


def _keep(actor: Actor, kind: str, wanted: tuple[str, ...], refused: tuple[str, ...]) -> Imported:
    with transaction.atomic():
        there = set(OwnWords.objects.filter(kind=kind, text__in=wanted).values_list("text", flat=True))
        fresh = [text for text in wanted if text not in there]
        if OwnWords.objects.count() + len(fresh) > MOST:
            raise OwnWordsError(_("词表最多 %(n)d 行，这次没有加入。请先删掉不用的。") % {"n": MOST})
        now = timezone.now()
        OwnWords.objects.bulk_create(
            [OwnWords(kind=kind, text=text, name=actor.name[:120], at=now) for text in fresh], ignore_conflicts=True
        )
        if fresh:
            shape.bump()
    return Imported(len(fresh), len(there), refused)


def remove(actor: Actor, pks: Iterable[int]) -> int:
    """Take lines away; says how many. Raises NotAllowed."""
    demand_admin(actor)
    with transaction.atomic():
        gone: int = OwnWords.objects.filter(pk__in=list(pks)).delete()[0]
        if gone:
            shape.bump()
    return gone


def _texts(kind: str, line: str) -> list[str]:
    """What one line holds: words one by one, or one group. Raises OwnWordsError."""
    found = list(dict.fromkeys(word for word in map(str.strip, _BETWEEN.split(line)) if word))
    for word in found:
        if len(word) > LONGEST:
            raise OwnWordsError(
                _("“%(word)s”有 %(n)d 个字，一个词最多 %(most)d 个字。")
                % {"word": word[:30], "n": len(word), "most": LONGEST}
            )
        if not any(character.isalnum() for character in word):
            raise OwnWordsError(_("“%(word)s”里没有字，不能当作一个词。") % {"word": word})
        if kind == WORD and len(word) < 2:
            raise OwnWordsError(_("“%(word)s”只有一个字，词要有两个字以上。") % {"word": word})
    if kind != SAME:
        return found
    if not 2 <= len(found) <= LARGEST_GROUP:
        raise OwnWordsError(
            _("“%(line)s”不是一组同义词：一行写 2 到 %(most)d 个词，用顿号或逗号隔开。")
            % {"line": line[:40], "most": LARGEST_GROUP}
        )
    return ["、".join(found)]
