"""Links that another link narrows: the contact of an order is one of its customer's, whoever saves: form, list, API, import.

Declared at the model (`Link(..., within="customer")`); pages offer only what belongs, `linking` reads a name among it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from kezhou.records.catalogue import shaped
from kezhou.records.drafting import Batch, Work
from kezhou.records.reading import titles
from kezhou.records.rows import run
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql, quoted

Use = tuple[Work, FieldSpec]


def settle(batch: Batch) -> None:
    """Refuse links to records that belong to somebody else; one statement where there are any to ask about."""
    uses = [
        (work, field)
        for field in batch.fields.values()
        if field.within is not None
        for work in batch.alive()
        if {field.key, field.within[0]} & work.changed and _both(work, field)
    ]
    belongs = _belongings(batch, uses)
    for work, field in uses:
        assert field.within is not None
        leader, by = field.within
        if belongs.get((field.target or "", by, work.after[field.key])) != work.after[leader]:
            _refuse(batch, work, field, batch.fields[leader])


def _both(work: Work, field: FieldSpec) -> bool:
    return field.within is not None and None not in (work.after.get(field.key), work.after.get(field.within[0]))


def _belongings(batch: Batch, uses: list[Use]) -> dict[tuple[str, str, int], int | None]:
    """To what each of the linked records belongs, by (type, link, primary key)."""
    wanted: dict[tuple[str, str], set[int]] = defaultdict(set)
    for work, field in uses:
        assert field.within is not None
        wanted[field.target or "", field.within[1]].add(work.after[field.key])
    if not wanted:
        return {}
    present = shaped(batch.actor).types
    parts = [_belonging(present[key], by, pks) for (key, by), pks in sorted(wanted.items()) if key in present]
    rows = run(Sql(" UNION ALL ".join(p.text for p in parts), tuple(param for p in parts for param in p.params)))
    return {(key, by, pk): leader for key, by, pk, leader in rows}


def _belonging(spec: TypeSpec, by: str, pks: set[int]) -> Sql:
    column = quoted(str(spec.by_key[by].column))
    return Sql(f"SELECT %s, %s, t.id, t.{column} FROM {spec.rows} t WHERE t.id = ANY(%s)", (spec.key, by, sorted(pks)))


def _refuse(batch: Batch, work: Work, field: FieldSpec, leader: FieldSpec) -> None:
    """Told at the link that was given; a name out of the actor's sight is not told."""
    pairs = {(field.target or "", work.after[field.key]), (leader.target or "", work.after[leader.key])}
    named: Mapping[Any, str | None] = titles(
        batch.actor, {target: {pk for t, pk in pairs if t == target} for target, pk in pairs}
    )
    shown = {
        "label": field.label,
        "value": named.get((field.target or "", work.after[field.key])) or _("无权限"),
        "leader": leader.label,
        "given": named.get((leader.target or "", work.after[leader.key])) or _("无权限"),
    }
    if field.key in work.given:
        sentence = _("%(label)s“%(value)s”不属于%(leader)s“%(given)s”，请改选其中一个。") % shown
        work.refuse(sentence, field=field.key, code="pair")
    else:
        sentence = _("%(leader)s改成“%(given)s”以后，%(label)s“%(value)s”就不属于它了，请一起修改%(label)s。") % shown
        work.refuse(sentence, field=leader.key, code="pair")
