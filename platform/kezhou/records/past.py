"""The past of records: who changed what, how a record stood at any moment (LOG-02), and taking an action back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from kezhou.records.catalogue import fields_for, shaped
from kezhou.records.fields import Format
from kezhou.records.lines.past import RowStep, row_steps
from kezhou.records.masking import masked
from kezhou.records.reading import Entry, formatting, get, get_many, not_found, show_cell, show_text, titles
from kezhou.records.rows import run
from kezhou.records.spec import FieldSpec, Level, Purpose, TypeSpec
from kezhou.records.sql import Sql

if TYPE_CHECKING:
    from markupsafe import Markup

    from kezhou.access.actor import Actor

VERB = "@verb"
CHANGES = "(CASE WHEN h.verb <> '' THEN h.changes || jsonb_build_object('@verb', h.verb) ELSE h.changes END) AS changes"
"""What a step of the history changed, with the key of the action that did it under `VERB`."""

SOURCES = {"page", "api", "import", "system", "undo"}
DERIVED = "derived"
"""The source of values that the engine computed anew in other records: no edit, so it raises no version and is not undone."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one change; `old` and `new` are Python values, masked where the actor may only see half."""

    field: FieldSpec
    old: Any
    new: Any
    fmt: Format

    @property
    def old_cell(self) -> Markup:
        """The old value as HTML."""
        return show_cell(self.field, self.old, self.fmt)

    @property
    def new_cell(self) -> Markup:
        """The new value as HTML."""
        return show_cell(self.field, self.new, self.fmt)

    @property
    def old_text(self) -> str:
        """The old value as text."""
        return show_text(self.field, self.old, self.fmt)

    @property
    def new_text(self) -> str:
        """The new value as text."""
        return show_text(self.field, self.new, self.fmt)


@dataclass(frozen=True, slots=True)
class LineChange:
    """What happened to one row inside the record: `kind` is created, changed, deleted or restored; no fields: only its place."""

    lines: str
    title: str
    kind: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One step in a record's history, newest first: `kind` is created, changed, moved, acted, deleted, restored or purged.

    `verb` is the title of the action that did it, `lines` what it did to the rows inside.
    """

    pk: int
    kind: str
    at: datetime
    name: str
    member: int | None
    source: str
    action: str
    version: int
    fields: tuple[FieldChange, ...]
    verb: str = ""
    lines: tuple[LineChange, ...] = ()


def history(
    actor: Actor, type: str | TypeSpec, pk: int, *, limit: int = 100, before: int | None = None, field: str = ""
) -> tuple[Change, ...]:
    """The changes of a record that the actor may see, newest first, only of fields the actor may read.

    `before` is the `pk` of the last change already shown; `field` asks for the changes of one field only. Raises RecordNotFound.
    """
    entry = visible(actor, type, pk, only=frozenset())
    conditions: list[tuple[str, Any]] = [("id < %s", before)] if before else []
    conditions += [("jsonb_exists(changes, %s)", field)] if field else []
    condition = " AND ".join(["TRUE", *(text for text, _value in conditions)])
    rows = _rows(entry, condition, tuple(value for _text, value in conditions), limit)
    changes, _titles = told(actor, [(entry.type.key, row) for row in rows], inside=(entry.type, pk))
    return changes


def _line_change(step: RowStep, known: Mapping[str, FieldSpec], fmt: Format) -> LineChange:
    fields = tuple(
        FieldChange(spec, _shown(spec, step.changes[key][0], fmt), _shown(spec, step.changes[key][1], fmt), fmt)
        for key, spec in known.items()
        if key in step.changes and not spec.system
    )
    return LineChange(str(step.lines.title), step.title, step.kind, fields)


Step = tuple[str, Sequence[Any]]
"""A type key with a row of history: id, kind, at, name, member, source, action, version, changes."""


def told(
    actor: Actor,
    steps: Sequence[Step],
    named: Sequence[tuple[str, int]] = (),
    *,
    inside: tuple[TypeSpec, int] | None = None,
) -> tuple[tuple[Change, ...], Mapping[tuple[str, int], str | None]]:
    """Steps of records of several types as the actor may know them, and the titles of `named` records, in one statement.

    The caller has asked the policies: every step is of a record that the actor sees. What happened to the lines of the record
    `inside` is told with the steps in which they changed: one more statement per kind of lines.
    """
    rows = _row_steps(actor, steps, *inside) if inside is not None else {}
    parts = [step for found in rows.values() for step in found]
    types_ = {key for key, _row in steps} | {step.type.key for step in parts}
    # What a value was looked up from then may be a record that the reader cannot see.
    known = {key: {f.key: f for f in fields_for(key, actor, Purpose.READ) if not f.veils} for key in types_}
    wanted: dict[str, set[int]] = defaultdict(set)
    for key, changes in [(key, row[8]) for key, row in steps] + [(step.type.key, step.changes) for step in parts]:
        _linked(known[key], changes, wanted)
    for key, pk in named:
        wanted[key].add(pk)
    found = titles(actor, wanted)
    fmt = formatting(found)
    verbs = {key: {action.key: str(action.title) for action in shaped(actor).types[key].actions} for key, _row in steps}
    own = inside[0].key if inside is not None else ""

    def tell(key: str, row: Sequence[Any]) -> Change:
        verb = str(row[8].get(VERB, ""))
        lines = rows.get(row[6], ()) if key == own else ()
        return replace(
            _change(row, known[key], fmt),
            verb=verbs[key].get(verb, verb),
            lines=tuple(_line_change(step, known[step.type.key], fmt) for step in lines),
        )

    return tuple(tell(key, row) for key, row in steps), found


def _row_steps(actor: Actor, steps: Sequence[Step], spec: TypeSpec, pk: int) -> Mapping[str, Sequence[RowStep]]:
    """The steps of the lines of one record, by act; nothing is asked when no step changed them."""
    keys = {lines.key for lines in spec.lines}
    acts = [row[6] for key, row in steps if key == spec.key and keys & set(row[8])]
    return row_steps(spec, shaped(actor).types, pk, acts)


def visible(actor: Actor, type: str | TypeSpec, pk: int, *, only: frozenset[str] | None = None) -> Entry:
    """The record, in the recycle bin or not, of which `only` these fields when given. Raises RecordNotFound."""
    found = get_many(actor, type, (pk,), only=only) or get_many(actor, type, (pk,), deleted=True, only=only)
    return found[pk] if pk in found else get(actor, type, pk)


def _rows(entry: Entry, condition: str, params: tuple[Any, ...], limit: int) -> list[Sequence[Any]]:
    rows = run(
        Sql(
            f"SELECT id, kind, at, name, member, source, action::text, version, {CHANGES} FROM records_history h "
            f"WHERE type = %s AND record = %s AND {condition} ORDER BY id DESC LIMIT {limit}",
            (entry.type.key, entry.pk, *params),
        )
    )
    return [(*row[:8], orjson.loads(row[8])) for row in rows]


def _linked(known: Mapping[str, FieldSpec], change: Mapping[str, Any], wanted: dict[str, set[int]]) -> None:
    for key, pair in change.items():
        if key in known and known[key].target:
            wanted[str(known[key].target)].update(int(value) for value in pair if value is not None)


def _change(row: Sequence[Any], known: Mapping[str, FieldSpec], fmt: Format) -> Change:
    fields = tuple(
        FieldChange(spec, _shown(spec, row[8][key][0], fmt), _shown(spec, row[8][key][1], fmt), fmt)
        for key, spec in known.items()
        if key in row[8]
    )
    pk, kind, at, name, member, source, action, version, _changes = row
    return Change(pk, kind, at, name, member, source, action, version, fields)


def _shown(spec: FieldSpec, raw: Any, fmt: Format) -> Any:
    value = spec.kind.revived(raw, spec)
    return masked(spec, value, fmt) if spec.level is Level.MASK else value


def as_of(actor: Actor, type: str | TypeSpec, pk: int, moment: datetime) -> Entry:
    """The record as it stood at a moment: today's values with everything later taken back.

    Raises RecordNotFound when it did not exist yet, was in the bin then, or the actor may not see it today.
    """
    entry = visible(actor, type, pk)
    later = _rows(entry, "at > %s", (moment,), 100_000)
    values = dict(entry.values)
    known = {field.key: field for field in entry.fields if not field.veils}
    values |= {field.key: None for field in entry.fields if field.veils}
    version, deleted = entry.version, entry.deleted_at is not None
    for row in later:
        if row[1] == "created":
            raise not_found(entry.type, pk)
        deleted = {"deleted": False, "restored": True}.get(row[1], deleted)
        version = row[7] - (row[5] != DERIVED)
        for key, pair in row[8].items():
            if key in known:
                values[key] = _shown(known[key], pair[0], entry.fmt)
    if deleted:
        raise not_found(entry.type, pk)
    wanted: dict[str, set[int]] = defaultdict(set)
    for key, spec in known.items():
        if spec.target and spec.level is not Level.MASK and values[key] is not None:
            wanted[spec.target].add(values[key])
    title = str(values.get(entry.type.title_field) or values.get("number") or f"#{pk}")
    return replace(entry, values=values, version=version, title=title, fmt=formatting(titles(actor, wanted)))


@dataclass(frozen=True, slots=True)
class Undone:
    """What `undo` did, or why it did nothing: `problems` are sentences, one per record that stands in the way (at most 20)."""

    action: str
    records: int = 0
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """True when the whole action was taken back."""
        return not self.problems


def undo(actor: Actor, action: str) -> Undone:
    """Take back everything that one user action wrote, as a whole or not at all, as an action of its own.

    New records go to the recycle bin, changed fields get their old values, deleted records come back. Refused when one of the
    records was changed since, or is referred to by others (IMX-09), or the actor lacks the right.
    """
    from kezhou.records.undoing import take_back  # needs saving and deleting, which need this module's neighbours

    return take_back(actor, action)


def steps_of(actor: Actor, action: str) -> list[tuple[str, int, str, int, dict[str, Any]]]:
    """The steps of an action, last first: type, record, kind, version, changes; only of types that are on here."""
    rows = run(
        Sql(
            "SELECT type, record, kind, version, changes FROM records_history WHERE action = %s AND source <> %s ORDER BY id DESC",
            (action, DERIVED),
        )
    )
    present = shaped(actor).types
    return [(key, pk, kind, version, orjson.loads(raw)) for key, pk, kind, version, raw in rows if key in present]
