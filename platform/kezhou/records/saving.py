"""`save`: the one way to write records, for one change and for five hundred.

In one transaction: read and check what is given, find twins, lock the rows through the policy, tell conflicts, let hooks have
the last word, check links, write rows, see that the actor may still have them, write history and outbox. Every step is a
fixed number of statements per batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from kezhou.plugins import hooks
from kezhou.records import belonging, classes, dependents, drafting, hierarchy, holding, uniqueness, validity
from kezhou.records import twins as twin_finding
from kezhou.records.catalogue import shaped, type_of
from kezhou.records.constraints import refuse
from kezhou.records.derived import filling
from kezhou.records.drafting import Batch, Work
from kezhou.records.fields import Context
from kezhou.records.lines.drafts import fill_rows, lock_rows, open_rows, report
from kezhou.records.lines.parents import lock_parents
from kezhou.records.linking import existing
from kezhou.records.locking import conflicts, lock
from kezhou.records.reading import context as reading_context
from kezhou.records.regions import filling as regions
from kezhou.records.retrying import given_up, retried
from kezhou.records.rows import run
from kezhou.records.rules.enforcing import enforce
from kezhou.records.saved import Conflict, Problem, Saved, SaveResult, Twin, new_action
from kezhou.records.spec import NotAllowed, TypeSpec
from kezhou.records.sql import Sql
from kezhou.records.states import checking as states
from kezhou.records.writing import write
from kezhou.sdk.hooks import Correction, Draft
from kezhou.standing import demand_writing

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

LARGEST_BATCH = 2000
TWINS = ("ask", "skip", "update", "allow")


class _Stopped(Exception):
    """A change was refused while others were already written: everything is taken back."""


@dataclass(slots=True)
class _Run:
    """What one call of `save` carries along."""

    batch: Batch
    action: str
    twins: tuple[Twin, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    def result(self, saved: Iterable[Saved] = ()) -> SaveResult:
        return SaveResult(
            action=self.action,
            saved=tuple(sorted(saved, key=lambda item: item.position)),
            problems=tuple(problem for work in self.batch.works for problem in work.problems),
            twins=self.twins,
            conflicts=self.conflicts,
            skipped=tuple(work.position for work in self.batch.works if work.skipped),
        )


def save(
    actor: Actor,
    type: str | TypeSpec,
    changes: Iterable[Mapping[str, Any]],
    *,
    action: str | None = None,
    on_error: str = "stop",
    twins: str = "ask",
    source: str = "page",
    context: Context | None = None,
    as_operation: str = "update",
    verb: str = "",
) -> SaveResult:
    """Create and change records.

    Each change maps field keys to raw values (texts of forms and cells, JSON, or Python values); `pk` makes it a change of that
    record and `version` guards it against somebody else's save in between; without `pk` a record is created. Nothing is written for
    a field that is not named. With on_error="stop" everything stands or nothing; with "skip" the good ones stand. `twins`
    says what to do when a new record exists already: ask (refuse and report), skip, update, allow. `action` joins several
    calls into one user action; `source` is page, api, import or system. At most 2,000 changes.

    `as_operation` is the right by which records are changed when it is not 改: the engine's own, for moves and actions; `verb`
    names the action in the history.

    Raises UnknownType and NotAllowed (403) when the actor may not do this at all; everything else is in the result.
    """
    given = list(changes)
    if len(given) > LARGEST_BATCH:
        raise ValueError(f"save takes at most {LARGEST_BATCH} changes, got {len(given)}. Cut them into batches.")
    if twins not in TWINS or on_error not in {"stop", "skip"}:
        raise ValueError(f"twins is one of {', '.join(TWINS)} and on_error is stop or skip.")
    spec = shaped(actor).types.get(type if isinstance(type, str) else type.key) or type_of(actor, type)
    demand_writing(actor)
    demand_operations(actor, spec, given, source=source, update=as_operation)
    action = action or new_action()
    how: dict[str, Any] = {"source": source, "context": context, "as_operation": as_operation, "verb": verb}
    try:
        return retried(lambda: _attempt(actor, spec, given, action, on_error=on_error, twins=twins, **how))
    except OperationalError as error:
        if connection.in_atomic_block or not given_up(error):
            raise
        sentence = _("同时有很多人在改同样的记录，这次没有保存。请稍等一下再保存。")
        return SaveResult(action=action, problems=(Problem(0, "", sentence, "busy"),))


def _attempt(
    actor: Actor,
    spec: TypeSpec,
    given: list[Mapping[str, Any]],
    action: str,
    *,
    on_error: str,
    twins: str,
    source: str,
    context: Context | None,
    as_operation: str,
    verb: str,
) -> SaveResult:
    """One try, in one transaction."""
    try:
        with transaction.atomic():
            reading = context or reading_context()
            batch = drafting.open_batch(actor, spec, given, source=source, context=reading, verb=verb)
            batch = replace(batch, operation=as_operation, verb=verb)
            open_rows(batch, reading)
            run_ = _Run(batch, action)
            return _save(run_, on_error=on_error, twins=twins)
    except _Stopped:
        return run_.result()
    except (IntegrityError, DataError) as error:
        if on_error == "skip" and len(given) > 1:
            how = {"source": source, "context": context, "as_operation": as_operation, "verb": verb}
            return _halves(actor, spec, given, action, twins=twins, **how)
        refuse(batch, error)
        return run_.result()


def demand_operations(
    actor: Actor, spec: TypeSpec, given: Iterable[Mapping[str, Any]], *, source: str, update: str = "update"
) -> None:
    """Refuse what the actor may not do on any record of the type. Raises NotAllowed."""
    policy = actor.policy(spec.key)
    needed = {update if change.get("pk") else "create" for change in given}
    needed |= {"import"} if source == "import" else set()
    words = {"create": _("新建"), "update": _("修改"), "import": _("导入"), **spec.verbs}
    for operation in sorted(needed):
        if operation not in spec.operations or not policy.allows(operation):
            raise NotAllowed(
                _("你没有%(operation)s%(type)s的权限。") % {"operation": words[operation], "type": spec.title}
            )


def _save(run_: _Run, *, on_error: str, twins: str) -> SaveResult:
    batch = run_.batch
    if twins != "allow" and batch.spec.twins:
        run_.twins = twin_finding.settle(batch, twin_finding.find_in(batch), twins)
    hierarchy.hold(batch)
    filling.lock_ahead(batch)
    lock(batch, batch.operation)
    run_.conflicts = conflicts(batch)
    lock_rows(batch)
    for work in batch.works:
        if work.new:
            drafting.fill_new(batch, work)
        elif work.alive:
            drafting.fill_changed(work)
        if work.alive:
            classes.settle(batch, work)
            regions.fill(batch, work)
    fill_rows(batch)
    _follow_owners(batch)
    for part in (batch, *(nested.batch for nested in batch.nested)):
        dependents.settle(part)
        _check_links(part)
        belonging.settle(part)
        uniqueness.refuse_doubled(part)
        holding.settle(part)
        _ask_hooks(part)
        filling.fill(part)
        enforce(part)
    lock_parents(batch)
    report(batch)
    for check in (validity.check, states.check):
        check(batch)
    if on_error == "stop" and any(work.problems for work in batch.works):
        return run_.result()
    return _write(run_, on_error=on_error)


def _write(run_: _Run, *, on_error: str) -> SaveResult:
    batch = run_.batch
    if on_error == "stop":
        saved = write(batch, run_.action)
        if any(work.problems for work in batch.works):
            raise _Stopped
        return run_.result(saved)
    while True:
        before = sum(len(work.problems) for work in batch.works)
        try:
            with transaction.atomic():
                saved = write(batch, run_.action)
                if sum(len(work.problems) for work in batch.works) == before:
                    return run_.result(saved)
                raise _Stopped
        except _Stopped:
            continue


def _halves(actor: Actor, spec: TypeSpec, given: list[Mapping[str, Any]], action: str, **how: Any) -> SaveResult:
    """A constraint refused one row of many: find it by halves, so that the others stand."""
    middle = len(given) // 2
    first = save(actor, spec, given[:middle], action=action, on_error="skip", **how)
    second = save(actor, spec, given[middle:], action=action, on_error="skip", **how)
    return merge(first, second, middle)


def merge(first: SaveResult, second: SaveResult, offset: int) -> SaveResult:
    """Two results of one sequence as one; positions of the second are raised by `offset`."""

    def moved(items: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(replace(item, position=item.position + offset) for item in items)

    return SaveResult(
        action=first.action,
        saved=first.saved + moved(second.saved),
        problems=first.problems + moved(second.problems),
        twins=first.twins + moved(second.twins),
        conflicts=first.conflicts + moved(second.conflicts),
        skipped=first.skipped + tuple(position + offset for position in second.skipped),
    )


def _follow_owners(batch: Batch) -> None:
    owners = drafting.foreign_owners(batch)
    if owners:
        rows = run(Sql("SELECT m.id, m.department_id FROM access_member m WHERE m.id = ANY(%s)", (sorted(owners),)))
        drafting.follow_owner(batch, {row[0]: row[1] for row in rows})


def _check_links(batch: Batch) -> None:
    """Every link that changed must point to a record that is there and that the actor may see."""
    wanted: dict[str, set[int]] = defaultdict(set)
    uses: list[tuple[Work, str, str, int]] = []
    own = {("core.member", batch.actor.member_pk), ("core.department", batch.actor.department_pk)}
    begins = batch.actor.begins(batch.spec.key)
    own |= {(batch.fields[key].target or "", value) for key, value in begins.items() if key in batch.fields}
    for work in batch.alive():
        for key in work.changed:
            target, value = batch.fields[key].target, work.after[key]
            if target and value is not None and (target, value) not in own and key != batch.inside:
                wanted[target].add(value)
                uses.append((work, key, target, value))
    if not uses:
        return
    there = existing(batch.actor, wanted)
    for work, key, target, value in uses:
        if (target, value) not in there:
            label = batch.fields[key].label
            work.refuse(_("%(label)s不存在，或者你无权使用它，请重新选择。") % {"label": label}, field=key)
        elif not there[target, value] and batch.source != "undo":
            work.refuse(_("选的%(label)s已停用，请选择其他的。") % {"label": batch.fields[key].label}, field=key)


def _ask_hooks(batch: Batch) -> None:
    caller = hooks().before_save
    works = batch.alive()
    if not works or not caller.get_hookimpls():
        return
    by_position = {work.position: work for work in works}
    drafts = tuple(Draft(w.position, w.pk, w.before, dict(w.after), frozenset(w.changed)) for w in works)
    for answer in caller(actor=batch.actor, type=batch.spec, drafts=drafts):
        for item in answer or ():
            work = by_position[item.position]
            if isinstance(item, Correction):
                drafting.correct(work, item.field, item.value)
                work.twin_keys = []
            else:
                work.problems.append(Problem(work.position, item.field, item.sentence, "refused"))
