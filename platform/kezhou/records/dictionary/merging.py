"""Merging two values of a dictionary: records go over as a job, each with its history; conditions that name the old value find the new
one by themselves; the whole can be taken back (CFG-02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.access.actor import System
from kezhou.jobs.control import progress
from kezhou.jobs.control import start as start_job
from kezhou.jobs.registry import JobFailed, job
from kezhou.records import shape
from kezhou.records.dictionaries import DictionaryError, demand_admin
from kezhou.records.dictionary.uses import Use, fields_of, uses, views_with
from kezhou.records.models import Dictionary, DictionaryValue, History
from kezhou.records.past import undo
from kezhou.records.reading import get_many
from kezhou.records.rows import run
from kezhou.records.saved import new_action
from kezhou.records.saving import save
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql, all_of

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.jobs.models import Job

MERGE, SPLIT = "records.merge_values", "records.split_values"
BATCH = 500


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What merging would touch: records per field, and saved views."""

    label: str
    into: str
    records: tuple[tuple[str, int], ...]
    views: int

    @property
    def total(self) -> int:
        """How many values of records change."""
        return sum(number for _title, number in self.records)


def plan(actor: Actor, dictionary: str, key: str, into: str) -> MergePlan:
    """Count without changing anything. Raises DictionaryError when the two cannot be merged, and NotAllowed."""
    demand_admin(actor)
    one, other = _pair(dictionary, key, into)
    found: tuple[Use, ...] = uses(actor, dictionary)
    counts = tuple((use.title, use.counts[key]) for use in found if use.counts.get(key))
    return MergePlan(one.label, other.label, counts, views_with(actor, dictionary, key))


def _pair(dictionary: str, key: str, into: str) -> tuple[DictionaryValue, DictionaryValue]:
    rows = {row.key: row for row in DictionaryValue.objects.filter(dictionary_id=dictionary, key__in=(key, into))}
    if key not in rows or into not in rows or key == into:
        raise DictionaryError(_("请选择要并入的另一个值。"))
    one, other = rows[key], rows[into]
    names = {"label": one.label, "into": other.label}
    if one.merged or other.merged:
        raise DictionaryError(_("“%(label)s”和“%(into)s”里有一个已经并入别的值，请先拆回。") % names)
    if not other.enabled:
        raise DictionaryError(_("“%(into)s”已停用，请先恢复它，再把“%(label)s”并进去。") % names)
    if one.parent != other.parent:
        raise DictionaryError(_("“%(label)s”和“%(into)s”不在同一个上级下面，请先移到一起。") % names)
    if DictionaryValue.objects.filter(dictionary_id=dictionary, parent=key).exists():
        raise DictionaryError(_("“%(label)s”下面还有值，请先移走或合并它们。") % names)
    return one, other


def merge(actor: Actor, dictionary: str, key: str, into: str) -> Job:
    """Let `into` take the place of `key`: at once where values are chosen and read, by a job in the records that have it.

    Raises DictionaryError and NotAllowed.
    """
    demand_admin(actor)
    with transaction.atomic():
        Dictionary.objects.select_for_update().filter(key=dictionary).first()
        one, other = _pair(dictionary, key, into)
        one.merged, one.merge = into, UUID(new_action())
        DictionaryValue.objects.filter(dictionary_id=dictionary, merged=key).update(merged=into)
        if one.default:
            one.default, other.default = False, True
            other.save(update_fields=["default"])
        one.save(update_fields=["merged", "merge", "default"])
        shape.bump()
        title = _("把“%(label)s”并入“%(into)s”") % {"label": one.label, "into": other.label}
        params = {"dictionary": dictionary, "key": key, "into": into, "action": str(one.merge)}
        return start_job(actor, MERGE, params, title=title, action=str(one.merge))


@job(MERGE, resumable=True, title=gettext_lazy("合并字典的值"))
def run_merge(actor: Actor, running: Job, params: Mapping[str, Any]) -> dict[str, int]:
    """Give every record of the old value the new one, 500 at a time; started again it goes on with those that are left."""
    system = System(f"{actor.name} merges {params['dictionary']}.{params['key']}", member_pk=actor.member_pk)
    places = list(fields_of(system, params["dictionary"]))
    left = {(spec.key, field.key): _holding(system, spec, field, params["key"]) for spec, field in places}
    total, done, skipped = sum(map(len, left.values())), 0, 0
    for spec, field in places:
        found = left[spec.key, field.key]
        for start in range(0, len(found), BATCH):
            changed, refused = _go_over(system, spec, field, found[start : start + BATCH], params)
            done, skipped = done + changed, skipped + refused
            progress(running, done + skipped, total, _("已改 %(done)d 条") % {"done": done})
    return {"changed": done, "skipped": skipped}


def _holding(actor: Actor, spec: TypeSpec, field: FieldSpec, key: str) -> list[int]:
    """The records that have exactly this value: asked below the filters, which already take it for the new one."""
    test = field.kind.equals_any(field, [key], "t")
    where = all_of([test, Sql("(t.deleted_at IS NULL)")])
    return [
        row[0] for row in run(Sql(f"SELECT t.id FROM {spec.rows} t WHERE {where.text} ORDER BY t.id", where.params))
    ]


def _go_over(
    actor: Actor, spec: TypeSpec, field: FieldSpec, found: Sequence[int], params: Mapping[str, Any]
) -> tuple[int, int]:
    old, new = params["key"], params["into"]
    changes = [
        {"pk": entry.pk, field.key: _replaced(entry.values[field.key], old, new)}
        for entry in get_many(actor, spec.key, found).values()
    ]
    result = save(actor, spec.key, changes, action=params["action"], on_error="skip", twins="allow", source="system")
    return len(result.saved), len(found) - len(result.saved)


def _replaced(value: Any, old: str, new: str) -> Any:
    return [new if each == old else each for each in value] if isinstance(value, (tuple, list)) else new


def split(actor: Actor, dictionary: str, key: str) -> Job:
    """Take a merge back as a job: the value returns, and so do the records that were not changed since. Raises DictionaryError, NotAllowed."""
    demand_admin(actor)
    row = DictionaryValue.objects.filter(dictionary_id=dictionary, key=key).exclude(merged="").first()
    if row is None:
        raise DictionaryError(_("“%(key)s”没有并入别的值，不用拆回。") % {"key": key[:60]})
    title = _("把“%(label)s”拆回来") % {"label": row.label}
    return start_job(actor, SPLIT, {"dictionary": dictionary, "key": key}, title=title)


@job(SPLIT, resumable=True, title=gettext_lazy("拆回字典的值"))
def run_split(actor: Actor, running: Job, params: Mapping[str, Any]) -> dict[str, int]:
    """The value first, so that records may have it again; then the merge's own action is undone. All or nothing."""
    system = System(f"{actor.name} splits {params['dictionary']}.{params['key']}", member_pk=actor.member_pk)
    with transaction.atomic():
        row = DictionaryValue.objects.select_for_update().get(dictionary_id=params["dictionary"], key=params["key"])
        if not row.merged:
            return {"records": 0}
        action, row.merged, row.merge = row.merge, "", None
        row.save(update_fields=["merged", "merge"])
        shape.bump()
        undone = undo(system, str(action)) if _touched(action) else None
        if undone is not None and not undone.ok:
            raise JobFailed("".join(undone.problems[:3]))
        return {"records": undone.records if undone else 0}


def _touched(action: UUID | None) -> bool:
    return action is not None and History.objects.filter(action=action).exists()
