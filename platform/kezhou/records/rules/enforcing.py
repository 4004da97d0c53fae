"""Rules at save, whatever the source: page, API, import, bulk edit and actions all come by here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from kezhou.records.rules.outcome import Demand, Outcome, outcome

if TYPE_CHECKING:
    from kezhou.records.drafting import Batch, Work

UNRULED = frozenset({"system", "undo"})
"""The engine's own writes, and taking back, which restores what stood before."""


def enforce(batch: Batch) -> None:
    """Refuse what the rules forbid; what a rule hides is not demanded."""
    if not batch.spec.rules:
        return
    for work in batch.alive():
        if not (work.new or work.changed or work.given):
            continue
        found = outcome(batch.actor, batch.spec, work.after, before=work.before, context=batch.context)
        for key in sorted(work.missing - found.hidden):
            work.refuse(_("请填写%(label)s。") % {"label": batch.fields[key].label}, field=key)
        if batch.source not in UNRULED:
            _demand(batch, work, found)


def _demand(batch: Batch, work: Work, found: Outcome) -> None:
    for key, demand in found.required.items():
        empty = work.after.get(key) in (None, "", ())
        if empty and key not in found.hidden | work.missing and _asked(work, key, demand):
            work.refuse(_told(batch, _("请填写%(label)s。"), key, demand.rule), field=key)
    for key, rule in found.readonly.items():
        if key in work.changed:
            work.refuse(_told(batch, _("%(label)s现在不能修改。"), key, rule), field=key, code="not_allowed")
    for key, demand in found.options.items():
        _narrow(batch, work, key, demand)
    if work.new or work.changed:
        for key, sentence in found.problems:
            work.refuse(sentence, field=key, code="refused")


def _asked(work: Work, key: str, demand: Demand) -> bool:
    """Whether this change is about the field or what the rule depends on; older gaps wait until somebody edits them."""
    return work.new or key in work.given or bool(demand.depends & work.changed)


def _narrow(batch: Batch, work: Work, key: str, demand: Demand) -> None:
    value = work.after.get(key)
    chosen = value if isinstance(value, tuple) else (() if value is None else (value,))
    wrong = [one for one in chosen if one not in demand.options]
    if wrong and _asked(work, key, demand):
        spec = batch.fields[key]
        labels = {option.key: str(option.label) for option in spec.options}
        named = "、".join(labels.get(one, one) for one in demand.options) or _("（没有可选的）")
        sentence = _("%(label)s现在只能选：%(known)s，不能选“%(value)s”。（规则：%(rule)s）")
        shown = {"label": spec.label, "known": named, "value": labels.get(wrong[0], wrong[0]), "rule": demand.rule}
        work.refuse(sentence % shown, field=key)


def _told(batch: Batch, sentence: str, key: str, rule: str) -> str:
    return sentence % {"label": batch.fields[key].label} + _("（规则：%(rule)s）") % {"rule": rule}
