"""Choosing a place fills the record's postcode and area code (CFG-04), which stay editable.

Filled is what is empty or still says what the place before said; what somebody wrote there themselves is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kezhou.records.fields.shapes import FieldError
from kezhou.records.regions.standard import standard
from kezhou.records.spec import FieldSpec

if TYPE_CHECKING:
    from kezhou.records.drafting import Batch, Work


def fill(batch: Batch, work: Work) -> None:
    """Fill what hangs on the places that this change chooses, as far as the actor may write it."""
    for key in sorted(work.changed):
        field = batch.fields[key]
        for fact, target in field.fills:
            if target in batch.writable:
                _fill(batch, work, field, fact, batch.writable[target])


def _fill(batch: Batch, work: Work, field: FieldSpec, fact: str, target: FieldSpec) -> None:
    before = work.before or {}
    held = work.after.get(target.key)
    said, says = (_said(field, values.get(field.key), fact) for values in (before, work.after))
    if held is not None and (str(held) != said or target.key in work.changed):
        return
    try:
        value = target.kind.clean(says, target, batch.context)
    except FieldError:  # the field has rules of its own; then it stays for the person to fill in
        return
    work.after[target.key] = value
    (work.changed.discard if before.get(target.key) == value else work.changed.add)(target.key)


def _said(field: FieldSpec, code: object, fact: str) -> str:
    return (field.regions or standard()).nearest(str(code), fact) if code else ""
