"""From what a caller gives to what may be written: reading and checking every field, before anything touches the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou.records import classes
from kezhou.records.catalogue import fields_for, shaped
from kezhou.records.fields import Context, FieldError
from kezhou.records.linking import Links
from kezhou.records.model import SYSTEM_COLUMNS
from kezhou.records.saved import Problem
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec
from kezhou.records.structure import LinesSpec
from kezhou.records.types import Access

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

RESERVED = frozenset({"pk", "version"})
LARGEST_KEY = 2**63


@dataclass(slots=True)
class Work:
    """One change on its way: what was given, what stands now, what shall stand, and what is wrong.

    `lines` holds the rows given inside it as they came, `line_changes` the number of rows before and after where rows change.
    """

    position: int
    pk: int | None
    given_version: int | None
    given: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] | None = None
    after: dict[str, Any] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    version: int = 0
    custom: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    skipped: bool = False
    twin_keys: list[str] = field(default_factory=list)
    lines: dict[str, Any] = field(default_factory=dict)
    line_changes: dict[str, tuple[int, int]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    @property
    def new(self) -> bool:
        """True for a record that does not exist yet."""
        return self.pk is None

    @property
    def alive(self) -> bool:
        """True while nothing speaks against writing it."""
        return not self.problems and not self.skipped

    @property
    def differs(self) -> bool:
        """True when there is something to write: a value, or a row of its lines."""
        return bool(self.changed or self.line_changes)

    def refuse(self, sentence: str, *, field: str = "", code: str = "invalid") -> None:
        """Note why this change is not written."""
        self.problems.append(Problem(self.position, field, sentence, code))


@dataclass(frozen=True, slots=True)
class Beginning:
    """What every new record of a batch begins with and must have, looked up once: fields with a default, and required ones
    with whether a rule might hide them."""

    empty: Mapping[str, None]
    defaults: tuple[tuple[str, FieldSpec], ...]
    required: tuple[tuple[str, FieldSpec, bool], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What a whole batch shares. `inside` is the link to the parent when these are rows given inside other records, which have
    been locked and whose rights have been asked; `nested` are such rows within this batch. `operation` is the right by which
    records are changed, `verb` the action that changes them."""

    actor: Actor
    spec: TypeSpec
    fields: Mapping[str, FieldSpec]
    writable: Mapping[str, FieldSpec]
    context: Context
    source: str
    works: Sequence[Work]
    inside: str = ""
    operation: str = "update"
    verb: str = ""
    nested: list[Nested] = field(default_factory=list)
    beginning: Beginning = field(init=False)
    late: frozenset[str] = field(init=False)
    """Fields whose texts are read after those of the record that they belong to."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "beginning", _beginning(self.spec, self.fields))
        object.__setattr__(self, "late", frozenset(key for key, each in self.writable.items() if each.within))

    def alive(self) -> list[Work]:
        """The changes that nothing speaks against."""
        return [work for work in self.works if work.alive]


@dataclass(slots=True)
class Nested:
    """The rows of one kind of lines in a batch, as a batch of their own (`kezhou.records.lines`).

    `places` tells parent and place of each row by its position, `before` the rows that a parent has now, `gone` those it shall lose.
    """

    lines: LinesSpec
    batch: Batch
    places: Sequence[tuple[Work, int]]
    parents: Sequence[Work]
    before: dict[int, list[int]] = field(default_factory=dict)
    gone: dict[int, list[int]] = field(default_factory=dict)


def _beginning(spec: TypeSpec, fields: Mapping[str, FieldSpec]) -> Beginning:
    demanded = (each for each in fields.values() if each.required and not each.classes and not each.system)
    return Beginning(
        empty=dict.fromkeys(fields),
        defaults=tuple((key, each) for key, each in fields.items() if each.default is not None and each.default != ""),
        required=tuple((each.key, each, bool(spec.rules)) for each in demanded),
    )


def open_batch(
    actor: Actor,
    spec: TypeSpec,
    changes: Iterable[Mapping[str, Any]],
    *,
    source: str,
    context: Context,
    inside: str = "",
    verb: str = "",
) -> Batch:
    """Split the changes into what names the record and what is given for its fields; read every value."""
    works = [_work(position, change, {lines.key for lines in spec.lines}) for position, change in enumerate(changes)]
    everything = {each.key: each for each in shaped(actor).types[spec.key].fields}
    writable = {
        each.key: each for each in fields_for(spec, actor, Purpose.IMPORT if source == "import" else Purpose.WRITE)
    }
    if source in {"system", "freshen"}:
        writable = {key: each for key, each in everything.items() if each.derived is None}
    elif verb:
        writable |= {key: each for key, each in everything.items() if each.system and _left_to_actions(each)}
    links = Links(actor, context)
    batch = Batch(actor, spec, everything, writable, links.context, source, works, inside)
    links.collect((writable[key], value) for work in works for key, value in work.given.items() if key in writable)
    seen: set[int] = set()
    for work in works:
        _read(batch, work, links)
        if work.pk in seen:
            work.refuse(_("同一批里不能两次修改同一条%(type)s。") % {"type": spec.title})
        elif work.pk is not None:
            seen.add(work.pk)
    return batch


def _left_to_actions(field: FieldSpec) -> bool:
    """True for a field that nobody edits but an action may write: neither computed nor kept by the engine itself."""
    return field.derived is None and field.key not in {*SYSTEM_COLUMNS, "number"}


def _work(position: int, change: Mapping[str, Any], lines: Set[str]) -> Work:
    work = Work(position, None, None)
    try:
        work.pk, work.given_version = _integer(change.get("pk")), _integer(change.get("version"))
    except (ValueError, TypeError):
        shown = {"pk": str(change.get("pk"))[:40], "version": str(change.get("version"))[:40]}
        work.refuse(_("记录编号“%(pk)s”和版本“%(version)s”应是整数。") % shown)
    work.given = {key: value for key, value in change.items() if key not in RESERVED and key not in lines}
    work.lines = {key: value for key, value in change.items() if key in lines}
    return work


def _integer(value: Any) -> int | None:
    if value is None or value == "":
        return None
    number = int(value)
    if isinstance(value, (bool, float)) or not 0 <= number < LARGEST_KEY:
        raise ValueError
    return number


def _read(batch: Batch, work: Work, links: Links) -> None:
    values: dict[str, Any] = {}
    first = work.given if batch.late.isdisjoint(work.given) else sorted(work.given, key=batch.late.__contains__)
    for key in first:
        spec = batch.writable.get(key)
        if spec is None:
            _unknown(batch, work, key)
            continue
        try:
            kind = spec.kind
            value = kind.parse(work.given[key], spec, links.context_for(spec, values))
            if value is None and _ruled(batch, spec):
                work.missing.add(key)
            else:
                kind.check(value, classes.lenient(spec))
            values[key] = None if value == () else value
        except FieldError as error:
            work.refuse(str(error), field=key)
    work.given = values


def _unknown(batch: Batch, work: Work, key: str) -> None:
    known = batch.fields.get(key)
    if known is None:
        work.refuse(_("“%(type)s”没有字段“%(field)s”。") % {"type": batch.spec.title, "field": key}, field=key)
    else:
        sentence = _("你不能修改“%(field)s”。") % {"field": known.label}
        work.refuse(sentence, field=key, code="not_allowed")


def fill_new(batch: Batch, work: Work) -> None:
    """What a new record starts with: defaults, owner and department of the one who makes it, today; then what was given."""
    start: dict[str, Any] = dict(batch.beginning.empty)
    for key, spec in batch.beginning.defaults:
        if key not in work.given:
            start[key] = spec.kind.parse(spec.default, spec, batch.context)
    start["registered_on"] = batch.context.today
    if batch.spec.declaration.access is Access.OWNED:
        start["owner"], start["department"] = batch.actor.member_pk, batch.actor.department_pk
    work.after = start | work.given | dict(batch.actor.begins(batch.spec.key))
    work.changed = {key for key, value in work.after.items() if value is not None}
    for key, spec, ruled in batch.beginning.required:
        if work.after[key] is not None:
            continue
        if ruled:
            work.missing.add(key)
        elif not _named(work, key):
            sentence = _("请填写%(label)s。") % {"label": spec.label}
            work.refuse(sentence, field=key)


def _ruled(batch: Batch, spec: FieldSpec) -> bool:
    """True for a required field that a rule might hide: whether it is missing is known when the rules are asked."""
    return bool(batch.spec.rules) and spec.required and not spec.classes and not spec.system


def _named(work: Work, key: str) -> bool:
    return any(problem.field == key for problem in work.problems)


def fill_changed(work: Work) -> None:
    """What an existing record becomes: its values with those given that differ."""
    before = work.before or {}
    work.changed = {key for key, value in work.given.items() if before.get(key) != value}
    work.after = before | {key: work.given[key] for key in work.changed}


def follow_owner(batch: Batch, departments: Mapping[int, int | None]) -> None:
    """Records go to the department of a new owner unless a department was given with it."""
    for work in batch.alive():
        owner: Any = work.after.get("owner")
        if "owner" in work.changed and "department" not in work.given and owner in departments:
            _set(work, "department", departments[owner])


def foreign_owners(batch: Batch) -> set[int]:
    """Owners whose department has to be looked up."""
    if batch.spec.declaration.access is not Access.OWNED:
        return set()
    found = {
        work.after.get("owner") for work in batch.alive() if "owner" in work.changed and "department" not in work.given
    }
    return {owner for owner in found if owner is not None and owner != batch.actor.member_pk} | (
        {owner for owner in found if owner is not None and owner == batch.actor.member_pk and _moves(batch)}
    )


def _moves(batch: Batch) -> bool:
    return any(work.pk is not None and "owner" in work.changed for work in batch.alive())


def _set(work: Work, key: str, value: Any) -> None:
    work.after[key] = value
    if (work.before or {}).get(key) != value:
        work.changed.add(key)
    else:
        work.changed.discard(key)


def correct(work: Work, key: str, value: Any) -> None:
    """Write another value than was given, as a hook wishes."""
    _set(work, key, value)
