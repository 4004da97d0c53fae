"""What rules and the record's state say about a saved record as its page shows it: what is not shown, what is locked and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from kezhou.access.actor import MemberActor
from kezhou.records import Entry
from kezhou.records.reading import whole
from kezhou.records.rules.outcome import outcome
from kezhou.records.spec import TypeSpec
from kezhou.records.states import locking


@dataclass(frozen=True, slots=True)
class Standing:
    """Keys that are `hidden`, sentences for those that are `locked`, and the `options` that are left of choices."""

    hidden: frozenset[str] = frozenset()
    locked: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def asked(spec: TypeSpec) -> frozenset[str]:
    """What has to be read of a record besides what is shown of it."""
    return frozenset({spec.states.field} if spec.states else ())


def standing(actor: MemberActor, entry: Entry) -> Standing:
    """How a record stands. One statement where the type has rules, which may ask fields that this person does not see; else none."""
    spec = entry.type
    if not spec.rules:
        return Standing(locked=locking.locks(spec, entry.values))
    values: Mapping[str, Any] = whole(actor, spec, [entry.pk]).get(entry.pk, entry.values)
    found = outcome(actor, spec, values, before=values)
    return Standing(
        hidden=found.hidden,
        locked={**by_rule(found.readonly), **locking.locks(spec, values)},
        options={key: demand.options for key, demand in found.options.items()},
    )


def by_rule(readonly: Mapping[str, str]) -> dict[str, str]:
    """Sentences for fields that rules lock, from the rules' titles."""
    return {key: _("由规则“%(rule)s”锁定") % {"rule": rule} for key, rule in readonly.items()}
