"""One change of many records: set, clear, add or remove values of some fields in everything that a list finds.

`preview` says beforehand how many records will change, how many the actor may not change and how many are so already, in one
statement however many there are. `run` changes them in batches under one action, so that it can be taken back in one;
`kezhou.records.bulk_deleting` deletes them likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou.records import filters
from kezhou.records.catalogue import fields_for, type_of
from kezhou.records.fields import FieldError
from kezhou.records.listing import ListRequest, page, source_of
from kezhou.records.reading import context, get_many
from kezhou.records.rows import run as rows_of
from kezhou.records.rows import run_one
from kezhou.records.saving import save
from kezhou.records.spec import FieldSpec, FilterError, NotAllowed, Purpose, TypeSpec
from kezhou.records.sql import Sql, all_of

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.reading import Entry

BATCH = 500
MOST_EDITS = 10
MOST_RECORDS = 200_000
EXAMPLES = 3
SET, CLEAR, ADD, REMOVE = HOWS = ("set", "clear", "add", "remove")

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Edit:
    """What becomes of one field; `value` is a value of the field (None when it is cleared)."""

    field: FieldSpec
    how: str
    value: Any = None

    def after(self, before: Any) -> Any:
        """The value that a record will have."""
        if self.how in {ADD, REMOVE}:
            held = tuple(before or ())
            kept = tuple(key for key in held if key not in self.value)
            return (*held, *(key for key in self.value if key not in held)) if self.how == ADD else kept or None
        return self.value

    @property
    def done(self) -> Any:
        """The condition under which a record is so already, as a filter."""
        if self.how == CLEAR:
            return [self.field.key, "is_empty", None]
        if self.how == ADD:
            return [self.field.key, "contains", list(self.value)]
        if self.how == REMOVE:
            return ["and", [[self.field.key, "not_contains", [key]] for key in self.value]]
        if isinstance(self.value, tuple):
            return [self.field.key, "contains", list(self.value)]
        return [self.field.key, "eq", self.field.kind.rest(self.value, self.field)]


@dataclass(frozen=True, slots=True)
class Example:
    """One record before and after: pairs of text per edit, None where nothing changes."""

    title: str
    pairs: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """`change` will change, `barred` the actor may not change, `same` are so already."""

    total: int
    change: int
    barred: int
    same: int
    examples: tuple[Example, ...] = ()


@dataclass(slots=True)
class Outcome:
    """What was done: `skipped` holds key, title and reason of those that were left as they are."""

    action: str
    changed: int = 0
    same: int = 0
    skipped: list[tuple[int, str, str]] = field(default_factory=list)


def hows(field: FieldSpec) -> tuple[str, ...]:
    """What can be done with a field: several values are added and removed, a required one cannot be cleared."""
    found = [SET]
    if field.kind.control_kind == "multiselect":
        found += [ADD, REMOVE]
    if not field.required:
        found.append(CLEAR)
    return tuple(found)


def editable_fields(actor: Actor, spec: TypeSpec) -> tuple[FieldSpec, ...]:
    """The fields that can be changed for many records at once: not what is unique to one."""
    return tuple(
        field
        for field in fields_for(spec, actor, Purpose.WRITE)
        if not field.unique and not field.title and field.kind.importable
    )


def edit_of(actor: Actor, spec: TypeSpec, key: str, how: str, raw: Any) -> Edit:
    """One change as it was asked for. Raises FilterError (no such field, no such way) and FieldError (the value)."""
    spec_ = next((each for each in editable_fields(actor, spec) if each.key == key), None)
    if spec_ is None:
        raise FilterError(_("“%(key)s”不能批量修改。") % {"key": key[:40]})
    if how not in hows(spec_):
        raise FilterError(_("“%(label)s”不能这样批量修改。") % {"label": spec_.label})
    if how == CLEAR:
        return Edit(spec_, how)
    value = spec_.kind.clean(raw, spec_, context())
    if value is None:
        raise FieldError(_("请填写%(label)s要改成什么。") % {"label": spec_.label})
    return Edit(spec_, how, value)


def preview(actor: Actor, spec: TypeSpec, request: ListRequest, edits: Sequence[Edit]) -> Preview:
    """What would happen. Two or three statements."""
    may = all_of(filters.seen(spec, actor, "t", operation="update"))
    compiler = filters.Compiler(actor, context())
    done = compiler.sql(filters.parse(["and", [edit.done for edit in edits]]), spec, "t") if edits else Sql("FALSE")
    source = source_of(actor, spec, request)
    total, allowed, same = run_one(
        Sql(
            f"SELECT count(*), count(*) FILTER (WHERE {may.text}), count(*) FILTER (WHERE {may.text} AND {done.text}) "
            f"{source.text}",
            (*may.params, *may.params, *done.params, *source.params),
        )
    )
    barred = total - allowed
    change = allowed - same
    return Preview(total, change, barred, same, _examples(actor, spec, request, edits) if edits and change else ())


def _examples(actor: Actor, spec: TypeSpec, request: ListRequest, edits: Sequence[Edit]) -> tuple[Example, ...]:
    """The first records that change, before and after."""
    not_done = ["not", ["and", [edit.done for edit in edits]]]
    asked = replace(
        request,
        columns=tuple(edit.field.key for edit in edits),
        size=EXAMPLES,
        page=None,
        sums=False,
        within=["and", [part for part in (request.within, not_done) if part]],
    )
    found = page(actor, spec, asked)
    fmt = found.fmt
    if any(edit.field.target for edit in edits):
        from kezhou.records.reading import formatting, titles

        wanted = {edit.field.target: {edit.value} for edit in edits if edit.field.target and edit.value}
        fmt = formatting({**fmt.titles, **titles(actor, wanted)})
    return tuple(
        Example(
            row.title,
            tuple(_pair(edit, value, fmt) for edit, value in zip(edits, row.values, strict=True)),
        )
        for row in found.rows
    )


def _pair(edit: Edit, before: Any, fmt: Any) -> tuple[str, str, bool]:
    old, new = (edit.field.kind.text(value, edit.field, fmt) for value in (before, edit.after(before)))
    return old or "—", new or "—", old != new


def keys(actor: Actor, spec: TypeSpec, request: ListRequest) -> list[int]:
    """The records that a request finds, oldest first, so that an interrupted run meets them in the same order."""
    source = source_of(actor, spec, request)
    return [
        row[0] for row in rows_of(Sql(f"SELECT t.id {source.text} ORDER BY t.id LIMIT {MOST_RECORDS}", source.params))
    ]


def allowed(actor: Actor, spec: TypeSpec, request: ListRequest, operation: str) -> tuple[int, int]:
    """How many records the request finds, and for how many of them the actor has the operation. One statement."""
    may = all_of(filters.seen(spec, actor, "t", operation=operation))
    source = source_of(actor, spec, request)
    row = run_one(
        Sql(f"SELECT count(*), count(*) FILTER (WHERE {may.text}) {source.text}", (*may.params, *source.params))
    )
    return row[0], row[1]


def run(
    actor: Actor,
    type: str,
    pks: Sequence[int],
    edits: Sequence[Edit],
    *,
    into: Outcome,
    tell: Tell | None = None,
) -> Outcome:
    """Change the records in batches under the outcome's action; what cannot be changed is left with its reason.

    `into` is filled as it goes, so that whoever stops the run by an exception of `tell` knows how far it came. Running it again does
    no harm: what is so already counts as the same. Raises NotAllowed.
    """
    spec = type_of(actor, type)
    if "update" not in spec.operations:
        raise NotAllowed(_("你的角色不能修改“%(type)s”。") % {"type": spec.title})
    for start in range(0, len(pks), BATCH):
        _batch(actor, spec, pks[start : start + BATCH], edits, into)
        if tell is not None:
            tell(min(start + BATCH, len(pks)), len(pks))
    return into


def _batch(actor: Actor, spec: TypeSpec, pks: Sequence[int], edits: Sequence[Edit], outcome: Outcome) -> None:
    entries = get_many(actor, spec, pks)
    changes, asked = [], []
    for pk in pks:
        entry = entries.get(pk)
        if entry is None:
            outcome.skipped.append((pk, f"#{pk}", _("已删除，或者你看不到了。")))
        elif "update" not in entry.operations:
            outcome.skipped.append((pk, entry.title, _("你没有权限修改这一条。")))
        elif change := _changes(entry, edits):
            changes.append({"pk": pk, **change})
            asked.append(entry)
        else:
            outcome.same += 1
    if not changes:
        return
    result = save(actor, spec, changes, action=outcome.action, on_error="skip", twins="allow")
    outcome.changed += sum(1 for saved in result.saved if saved.kind != "same")
    outcome.same += sum(1 for saved in result.saved if saved.kind == "same")
    told: dict[int, str] = {}
    for problem in result.problems:
        told.setdefault(problem.position, problem.sentence)
    outcome.skipped += [(asked[place].pk, asked[place].title, sentence) for place, sentence in told.items()]


def _changes(entry: Entry, edits: Iterable[Edit]) -> Mapping[str, Any]:
    after = {edit.field.key: edit.after(entry.values.get(edit.field.key)) for edit in edits}
    return {key: value for key, value in after.items() if value != entry.values.get(key)}
