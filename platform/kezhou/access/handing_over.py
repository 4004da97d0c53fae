"""Handing over what a member owns to another: counted first, then moved as a job, every record with its history (ORG-11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import records
from kezhou.access.actor import Actor, System
from kezhou.jobs.control import progress
from kezhou.jobs.control import start as start_job
from kezhou.jobs.registry import job
from kezhou.records.spec import TypeSpec
from kezhou.records.types import Access

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.jobs.models import Job

KIND = "access.hand_over"
BATCH = 500


@dataclass(frozen=True, slots=True)
class Holding:
    """How many records of one type a member owns."""

    type: str
    title: StrOrPromise
    count: int


def holdings(member_pk: int) -> tuple[Holding, ...]:
    """What a member owns, type by type; types of which there is nothing are left out."""
    system = System("counting what a member owns")
    found = (Holding(spec.key, spec.title, _owned(system, spec, member_pk).count()) for spec in _owned_types(system))
    return tuple(holding for holding in found if holding.count)


def _owned_types(actor: Actor) -> Iterator[TypeSpec]:
    return (spec for spec in records.types(actor).values() if spec.declaration.access is Access.OWNED)


def _owned(actor: Actor, spec: TypeSpec, member_pk: int) -> Any:
    return records.query(actor, spec).filter(owner_id=member_pk)


def start(actor: Actor, member_pk: int, successor_pk: int) -> int:
    """Begin the job once the running transaction has committed; returns its primary key."""
    action = records.new_action()
    params = {"member": member_pk, "successor": successor_pk, "action": action}
    running: Job = start_job(actor, KIND, params, action=action)
    return running.pk


@job(KIND, resumable=True, title=gettext_lazy("移交记录"))
def hand_over(actor: Actor, running: Job, params: Mapping[str, Any]) -> dict[str, int]:
    """Give every record of `member` to `successor`, 500 at a time; started again it goes on where it stopped."""
    member_pk, successor_pk = int(params["member"]), int(params["successor"])
    system = System(f"{actor.name} hands over the records of member {member_pk}", member_pk=actor.member_pk)
    total = sum(holding.count for holding in holdings(member_pk))
    done = skipped = 0
    for spec in _owned_types(system):
        seen: list[int] = []
        while pks := _next(system, spec, member_pk, seen):
            result = records.save(
                system,
                spec.key,
                [{"pk": pk, "owner": successor_pk} for pk in pks],
                action=params["action"],
                on_error="skip",
                twins="allow",
                source="system",
            )
            seen.extend(pks)
            done += len(result.saved)
            skipped += len(pks) - len(result.saved)
            progress(running, done + skipped, total, _("已移交 %(done)d 条") % {"done": done})
    return {"moved": done, "skipped": skipped}


def _next(actor: Actor, spec: TypeSpec, member_pk: int, seen: Sequence[int]) -> list[int]:
    last = seen[-1] if seen else 0
    return list(_owned(actor, spec, member_pk).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
