"""A member's inbox: notices by tab, those that wait first, and the choice of kinds that one does without."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from kezhou.access.actor import Actor
from kezhou.notify.kinds import TABS, keys_of, kind_of, kinds
from kezhou.notify.models import Muted, Notice
from tenants.tasks import task

DAYS = 90
PAGE = 30


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of one tab: `waiting` stand on top of the first page, `notices` follow; `before` leads to earlier ones."""

    tab: str
    unread: dict[str, int]
    waiting: tuple[Notice, ...]
    notices: tuple[Notice, ...]
    before: int | None


def inbox(actor: Actor, tab: str, *, only_unread: bool = False, before: int | None = None) -> Inbox:
    """The actor's notices under a tab, newest first: three statements."""
    found = _of(actor, tab).order_by("-id")
    waits = Q(kind__in=[kind.key for kind in kinds() if kind.waits], closed_at=None)
    waiting = tuple(found.filter(waits)[:PAGE]) if before is None else ()
    rest = found.exclude(waits)
    if only_unread:
        rest = rest.filter(read_at=None)
    if before is not None:
        rest = rest.filter(pk__lt=before)
    rows = list(rest[: PAGE + 1])
    shown = tuple(rows[:PAGE])
    return Inbox(tab, unread_by_tab(actor), waiting, shown, shown[-1].pk if len(rows) > PAGE else None)


def _of(actor: Actor, tab: str) -> QuerySet[Notice]:
    own = Notice.objects.filter(member=actor.member_pk or 0)
    if tab == "system":  # whatever nobody registered stands here as well
        return own.exclude(kind__in=[key for other in TABS if other != tab for key in keys_of(other)])
    return own.filter(kind__in=keys_of(tab))


def unread_by_tab(actor: Actor) -> dict[str, int]:
    """How many notices are unread under each tab: one statement."""
    rows = Notice.objects.filter(member=actor.member_pk or 0, read_at=None).values_list("kind").annotate(Count("pk"))
    found = dict.fromkeys(TABS, 0)
    for kind, count in rows:
        found[kind_of(kind).tab] += count
    return found


def one(actor: Actor, pk: int) -> Notice | None:
    """One of the actor's own notices."""
    return Notice.objects.filter(member=actor.member_pk or 0, pk=pk).first()


def read_tab(actor: Actor, tab: str) -> int:
    """Mark everything under a tab as read; what waits stays on top."""
    return _of(actor, tab).filter(read_at=None).update(read_at=timezone.now())


def muted(actor: Actor) -> frozenset[str]:
    """The kinds that the actor does without."""
    return frozenset(Muted.objects.filter(member=actor.member_pk or 0).values_list("kind", flat=True))


def mute(actor: Actor, wanted: Collection[str]) -> None:
    """Do without these kinds from now on, and with all others. Kinds that wait for something cannot be done without."""
    allowed = {kind.key for kind in kinds() if not kind.waits}
    with transaction.atomic():
        Muted.objects.filter(member=actor.member_pk or 0).delete()
        Muted.objects.bulk_create(Muted(member=actor.member_pk or 0, kind=key) for key in sorted(allowed & set(wanted)))


@task(name="kezhou.notify.forget")
def forget() -> int:
    """Delete this tenant's notices of more than 90 days ago, except those that still wait; says how many."""
    old = Notice.objects.filter(created_at__lt=timezone.now() - timedelta(days=DAYS))
    waits = Q(kind__in=[kind.key for kind in kinds() if kind.waits], closed_at=None)
    return old.exclude(waits).delete()[0]
