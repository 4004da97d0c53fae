"""Writing the rows of lines with their parents: one INSERT, one UPDATE, one UPDATE for those that went, per kind of lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kezhou.records import ledger, storing
from kezhou.records.drafting import Nested, Work
from kezhou.records.rows import run
from kezhou.records.saved import Saved


def alive(nested: Nested, made: Mapping[int, int]) -> list[Work]:
    """The rows to write, each with the key of its parent; `made` gives that by the parent's position."""
    found = []
    for work in nested.batch.works:
        parent, _index = nested.places[work.position]
        if work.alive and parent.alive and parent.position in made:
            if work.new:
                work.after[nested.lines.link] = made[parent.position]
            found.append(work)
    return found


def remove(nested: Nested, made: Mapping[int, int], *, action: str, at: datetime) -> list[ledger.Step]:
    """Put rows that their parents no longer hold into the bin; they come back when the act is undone."""
    actor, spec = nested.batch.actor, nested.batch.spec
    written = {work.pk for work in nested.parents if work.alive and work.position in made}
    pks = [pk for parent, gone in nested.gone.items() if parent in written for pk in gone]
    if not pks:
        return []
    rows = run(storing.mark(spec, pks, deleted_at=at, action=action, at=at, by=actor.member_pk))
    return [ledger.Step(spec.key, pk, version, "deleted", {}) for pk, version in sorted(rows)]


def keys_of(saved: list[tuple[Work, Saved]], untouched: list[Work]) -> dict[int, int]:
    """The key of each parent by its position in the batch."""
    return {work.position: item.pk for work, item in saved} | {work.position: work.pk or 0 for work in untouched}
