"""Where the values of a dictionary are used: in records, counted per type and field, and in conditions of saved views."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kezhou.records import shape
from kezhou.records.catalogue import shaped
from kezhou.records.dictionaries import DictionaryError, demand_admin
from kezhou.records.models import Dictionary, DictionaryValue, SavedView
from kezhou.records.spec import FieldSpec, TypeSpec

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Use:
    """One field that offers the dictionary, and how many records (those in the recycle bin as well) have each value."""

    type: TypeSpec
    field: FieldSpec
    counts: Mapping[str, int]

    @property
    def title(self) -> str:
        """客户 · 客户来源."""
        return f"{self.type.title} · {self.field.label}"


def fields_of(actor: Actor, dictionary: str) -> Iterator[tuple[TypeSpec, FieldSpec]]:
    """Every field of every type that offers the dictionary."""
    for spec in shaped(actor).types.values():
        yield from ((spec, field) for field in spec.fields if field.dictionary == dictionary)


def uses(actor: Actor, dictionary: str) -> tuple[Use, ...]:
    """Where the values are used, one statement per field; several choices count in each of their values."""
    return tuple(Use(spec, field, _counts(spec, field)) for spec, field in fields_of(actor, dictionary))


def _counts(spec: TypeSpec, field: FieldSpec) -> dict[str, int]:
    expression = field.kind.expression(field, "t")
    if field.type == "multi_choice":
        held = f"COALESCE(t.custom->'{field.key}', '[]')"
        expression = f"jsonb_array_elements_text({held})" if field.custom else f"unnest({expression})"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression} AS v, count(*) FROM {spec.rows} t GROUP BY 1")
        return {str(value): number for value, number in cursor.fetchall() if value}


def use_counts(actor: Actor, dictionary: str) -> dict[str, int]:
    """How many records have each value, over all fields; values without any are missing."""
    return totals(uses(actor, dictionary))


def totals(found: tuple[Use, ...]) -> dict[str, int]:
    """The counts of several fields added up by value."""
    counts: dict[str, int] = {}
    for use in found:
        for value, number in use.counts.items():
            counts[value] = counts.get(value, 0) + number
    return counts


def views_with(actor: Actor, dictionary: str, value: str) -> int:
    """How many saved views have a condition that names the value; they go on working when it is merged."""
    keys = {(spec.key, field.key) for spec, field in fields_of(actor, dictionary)}
    rows = SavedView.objects.filter(type__in={key for key, _field in keys}).values_list("type", "state")
    return sum(
        1 for type_key, state in rows if _names(state.get("filter"), {f for t, f in keys if t == type_key}, value)
    )


def _names(tree: object, fields: set[str], value: str) -> bool:
    if isinstance(tree, str):
        return bool(tree) and _names(json.loads(tree), fields, value)
    if isinstance(tree, dict):
        return any(_names(part, fields, value) for part in tree.values())
    if not isinstance(tree, list):
        return False
    if len(tree) == 3 and tree[0] in fields:
        return value == tree[2] or (isinstance(tree[2], list) and value in tree[2])
    return any(_names(part, fields, value) for part in tree if isinstance(part, (list, dict)))


def delete(actor: Actor, dictionary: str, key: str) -> None:
    """Delete a value that nothing uses. Raises DictionaryError with the counts when something does (CFG-02), and NotAllowed."""
    demand_admin(actor)
    with transaction.atomic():
        Dictionary.objects.select_for_update().filter(key=dictionary).first()
        rows = DictionaryValue.objects.filter(dictionary_id=dictionary)
        row = rows.filter(key=key).first()
        if row is None:
            raise DictionaryError(
                _("字典“%(dictionary)s”里没有值“%(key)s”。") % {"dictionary": dictionary, "key": key[:60]}
            )
        _demand_unused(actor, dictionary, row)
        row.delete()
        shape.bump()


def _demand_unused(actor: Actor, dictionary: str, row: DictionaryValue) -> None:
    rows = DictionaryValue.objects.filter(dictionary_id=dictionary)
    if below := rows.filter(parent=row.key).count():
        sentence = _("“%(label)s”下面还有 %(n)s 个值，请先移走或删除它们。")
        raise DictionaryError(sentence % {"label": row.label, "n": below})
    if rows.filter(merged=row.key).exists():
        raise DictionaryError(_("有别的值并入了“%(label)s”，请先拆回，或者停用它。") % {"label": row.label})
    found = [(use.title, use.counts[row.key]) for use in uses(actor, dictionary) if use.counts.get(row.key)]
    if found:
        used = "、".join(_("%(field)s %(n)s 条") % {"field": title, "n": f"{number:,}"} for title, number in found)
        sentence = _("“%(label)s”正在使用（%(used)s），不能删除。可以停用：旧记录照样显示，新记录不能再选。")
        raise DictionaryError(sentence % {"label": row.label, "used": used})
    if views := views_with(actor, dictionary, row.key):
        sentence = _("有 %(n)s 个视图的条件用到“%(label)s”，不能删除。可以停用，或者先改视图。")
        raise DictionaryError(sentence % {"label": row.label, "n": views})
