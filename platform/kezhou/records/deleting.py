"""Deleting: to the recycle bin, asked what refers to the record, never by Django's collector (BAS-04).

What the links say happens: "refuse" names who refers, "cascade" takes them along in the same action, "clear" empties the link.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.access.policy import policy_for
from kezhou.records import ledger, storing
from kezhou.records.catalogue import shaped, type_of
from kezhou.records.constraints import sentence_of
from kezhou.records.derived import filling, spreading
from kezhou.records.filters import seen
from kezhou.records.lines import parents
from kezhou.records.pointing import emptied, meets
from kezhou.records.reading import not_found, titles
from kezhou.records.retrying import retried
from kezhou.records.rows import run
from kezhou.records.saved import Problem, new_action
from kezhou.records.spec import LinkSpec, NotAllowed, TypeSpec
from kezhou.records.sql import Sql, all_of, quoted
from kezhou.records.states.locking import kept as kept_by_state

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


KEEP = "keep"
"""Of own links: the record stays as it is and goes on showing the title of what was deleted."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Records of one type that refer to a record: `on_delete` says what deleting would do to them."""

    type: TypeSpec
    link: str
    on_delete: str
    count: int


@dataclass(frozen=True, slots=True)
class DeleteResult:
    """What went, or why nothing did: all or nothing. `cascaded` counts by type key what went along."""

    action: str
    pks: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()
    cascaded: tuple[tuple[str, int], ...] = ()

    @property
    def ok(self) -> bool:
        """True when everything asked for was done."""
        return not self.problems


@dataclass(slots=True)
class _Run:
    actor: Actor
    action: str
    source: str
    now: datetime
    steps: list[ledger.Step] = field(default_factory=list)
    cascaded: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    gone: set[tuple[str, int]] = field(default_factory=set)


class _Stopped(Exception):
    """Rolls back what was begun."""


def references(actor: Actor, type: str | TypeSpec, pk: int) -> tuple[Reference, ...]:
    """What refers to a record, by type and link, in one statement: for the question before deleting. Deleted ones do not count."""
    spec = shaped(actor).types[type_of(actor, type).key]
    asked = [link for link in spec.referrers if link.on_delete != KEEP]
    parts = [_count(actor, link, pk) for link in asked]
    if not parts:
        return ()
    rows = run(Sql(" UNION ALL ".join(p.text for p in parts), tuple(param for p in parts for param in p.params)))
    present = shaped(actor).types
    return tuple(
        Reference(present[link.type], link.field, link.on_delete, row[0])
        for link, row in zip(asked, rows, strict=True)
        if row[0]
    )


def _count(actor: Actor, link: LinkSpec, pk: int) -> Sql:
    other = shaped(actor).types[link.type]
    points = meets(other.by_key[link.field], "t", "%s::bigint")
    return Sql(f"SELECT count(*) FROM {other.rows} t WHERE {points} AND t.deleted_at IS NULL", (pk,))


def referring(actor: Actor, spec: TypeSpec, pks: Sequence[int]) -> list[tuple[LinkSpec, list[tuple[int, int]]]]:
    """For every declared link towards the records: pairs of (referring record, record), deleted ones left out."""
    found = []
    for link in shaped(actor).types[spec.key].referrers:
        if link.on_delete == KEEP:
            continue
        other = shaped(actor).types[link.type]
        points = meets(other.by_key[link.field], "t", "k.pk")
        rows = run(
            Sql(
                f"SELECT t.id, k.pk FROM unnest(%s::bigint[]) k(pk) JOIN {other.rows} t ON {points} AND t.deleted_at IS NULL",
                (list(pks),),
            )
        )
        if rows:
            found.append((link, [(row[0], row[1]) for row in rows]))
    return found


def delete(
    actor: Actor,
    type: str | TypeSpec,
    pks: Iterable[int],
    *,
    action: str | None = None,
    source: str = "page",
    unchecked: bool = False,
) -> DeleteResult:
    """Put records into the recycle bin, all or none. Raises NotAllowed (403) and UnknownType.

    `unchecked` leaves out the question who refers; only `undo` may, which has asked it for the whole action.
    """
    spec = shaped(actor).types[type_of(actor, type).key]
    wanted = sorted(set(pks))
    if not policy_for(actor, spec.key).allows("delete"):
        raise NotAllowed(_("你没有删除%(type)s的权限。") % {"type": spec.title})
    act = action or new_action()
    return retried(lambda: _delete(_Run(actor, act, source, timezone.now()), spec, wanted, unchecked=unchecked))


def _delete(run_: _Run, spec: TypeSpec, wanted: list[int], *, unchecked: bool) -> DeleteResult:
    actor = run_.actor
    try:
        with transaction.atomic():
            filling.lock_above(actor, spec, wanted)
            _lock(run_, spec, wanted, deleted=False)
            _keep(run_, spec, wanted)
            if not unchecked:
                _follow(run_, spec, wanted)
            if run_.problems:
                raise _Stopped
            _mark(run_, spec, wanted, deleted=True)
            run_.steps += parents.touch_parents(
                actor, spec, parents.parents_of(spec, wanted), action=run_.action, at=run_.now
            )
            ledger.note(actor, run_.steps, action=run_.action, source=run_.source, at=run_.now)
            spreading.follow(actor, run_.steps, action=run_.action, at=run_.now, filled=False)
    except _Stopped:
        return DeleteResult(run_.action, problems=tuple(run_.problems))
    return DeleteResult(run_.action, tuple(wanted), cascaded=tuple(run_.cascaded.items()))


def _lock(run_: _Run, spec: TypeSpec, wanted: Sequence[int], *, deleted: bool) -> None:
    may = policy_for(run_.actor, spec.key).condition_for("delete").sql("t")
    where = all_of([Sql("t.id = ANY(%s)", (list(wanted),)), *seen(spec, run_.actor, "t", deleted=deleted)])
    rows = run(
        Sql(
            f"SELECT t.id, {may.text} FROM {spec.rows} t WHERE {where.text} ORDER BY t.id FOR UPDATE",
            (*may.params, *where.params),
        )
    )
    found = dict(rows)
    for position, pk in enumerate(wanted):
        if pk not in found:
            run_.problems.append(Problem(position, "", str(not_found(spec, pk)), "not_found"))
        elif not found[pk]:
            sentence = _("你可以查看这条%(type)s，但不能删除它。") % {"type": spec.title}
            run_.problems.append(Problem(position, "", sentence, "not_allowed"))


def _keep(run_: _Run, spec: TypeSpec, wanted: Sequence[int]) -> None:
    kept = dict(spec.declaration.kept(wanted))
    if run_.source != "undo":
        kept |= kept_by_state(spec, list(wanted)) | parents.kept_by_parents(run_.actor, spec, wanted)
    run_.problems += [Problem(wanted.index(pk), "", sentence, "refused") for pk, sentence in sorted(kept.items())]


def _follow(run_: _Run, spec: TypeSpec, wanted: Sequence[int]) -> None:
    """Do to the records that refer to these what their links declare."""
    run_.gone |= {(spec.key, pk) for pk in wanted}
    for link, pairs in referring(run_.actor, spec, wanted):
        pairs = [pair for pair in pairs if (link.type, pair[0]) not in run_.gone]
        other = shaped(run_.actor).types[link.type]
        pks = sorted({pair[0] for pair in pairs})
        if not pks:
            continue
        if link.on_delete == "refuse":
            _refuse(run_, spec, other, wanted, pairs)
        elif link.on_delete == "cascade":
            _follow(run_, other, pks)
            _mark(run_, other, pks, deleted=True)
            run_.cascaded[other.key] = run_.cascaded.get(other.key, 0) + len(pks)
        else:
            _clear(run_, other, link.field, pks, dict(pairs))


def _refuse(
    run_: _Run, spec: TypeSpec, other: TypeSpec, wanted: Sequence[int], pairs: Sequence[tuple[int, int]]
) -> None:
    names = titles(run_.actor, {spec.key: [pair[1] for pair in pairs]})
    for position, pk in enumerate(wanted):
        number = sum(1 for pair in pairs if pair[1] == pk)
        if number:
            sentence = _("%(type)s“%(title)s”还有 %(number)s 条%(other)s，不能删除。请先处理它们。") % {
                "type": spec.title,
                "title": names.get((spec.key, pk)) or f"#{pk}",
                "number": number,
                "other": other.title,
            }
            run_.problems.append(Problem(position, "", sentence, "refused"))


def _mark(run_: _Run, spec: TypeSpec, pks: Sequence[int], *, deleted: bool) -> None:
    kind = "deleted" if deleted else "restored"
    gone = run_.now if deleted else None
    rows = run(storing.mark(spec, pks, deleted_at=gone, action=run_.action, at=run_.now, by=run_.actor.member_pk))
    run_.steps += [ledger.Step(spec.key, pk, version, kind, {}) for pk, version in sorted(rows)]


def _clear(run_: _Run, spec: TypeSpec, link: str, pks: Sequence[int], olds: dict[int, int]) -> None:
    emptying = emptied(spec.by_key[link], "t")
    rows = run(
        Sql(
            f"UPDATE {quoted(spec.table)} t SET {emptying}, version = t.version + 1, action = %s, changed_at = %s, "
            f"changed_by_id = %s WHERE t.id = ANY(%s){spec.only('t')} RETURNING t.id, t.version",
            (run_.action, run_.now, run_.actor.member_pk, list(pks)),
        )
    )
    run_.steps += [
        ledger.Step(spec.key, pk, version, "changed", {link: (olds[pk], None)}) for pk, version in sorted(rows)
    ]


def restore(
    actor: Actor,
    type: str | TypeSpec,
    pks: Iterable[int],
    *,
    action: str | None = None,
    source: str = "page",
    alone: bool = False,
) -> DeleteResult:
    """Bring records back from the recycle bin, with those that went along with them unless `alone`. Raises NotAllowed."""
    spec = shaped(actor).types[type_of(actor, type).key]
    wanted = sorted(set(pks))
    if not policy_for(actor, spec.key).allows("delete"):
        raise NotAllowed(_("你没有恢复%(type)s的权限。") % {"type": spec.title})
    act = action or new_action()
    return retried(lambda: _restore(_Run(actor, act, source, timezone.now()), spec, wanted, alone=alone))


def _restore(run_: _Run, spec: TypeSpec, wanted: list[int], *, alone: bool) -> DeleteResult:
    actor = run_.actor
    try:
        with transaction.atomic():
            filling.lock_above(actor, spec, wanted)
            _lock(run_, spec, wanted, deleted=True)
            if run_.problems:
                raise _Stopped
            if not alone:
                _bring_along(run_, spec, wanted)
            _mark(run_, spec, wanted, deleted=False)
            run_.steps += parents.touch_parents(
                actor, spec, parents.parents_of(spec, wanted), action=run_.action, at=run_.now
            )
            ledger.note(actor, run_.steps, action=run_.action, source=run_.source, at=run_.now)
            spreading.follow(actor, run_.steps, action=run_.action, at=run_.now, filled=False)
    except _Stopped:
        return DeleteResult(run_.action, problems=tuple(run_.problems))
    except IntegrityError as error:
        sentence = _("不能恢复：%(why)s") % {"why": sentence_of(actor, spec, error)[1]}
        return DeleteResult(run_.action, problems=(Problem(0, "", sentence, "constraint"),))
    return DeleteResult(run_.action, tuple(wanted), cascaded=tuple(run_.cascaded.items()))


def _bring_along(run_: _Run, spec: TypeSpec, wanted: Sequence[int]) -> None:
    for link in spec.referrers:
        if link.on_delete != "cascade":
            continue
        other = shaped(run_.actor).types[link.type]
        points = meets(other.by_key[link.field], "c", "t.id")
        rows = run(
            Sql(
                f"SELECT c.id FROM {other.rows} c JOIN {spec.rows} t ON {points} "
                "AND t.action = c.action WHERE t.id = ANY(%s) AND c.deleted_at IS NOT NULL",
                (list(wanted),),
            )
        )
        pks = sorted(row[0] for row in rows)
        if pks:
            _bring_along(run_, other, pks)
            _mark(run_, other, pks, deleted=False)
            run_.cascaded[other.key] = run_.cascaded.get(other.key, 0) + len(pks)


def purge(actor: Actor, type: str | TypeSpec, pks: Iterable[int], *, source: str = "page") -> DeleteResult:
    """Remove records from the recycle bin for good. Only an administrator; their history stays. Raises NotAllowed."""
    spec = shaped(actor).types[type_of(actor, type).key]
    wanted = sorted(set(pks))
    if not actor.is_admin:
        raise NotAllowed(_("只有管理员可以彻底删除记录。"))
    run_ = _Run(actor, new_action(), source, timezone.now())
    try:
        with transaction.atomic():
            _lock(run_, spec, wanted, deleted=True)
            if run_.problems:
                raise _Stopped
            text = f"DELETE FROM {quoted(spec.table)} t WHERE t.id = ANY(%s){spec.only('t')} RETURNING t.id, t.version"
            rows = run(Sql(text, (wanted,)))
            steps = [ledger.Step(spec.key, pk, version + 1, "purged", {}) for pk, version in sorted(rows)]
            ledger.note(actor, steps, action=run_.action, source=source, at=run_.now)
    except _Stopped:
        return DeleteResult(run_.action, problems=tuple(run_.problems))
    except IntegrityError:
        sentence = _("还有别的记录指向这条%(type)s，不能彻底删除。") % {"type": spec.title}
        return DeleteResult(run_.action, problems=(Problem(0, "", sentence, "constraint"),))
    return DeleteResult(run_.action, tuple(wanted))
