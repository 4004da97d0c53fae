"""Telling members something, and what they have not read yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext

from kezhou.access.actor import Actor
from kezhou.notify.kinds import kind_of
from kezhou.notify.models import Muted, Notice
from kezhou.records.catalogue import shaped

LONGEST = 300


@dataclass(frozen=True, slots=True)
class Telling:
    """One sentence for some members, by its message id (`gettext_noop`) and the values in it; `%(type)s` is what the record is called.

    `note` is a second line, such as what was asked for, `cause` see `close`.
    """

    members: tuple[int, ...]
    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    type: str = ""
    record: int | None = None
    cause: int | None = None


def tell(
    actor: Actor,
    members: Iterable[int],
    *,
    kind: str,
    sentence: str,
    values: Mapping[str, str] | None = None,
    note: str = "",
    type: str = "",
    record: int | None = None,
) -> int:
    """Leave a notice for each of the members, once each and never for the actor; says for how many. See `tell_many`."""
    return tell_many(actor, [Telling(tuple(members), sentence, values or {}, note, type, record)], kind=kind)


def tell_many(actor: Actor, told: Iterable[Telling], *, kind: str, type: str = "") -> int:
    """Leave notices of one kind, each once per member and never for the actor; says how many.

    Call it in the transaction of what happened, so that nobody is told of what was rolled back. Two statements at most: members
    who do without this kind are left out. `type` is that of all records, unless a telling says its own.
    """
    rows = [(one, pk) for one in told for pk in sorted(set(one.members)) if pk != actor.member_pk]
    if rows and not kind_of(kind).waits:
        without = set(
            Muted.objects.filter(member__in={pk for _one, pk in rows}, kind=kind).values_list("member", flat=True)
        )
        rows = [(one, pk) for one, pk in rows if pk not in without]
    Notice.objects.bulk_create(
        Notice(
            member=pk, kind=kind, sentence=one.sentence, values=dict(one.values), note=_short(one.note), type=one.type or type,
            record=one.record, cause=one.cause, by_member=actor.member_pk, by_name=actor.name[:120],
        )
        for one, pk in rows
    )  # fmt: skip
    return len(rows)


def told(actor: Actor, notice: Notice) -> str:
    """The sentence of a notice in the language of whoever reads it now; one of an earlier version as it was written."""
    sentence = gettext(notice.sentence)
    if not notice.values and "%(type)s" not in sentence:
        return _short(sentence)
    kind = shaped(actor).types.get(notice.type)
    return _short(sentence % {"type": kind.title if kind is not None else gettext("记录"), **notice.values})


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def unread(actor: Actor, limit: int = 50) -> tuple[Notice, ...]:
    """The actor's unread notices, newest first."""
    return tuple(Notice.objects.filter(member=actor.member_pk or 0, read_at=None).order_by("-id")[:limit])


def unread_count(actor: Actor) -> int:
    """How many notices the actor has not read."""
    return Notice.objects.filter(member=actor.member_pk or 0, read_at=None).count()


def mark_read(actor: Actor, pks: Iterable[int] | None = None, *, type: str = "", record: int | None = None) -> int:
    """Mark the actor's notices as read: those named, those about one record, or all. Somebody else's are not touched."""
    found = Notice.objects.filter(member=actor.member_pk or 0, read_at=None)
    if pks is not None:
        found = found.filter(pk__in=list(pks))
    if type:
        found = found.filter(type=type, record=record)
    return found.update(read_at=timezone.now())


def close(kind: str, causes: Iterable[int], *, but: int | None = None) -> int:
    """What these notices waited for was dealt with: they leave the top of everybody's inbox (but `but`'s) and count as read."""
    now = timezone.now()
    found = Notice.objects.filter(kind=kind, cause__in=list(causes), closed_at=None)
    return (found if but is None else found.exclude(member=but)).update(closed_at=now, read_at=now)
