"""Choices that depend on another agree with it, whoever saves: form, list, API, import (CFG-03).

A value that is given alone brings the one above it along; two values that do not belong together are refused with a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from kezhou.records.drafting import Batch, Work, correct
from kezhou.records.options import level
from kezhou.records.spec import FieldSpec, OptionSpec


def settle(batch: Batch) -> None:
    """Look at every change of the batch."""
    if any(field.parent for field in batch.fields.values()):
        for work in batch.alive():
            settle_one(batch, work)


def settle_one(batch: Batch, work: Work) -> None:
    """Look at one change, the deepest field first, so that a value brings along all that stand above it."""
    below = [field for field in batch.fields.values() if field.parent]
    for field in sorted(below, key=lambda field: -level(field, batch.fields)):
        if work.alive and {field.key, field.parent} & work.changed and work.after.get(field.key):
            _agree(batch, work, field)


def _agree(batch: Batch, work: Work, field: FieldSpec) -> None:
    value, above = work.after[field.key], work.after.get(field.parent)
    chosen = [option for key in _keys(value) if (option := field.option(key)) is not None]
    wanted = {option.parent for option in chosen}
    if not chosen or wanted == {above}:
        return
    if same := _namesake(field, value, above):
        correct(work, field.key, same)
    elif (
        field.parent not in work.given
        and field.key in work.given
        and len(wanted) == 1
        and field.parent in batch.writable
    ):
        correct(work, field.parent, wanted.pop())
    else:
        _refuse(work, batch.fields, field, chosen[0], above)


def _keys(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (str(value),)


def _namesake(field: FieldSpec, value: Any, above: Any) -> str | None:
    """The value of the same name under the chosen parent: 其他 is said of every industry."""
    option = field.option(value) if isinstance(value, str) else None
    if option is None:
        return None
    named = (each for each in field.options if str(each.label) == str(option.label) and each.parent == above)
    return next((each.key for each in named if each.enabled), None)


def _refuse(work: Work, fields: Mapping[str, FieldSpec], field: FieldSpec, chosen: OptionSpec, above: Any) -> None:
    parent = fields[field.parent]
    belongs = parent.option(chosen.parent)
    shown = {
        "label": field.label,
        "value": chosen.label,
        "parent": parent.label,
        "belongs": belongs.label if belongs else chosen.parent,
        "given": option.label if (option := parent.option(above)) else _("（空）"),
    }
    if field.key in work.given:
        sentence = _("%(label)s“%(value)s”属于%(parent)s“%(belongs)s”，和“%(given)s”不配，请改其中一个。") % shown
        work.refuse(sentence, field=field.key, code="pair")
    else:
        sentence = _("%(parent)s改成“%(given)s”以后，%(label)s“%(value)s”就不配了，请一起修改%(label)s。") % shown
        work.refuse(sentence, field=field.parent, code="pair")
