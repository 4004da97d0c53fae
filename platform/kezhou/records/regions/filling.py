"""Choosing a place fills the record's postcode and area code (CFG-04), which stay editable, and the names of province and city.

Filled is what is empty or still says what the place before said; what somebody wrote there themselves is left alone. Names of province and
city never say something else than the place: a new place replaces them, and another name beside a place is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from kezhou.records.fields.shapes import FieldError
from kezhou.records.regions.places import NAMED
from kezhou.records.regions.spelling import plain, spellings
from kezhou.records.regions.standard import standard
from kezhou.records.spec import FieldSpec

if TYPE_CHECKING:
    from kezhou.records.drafting import Batch, Work


def fill(batch: Batch, work: Work) -> None:
    """Fill what hangs on the places that this change chooses, as far as the actor may write it."""
    for field in [field for field in batch.fields.values() if field.fills]:
        for fact, target in field.fills:
            if field.key in work.changed and target in batch.writable:
                _fill(batch, work, field, fact, batch.writable[target])
            if fact in NAMED and target in work.changed:
                _agree(batch, work, field, fact, batch.fields[target])


def _fill(batch: Batch, work: Work, field: FieldSpec, fact: str, target: FieldSpec) -> None:
    before = work.before or {}
    held = work.after.get(target.key)
    said, says = (_said(field, values.get(field.key), fact) for values in (before, work.after))
    outdated = fact in NAMED and bool(says) and target.key not in work.changed
    if held is not None and not outdated and (str(held) != said or target.key in work.changed):
        return
    if outdated and held is not None and _same(str(held), says):
        return
    try:
        value = target.kind.clean(says, target, batch.context)
    except FieldError:  # the field has rules of its own; then it stays for the person to fill in
        return
    work.after[target.key] = value
    (work.changed.discard if before.get(target.key) == value else work.changed.add)(target.key)


def _agree(batch: Batch, work: Work, field: FieldSpec, fact: str, target: FieldSpec) -> None:
    """Refuse a name of province or city that is not that of the place."""
    says, text = _said(field, work.after.get(field.key), fact), work.after.get(target.key)
    if not says or text in (None, "") or _same(str(text), says):
        return
    sentence = _(
        "%(label)s“%(text)s”和%(place)s对不上，那里的%(label)s是“%(says)s”。请改%(place)s，%(label)s会跟着改。"
    )
    shown = {"label": target.label, "text": text, "place": field.label, "says": says}
    work.refuse(sentence % shown, field=target.key)


def _same(text: str, name: str) -> bool:
    return plain(text) in spellings(name)


def _said(field: FieldSpec, code: object, fact: str) -> str:
    return (field.regions or standard()).nearest(str(code), fact) if code else ""
