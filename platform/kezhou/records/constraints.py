"""A violated constraint as a sentence: the database has the last word, the user gets to read why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, DataError
from django.db.models import UniqueConstraint
from django.utils.translation import gettext as _

from kezhou.records.catalogue import shaped
from kezhou.records.clashing import clashed, clashing
from kezhou.records.drafting import Batch, Nested, Work
from kezhou.records.spec import TypeSpec
from kezhou.records.uniqueness import index_name

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


def refuse(batch: Batch, error: DatabaseError) -> None:
    """Note what a batch violated: at the row inside a record that clashed, where the database names it, else at the record."""
    field, sentence = sentence_of(batch.actor, batch.spec, error)
    for nested in batch.nested:
        if nested.lines.key == field and (row := _clashed_row(nested, error)) is not None:
            parent, index = nested.places[row.position]
            at = ".".join(filter(None, (field, str(index), _first_named(nested.batch.spec, _name(error)))))
            parent.refuse(sentence, field=at, code="constraint")
            return
    batch.works[0].refuse(sentence, field=field, code="constraint")


def _clashed_row(nested: Nested, error: DatabaseError) -> Work | None:
    values = clashing(nested.batch.spec, _name(error), error)
    rows = (row for row in nested.batch.works if all(row.after.get(key) == value for key, value in values.items()))
    return next(rows, None) if values else None


def _name(error: DatabaseError) -> str:
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or "")


def sentence_of(actor: Actor, spec: TypeSpec, error: DatabaseError) -> tuple[str, str]:
    """The field and the sentence for a violated constraint: of the type's own table, of the rows inside it (then the field is
    their key), or of another table that follows from it."""
    table = str(getattr(getattr(error.__cause__, "diag", None), "table_name", "") or "")
    if table in {"", spec.table}:
        return _told(actor, spec, error)
    types = shaped(actor).types
    for lines in spec.lines:
        if types[lines.type].table == table:
            return lines.key, _told(actor, types[lines.type], error)[1]
    other = next((each for each in types.values() if each.table == table), spec)
    return "", _told(actor, other, error)[1]


def _told(actor: Actor, spec: TypeSpec, error: DatabaseError) -> tuple[str, str]:
    name = _name(error)
    column = str(getattr(getattr(error.__cause__, "diag", None), "column_name", "") or "")
    keys = _columns(spec, name) or [field.key for field in spec.fields if field.column == column]
    labels = "、".join(str(spec.by_key[key].label) for key in keys if key in spec.by_key)
    if isinstance(error, DataError):
        return "", _("有数值或文字超出了可以保存的范围，没有保存。请检查特别大的数或特别长的文字。")
    if said := spec.declaration.sentences.get(name):
        sentence = str(said)
        if "%(" in sentence:
            sentence %= clashed(actor, spec, name, error)
        return (keys[0] if keys else _first_named(spec, name)), sentence
    state = str(getattr(error.__cause__, "sqlstate", "") or "")
    if state == "23505" and labels:
        return keys[0], _("已有%(labels)s相同的%(type)s。") % {"labels": labels, "type": spec.title}
    if state == "23502" and labels:
        return keys[0], _("请填写%(labels)s。") % {"labels": labels}
    declared = _declared(spec, name)
    if declared is not None:
        return (keys[0] if keys else ""), declared
    return (keys[0] if keys else ""), _("这些内容不合规则“%(name)s”，没有保存。") % {"name": name or state}


def _first_named(spec: TypeSpec, name: str) -> str:
    """The field of the first expression of an exclusion constraint, at which its sentence is shown."""
    for constraint in spec.model._meta.constraints:
        expressions = getattr(constraint, "expressions", ()) if constraint.name == name else ()
        for expression, _operator in (pair for pair in expressions if isinstance(pair, tuple)):
            key = str(getattr(expression, "name", expression))
            if key in spec.by_key:
                return key
    return ""


def _columns(spec: TypeSpec, name: str) -> list[str]:
    for constraint in spec.model._meta.constraints:
        if constraint.name == name and isinstance(constraint, UniqueConstraint):
            return list(constraint.fields)
    own = [field.key for field in spec.fields if field.custom and name == index_name(spec.table, field.key)]
    if own:
        return own
    unique = [field for field in spec.fields if field.unique and field.column]
    return [field.key for field in unique if name.startswith(f"{spec.table}_{field.column}_"[:40])]


def _declared(spec: TypeSpec, name: str) -> str | None:
    """The message that the model gives for its constraint, when it gives its own."""
    for constraint in spec.model._meta.constraints:
        if constraint.name == name:
            message: Any = constraint.violation_error_message
            if message and message != constraint.default_violation_error_message:
                return str(message) % {"name": name}
    return None
