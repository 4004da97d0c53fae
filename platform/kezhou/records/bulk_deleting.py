"""Deleting many records, in batches under one action: what may not be deleted stays, with the reason, and holds up nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from kezhou.records.bulk import BATCH, Outcome, Tell
from kezhou.records.catalogue import type_of
from kezhou.records.deleting import delete
from kezhou.records.reading import titles
from kezhou.records.spec import NotAllowed, TypeSpec

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


def run_delete(actor: Actor, type: str, pks: Sequence[int], *, into: Outcome, tell: Tell | None = None) -> Outcome:
    """Delete the records. Those that others of them refer to are tried again once these are gone. Raises NotAllowed."""
    spec = type_of(actor, type)
    if "delete" not in spec.operations:
        raise NotAllowed(_("你没有删除%(type)s的权限。") % {"type": spec.title})
    waiting, before = list(pks), -1
    left: list[tuple[int, str]] = []
    while waiting and into.changed != before:
        before, left = into.changed, []
        for start in range(0, len(waiting), BATCH):
            left += _batch(actor, spec, waiting[start : start + BATCH], into)
            if tell is not None:
                tell(into.changed, len(pks))
        waiting = [pk for pk, _why in left]
    named = titles(actor, {spec.key: waiting})
    into.skipped += [(pk, named.get((spec.key, pk)) or f"#{pk}", why) for pk, why in left]
    return into


def _batch(actor: Actor, spec: TypeSpec, pks: Sequence[int], into: Outcome) -> list[tuple[int, str]]:
    """Delete those of a batch that may be; each try leaves out what was refused. The refused ones with their reasons."""
    refused: dict[int, str] = {}
    wanted = sorted(set(pks))
    while wanted:
        done = delete(actor, spec, wanted, action=into.action)
        if done.ok:
            into.changed += len(done.pks)
            break
        for problem in done.problems:
            refused.setdefault(wanted[problem.position], problem.sentence)
        wanted = [pk for pk in wanted if pk not in refused]
    return list(refused.items())
