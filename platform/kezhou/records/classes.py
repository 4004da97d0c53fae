"""Record classes (FLD-05): a choice field of the type is the class, and own fields may belong to some classes only.

A record of another class neither asks for such a field nor takes a new value for it. A value that is there already, because
the record was moved to another class, stays and can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou.records.spec import FieldSpec, TypeSpec

if TYPE_CHECKING:
    from kezhou.records.drafting import Batch, Work


def class_of(spec: TypeSpec, values: Mapping[str, Any]) -> str:
    """The record class that these values mean; empty when the type has none or none is chosen."""
    value = values.get(spec.class_field) if spec.class_field else None
    return str(value) if value not in (None, "") else ""


def upwards(spec: TypeSpec, record_class: str) -> tuple[str, ...]:
    """The class and those above it, nearest first; nothing for a record that has none."""
    if not record_class:
        return ()
    above = {option.key: option.parent for option in spec.by_key[spec.class_field].options} if spec.class_field else {}
    found = [record_class]
    while (parent := above.get(found[-1])) and parent not in found:
        found.append(parent)
    return tuple(found)


def lineage(spec: TypeSpec, record_class: str) -> frozenset[str]:
    """The class and those above it, where classes form a tree: what a class has, the ones below it have as well."""
    return frozenset(upwards(spec, record_class))


def of_class(field: FieldSpec, spec: TypeSpec, record_class: str) -> bool:
    """Whether records of this class have the field."""
    return not field.classes or not spec.class_field or not lineage(spec, record_class).isdisjoint(field.classes)


def lenient(field: FieldSpec) -> FieldSpec:
    """The field as values are checked before the record's class is known: whether it is required is asked in `settle`."""
    return replace(field, required=False) if field.classes and field.required else field


def settle(batch: Batch, work: Work) -> None:
    """Ask for what the record's class requires, and refuse new values for fields that it has not."""
    record_class = class_of(batch.spec, work.after)
    for key, field in batch.fields.items():
        if not field.classes:
            continue
        if not of_class(field, batch.spec, record_class):
            _leave_out(batch, work, field)
        elif field.required and work.after.get(key) is None and (work.new or key in work.given):
            work.refuse(_("请填写%(label)s。") % {"label": field.label}, field=key)


def _leave_out(batch: Batch, work: Work, field: FieldSpec) -> None:
    if field.key not in work.given:
        if work.new:  # a default is not for records of another class
            work.after[field.key] = None
            work.changed.discard(field.key)
    elif field.key in work.changed and work.after[field.key] is not None:
        chosen = batch.fields[batch.spec.class_field]
        names = [str(option.label) for option in chosen.options if option.key in field.classes]
        shown = {"label": field.label, "class": chosen.label, "names": "、".join(names) or "、".join(field.classes)}
        work.refuse(_("“%(label)s”只在%(class)s是%(names)s时填写，请清空它或改%(class)s。") % shown, field=field.key)
