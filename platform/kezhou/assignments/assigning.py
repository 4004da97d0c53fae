"""Giving records to a member or department: who may, to whom, and who is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kezhou import notify, records
from kezhou.access.actor import Actor, MemberActor
from kezhou.access.actors import actors_for
from kezhou.access.policy import policy_for
from kezhou.assignments.models import Assignment
from kezhou.assignments.reading import assignable
from kezhou.records import Entry
from kezhou.records.fields.reading import clean_line
from kezhou.records.rows import run
from kezhou.records.spec import RecordError, TypeSpec
from kezhou.records.sql import Sql

MOST = 500
MOST_TOLD = 100
LONGEST = 300


class AssignmentRefused(RecordError):
    """It cannot be assigned; `str()` is the sentence to show, `field` the question that it belongs to."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Receiver:
    """A member or department, with the members who are told."""

    name: str
    member: int | None
    department: int | None
    actors: tuple[MemberActor, ...]


@dataclass(frozen=True, slots=True)
class Assigned:
    """What was assigned, and why the others were not: (key, sentence). `action` takes back the change of owners, where there was one."""

    pks: tuple[int, ...]
    left: tuple[tuple[int, str], ...]
    action: str = ""


def assign(
    actor: Actor,
    type: str | TypeSpec,
    pks: Iterable[int],
    *,
    member: int | None = None,
    department: int | None = None,
    due: date | None = None,
    note: str = "",
    owner: bool = False,
) -> Assigned:
    """Give records that the actor may change to somebody, who is told; `owner` makes the receiving member their owner as well.

    A record is left out, with a sentence, when the actor may not change it or the receiver could not see it. The statements do not
    depend on the number of records. Raises AssignmentRefused for a wrong receiver, note or date.
    """
    wanted = list(dict.fromkeys(pks))
    spec = records.type_of(actor, type)
    if not assignable(spec):
        raise AssignmentRefused(_("“%(type)s”不能指派，只有有负责人的业务记录可以。") % {"type": spec.title})
    if len(wanted) > MOST:
        raise AssignmentRefused(_("一次最多指派 %(most)s 条，请先用筛选收窄。") % {"most": MOST})
    clean = _note(note)
    to = _receiver(member, department)
    with transaction.atomic():
        found = records.get_many(actor, spec, wanted)
        fit, left = _may_change(wanted, found, spec)
        action = ""
        if owner and to.member is not None and fit:
            fit, moved, action = _own(actor, spec, fit, to.member)
            left.update(moved)
            seen = {pk: found[pk] for pk in fit}
            blind: dict[int, str] = {}
        else:
            seen, blind = _seen({pk: found[pk] for pk in fit}, to)
        left.update(blind)
        rows = _write(actor, spec, seen, to, due, clean)
        _tell(actor, spec, rows, seen, to)
    return Assigned(tuple(seen), tuple((pk, left[pk]) for pk in wanted if pk in left), action)


def _note(text: str) -> str:
    clean = clean_line(text).strip()
    if len(clean) > LONGEST:
        shown = {"length": len(clean), "limit": LONGEST}
        raise AssignmentRefused(_("说明有 %(length)d 个字，最多 %(limit)d 个。") % shown, "note")
    return clean


def _receiver(member: int | None, department: int | None) -> Receiver:
    if (member is None) == (department is None):
        raise AssignmentRefused(_("请选择指派给一位成员或一个部门。"), "member")
    if member is not None:
        actors = tuple(actors_for([member]))
        if not actors:
            raise AssignmentRefused(_("这位成员不存在或已停用，请另选一位。"), "member")
        return Receiver(actors[0].name, member, None, actors)
    rows = run(
        Sql(
            "SELECT d.name, m.id FROM access_department d LEFT JOIN access_member m ON m.department_id = d.id "
            "AND m.state = 'active' AND m.deleted_at IS NULL WHERE d.id = %s AND d.deleted_at IS NULL ORDER BY m.id LIMIT %s",
            (department, MOST_TOLD),
        )
    )
    if not rows:
        raise AssignmentRefused(_("这个部门不存在，请另选一个。"), "department")
    actors = tuple(actors_for([pk for _name, pk in rows if pk is not None]))
    if not actors:
        raise AssignmentRefused(_("“%(name)s”里没有在职的成员，请另选一个部门。") % {"name": rows[0][0]}, "department")
    return Receiver(rows[0][0], None, department, actors)


def _may_change(wanted: Sequence[int], found: Mapping[int, Entry], spec: TypeSpec) -> tuple[list[int], dict[int, str]]:
    fit, left = [], {}
    for pk in wanted:
        if pk not in found:
            left[pk] = _("这条%(type)s不存在，或你看不到它。") % {"type": spec.title}
        elif "update" not in found[pk].operations:
            left[pk] = _("你可以查看这条%(type)s，但不能指派它。") % {"type": spec.title}
        else:
            fit.append(pk)
    return fit, left


def _own(actor: Actor, spec: TypeSpec, pks: Sequence[int], member: int) -> tuple[list[int], dict[int, str], str]:
    """Make the receiver the owner; what cannot be given is left out with the engine's sentence."""
    result = records.save(actor, spec, [{"pk": pk, "owner": member} for pk in pks], on_error="skip", twins="allow")
    wrong = {pks[problem.position]: problem.sentence for problem in result.problems}
    moved = any(item.kind != "same" for item in result.saved)
    return [pk for pk in pks if pk not in wrong], wrong, result.action if moved else ""


def _seen(entries: Mapping[int, Entry], to: Receiver) -> tuple[dict[int, Entry], dict[int, str]]:
    seen: dict[int, Entry] = {}
    blind: dict[int, str] = {}
    for pk, entry in entries.items():
        if any(_sees(actor, entry) for actor in to.actors):
            seen[pk] = entry
        else:
            blind[pk] = _("%(name)s 看不到这条%(type)s，请同时把负责人改给他，或另选一位。") % {
                "name": to.name, "type": entry.type.title,
            }  # fmt: skip
    return seen, blind


def _sees(actor: MemberActor, entry: Entry) -> bool:
    facts = {"owner": entry.owner, "department": entry.department}
    return policy_for(actor, entry.type.key).condition.holds(facts)


def _write(
    actor: Actor, spec: TypeSpec, seen: Mapping[int, Entry], to: Receiver, due: date | None, note: str
) -> list[Assignment]:
    return Assignment.objects.bulk_create(
        Assignment(
            type=spec.key, record=pk, member=to.member, department=to.department, receiver=to.name[:120],
            by_member=actor.member_pk, by_name=actor.name[:120], due_on=due, note=note,
        )
        for pk in seen
    )  # fmt: skip


def _tell(actor: Actor, spec: TypeSpec, rows: Sequence[Assignment], seen: Mapping[int, Entry], to: Receiver) -> None:
    """One notice per record and person who sees it; whoever got the ownership sees it from now on."""
    sentence = (
        gettext_noop("%(name)s 把一条%(type)s指派给你")
        if to.member
        else gettext_noop("%(name)s 把一条%(type)s指派给你的部门")
    )
    told = [
        notify.Telling(
            members=tuple(
                one.member_pk for one in to.actors if one.member_pk == to.member or _sees(one, seen[row.record])
            ),
            sentence=sentence,
            values={"name": actor.name},
            note=row.note,
            record=row.record,
            cause=row.pk,
        )
        for row in rows
    ]
    notify.tell_many(actor, told, kind="assigned", type=spec.key)
