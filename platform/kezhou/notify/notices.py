"""Telling members something, and what they have not read yet."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from kezhou.access.actor import Actor
from kezhou.notify.models import Notice

LONGEST = 300


def tell(
    actor: Actor, members: Iterable[int], *, kind: str, sentence: str, type: str = "", record: int | None = None
) -> int:
    """Leave a notice for each of the members, once each and never for the actor; says for how many.

    Call it in the transaction of what happened, so that nobody is told of what was rolled back. One statement.
    """
    told = sorted({pk for pk in members if pk != actor.member_pk})
    shown = sentence if len(sentence) <= LONGEST else sentence[: LONGEST - 1] + "…"
    Notice.objects.bulk_create(
        Notice(
            member=pk, kind=kind, sentence=shown, type=type, record=record,
            by_member=actor.member_pk, by_name=actor.name[:120],
        )
        for pk in told
    )  # fmt: skip
    return len(told)


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
