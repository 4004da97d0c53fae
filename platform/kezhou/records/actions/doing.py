"""Doing an action: read its form, lock the records, ask right and state of each, run what the plugin wrote, tell it in the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.access.policy import policy_for
from kezhou.records import ledger, storing
from kezhou.records.actions.offering import asked, refusals
from kezhou.records.catalogue import shaped, type_of
from kezhou.records.fields import FieldError
from kezhou.records.linking import Links
from kezhou.records.reading import LARGEST_KEY, context, not_found, whole
from kezhou.records.rows import run
from kezhou.records.saved import Problem, Saved, SaveResult, new_action
from kezhou.records.spec import NotAllowed, RecordNotFound, TypeSpec
from kezhou.records.sql import Sql
from kezhou.records.structure import ActionSpec

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

MOST = 500
"""Records of one action."""


class _Refused(Exception):
    """Takes everything back."""


@dataclass(slots=True)
class Doing:
    """What an action's `run` gets: who does it, the records with all their values by primary key, and what the form was given.

    `save` changes records of this type by the action's right; `save_other` writes another type by the actor's own rights; both in the
    same act, so that undo takes all of it back. `refuse` stops everything with a sentence.
    """

    actor: Actor
    type: TypeSpec
    spec: ActionSpec
    records: Mapping[int, Mapping[str, Any]]
    values: Mapping[str, Any]
    action: str
    source: str
    order: Sequence[int] = ()
    problems: list[Problem] = field(default_factory=list)
    touched: dict[int, Saved] = field(default_factory=dict)

    def save(self, changes: Iterable[Mapping[str, Any]]) -> SaveResult:
        """Change records of this type (`pk` in each change), or make new ones; fields that only the system writes included."""
        from kezhou.records.saving import save

        given = list(changes)
        result = save(
            self.actor, self.type, given, action=self.action, source=self.source, twins="allow",
            as_operation=self.spec.operation, verb=self.spec.key,
        )  # fmt: skip
        for problem in result.problems:
            pk = given[problem.position].get("pk")
            self.refuse(
                problem.sentence, pk=pk if isinstance(pk, int) else None, field=problem.field, code=problem.code
            )
        self.touched |= {item.pk: item for item in result.saved if item.kind != "same"}
        return self._demanded(result)

    def save_other(self, type: str, changes: Iterable[Mapping[str, Any]]) -> SaveResult:
        """Write records of another type; a refusal stops the action with its sentence."""
        from kezhou.records.saving import save

        result = save(self.actor, type, changes, action=self.action, source=self.source)
        for problem in result.problems:
            self.refuse(problem.sentence, code=problem.code)
        return self._demanded(result)

    def refuse(self, sentence: str, *, pk: int | None = None, field: str = "", code: str = "refused") -> None:
        """Note why the action is not done; the transaction is taken back when `run` returns."""
        position = self.order.index(pk) if pk in self.order else 0
        self.problems.append(Problem(position, field, sentence, code))

    def _demanded(self, result: SaveResult) -> SaveResult:
        if not result.ok:
            raise _Refused
        return result


def act(
    actor: Actor,
    type: str | TypeSpec,
    key: str,
    pks: Iterable[int],
    values: Mapping[str, Any] | None = None,
    *,
    action: str | None = None,
    source: str = "page",
    versions: Mapping[int, int] | None = None,
) -> SaveResult:
    """Do the action `key` with records: all or nothing. `values` are what its form was given, as texts or JSON.

    `versions` guards against somebody else's save in between. Problems name the record by its position in `pks` and the field.
    Raises UnknownType, RecordNotFound for a record that is not there for this actor, and NotAllowed (403) without the right.
    """
    spec = shaped(actor).types[type_of(actor, type).key]
    verb = found(spec, key)
    wanted = list(dict.fromkeys(pks))
    if not wanted or len(wanted) > MOST:
        raise ValueError(f"act takes 1 to {MOST} records, got {len(wanted)}.")
    if not policy_for(actor, spec.key).allows(verb.operation):
        raise NotAllowed(_("你没有“%(action)s”的权限。") % {"action": verb.title})
    for pk in wanted:
        if not 0 < pk < LARGEST_KEY:
            raise not_found(spec, pk)
    fresh = action or new_action()
    given, problems = read_form(actor, spec, verb, values or {})
    if problems:
        return SaveResult(fresh, problems=tuple(problems))
    doing = Doing(actor, spec, verb, {}, given, fresh, source, wanted)
    try:
        with transaction.atomic():
            return _do(doing, versions or {})
    except _Refused:
        return SaveResult(fresh, problems=tuple(doing.problems))


def found(spec: TypeSpec, key: str) -> ActionSpec:
    """The declared action. Raises RecordNotFound (404) when there is none."""
    for action in spec.actions:
        if action.key == key:
            return action
    raise RecordNotFound(_("%(type)s没有“%(action)s”这个操作。") % {"type": spec.title, "action": key})


def read_form(
    actor: Actor, spec: TypeSpec, verb: ActionSpec, raw: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """The values of the form as Python values, and what is wrong with them, field by field."""
    fields = {each.key: each for each in asked(actor, spec, verb)}
    links = Links(actor, context())
    links.collect((fields[name], value) for name, value in raw.items() if name in fields)
    values: dict[str, Any] = {}
    problems = [
        Problem(0, name, _("“%(action)s”不问“%(field)s”。") % {"action": verb.title, "field": name})
        for name in raw
        if name not in fields
    ]
    for name, each in fields.items():
        try:
            start = raw.get(name, each.default)
            values[name] = None if start in (None, "") else each.kind.parse(start, each, links.context)
            each.kind.check(values[name], each)
        except FieldError as error:
            problems.append(Problem(0, name, str(error)))
            continue
        if each.required and values[name] in (None, "", ()):
            problems.append(Problem(0, name, _("请填写%(label)s。") % {"label": each.label}, "required"))
    return values, problems


def _do(doing: Doing, versions: Mapping[int, int]) -> SaveResult:
    _lock(doing, versions)
    rows = [(pk, doing.records[pk]) for pk in doing.order]
    for (pk, _values), sentence in zip(rows, refusals(doing.type, doing.spec, rows), strict=True):
        if sentence:
            doing.refuse(sentence, pk=pk, code="state")
    if not doing.problems:
        doing.spec.run(doing)
    if doing.problems:
        raise _Refused
    saved = [*doing.touched.values(), *_tell(doing)]
    positions = {pk: position for position, pk in enumerate(doing.order)}
    mine = [Saved(positions[item.pk], item.pk, item.version, "acted") for item in saved if item.pk in positions]
    return SaveResult(doing.action, saved=tuple(sorted(mine, key=lambda item: item.position)))


def _lock(doing: Doing, versions: Mapping[int, int]) -> None:
    """Lock the records; those not visible are 404, those without the right or changed meanwhile are refused."""
    spec = doing.type
    may = policy_for(doing.actor, spec.key).condition_for(doing.spec.operation).sql("t")
    rows = run(
        Sql(
            f"SELECT t.id, t.version, {may.text} FROM {spec.rows} t WHERE t.id = ANY(%s) ORDER BY t.id FOR UPDATE OF t",
            (*may.params, list(doing.order)),
        )
    )
    doing.records = whole(doing.actor, spec, doing.order)
    for pk in doing.order:
        if pk not in doing.records:
            raise not_found(spec, pk)
    for pk, version, may_do in rows:
        if not may_do:
            shown = {"action": doing.spec.title, "type": spec.title}
            doing.refuse(_("你没有对这条%(type)s“%(action)s”的权限。") % shown, pk=pk, code="not_allowed")
        elif pk in versions and versions[pk] != version:
            doing.refuse(_("这条记录刚被别人改过，请看过最新内容再操作。"), pk=pk, code="conflict")


def _tell(doing: Doing) -> list[Saved]:
    """A step in the history of records that the action left as they were: that it was done with them."""
    left = [pk for pk in doing.order if pk not in doing.touched]
    if not left:
        return []
    now = timezone.now()
    counted = run(storing.count_up(doing.type, left, action=doing.action, at=now, by=doing.actor.member_pk))
    steps = [ledger.Step(doing.type.key, pk, version, "acted", {}, doing.spec.key) for pk, version in sorted(counted)]
    ledger.note(doing.actor, steps, action=doing.action, source=doing.source, at=now)
    return [Saved(0, pk, version, "acted") for pk, version in counted]
