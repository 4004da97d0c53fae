"""Choices that narrow each other (CFG-03): a value of the lower dictionary must lie below the value chosen in the upper one."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kezhou.records.drafting import Batch, Work
from kezhou.records.spec import FieldSpec


def check(batch: Batch) -> None:
    """Refuse pairs that do not belong together, however they came: form, API, import or a change of the upper value alone."""
    narrowed = [field for field in batch.fields.values() if field.parent and field.parent in batch.fields]
    for work in batch.alive() if narrowed else ():
        for field in narrowed:
            if {field.key, field.parent} & work.changed:
                _fit(batch, work, field)


def _fit(batch: Batch, work: Work, field: FieldSpec) -> None:
    upper = batch.fields[field.parent]
    value, above = work.after.get(field.key), work.after.get(upper.key)
    option = field.option(value)
    if option is None or not option.parent or option.parent == above:
        return
    belongs = upper.option(option.parent)
    shown = {
        "label": field.label,
        "value": option.label,
        "upper": upper.label,
        "above": getattr(upper.option(above), "label", None) or _("（空）"),
        "belongs": belongs.label if belongs else option.parent,
    }
    sentence = _("%(label)s“%(value)s”属于%(upper)s“%(belongs)s”，与“%(above)s”不符，请重选其中一个。")
    work.refuse(sentence % shown, field=field.key)
