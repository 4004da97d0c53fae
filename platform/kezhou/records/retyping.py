"""Another type for an own field (FLD-06): where every stored value can be read as it stands, or where there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.records import custom, dictionaries, shape
from kezhou.records.catalogue import shaped
from kezhou.records.custom import CustomFieldError
from kezhou.records.custom_specs import field_spec
from kezhou.records.fields import FieldError, custom_facts, field_types
from kezhou.records.rows import run_one
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql, literal, quoted

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


def held(spec: TypeSpec, key: str) -> int:
    """How many records hold a value of an own field, those in the bin included."""
    where = f"t.{quoted('custom')} ? {literal(key)}"
    return int(run_one(Sql(f"SELECT count(*) FROM {spec.rows} t WHERE {where}"))[0])


def why_not(spec: TypeSpec, field: FieldSpec, kind: str) -> str | None:
    """Why the field cannot become this type, as a sentence; None when it can."""
    if kind == field.type:
        return None
    if kind not in field_types() or field.derived is not None:
        return _("没有字段类型“%(kind)s”。") % {"kind": kind}
    count = held(spec, field.key)
    if count == 0:
        return None
    shown = {"label": field.label, "count": f"{count:,}", "old": field.kind.title, "new": field_types()[kind].title}
    if kind not in field.kind.becomes:
        known = "、".join(str(each.title) for key, each in field_types().items() if key in field.kind.becomes)
        offer = _("能换成%(known)s；") % {"known": known} if known else ""
        return (
            _("“%(label)s”已有 %(count)s 个值，不能从%(old)s换成%(new)s。") % shown
            + offer
            + _("要别的类型，请新建一个字段。")
        )
    finer = _finer(spec, field, kind)
    if finer:
        return _("“%(label)s”有 %(finer)s 个值的小数位太多，不能换成%(new)s。请先改这些值。") % {
            **shown,
            "finer": finer,
        }
    return None


def _finer(spec: TypeSpec, field: FieldSpec, kind: str) -> int:
    """How many values have more decimals than the new type takes."""
    places: int | None = getattr(field_types()[kind], "decimals", None)
    if places is None or not field.numeric:
        return 0
    value = field.kind.numeric_expression(field, "t")
    statement = f"SELECT count(*) FROM {spec.rows} t WHERE {value} <> round({value}, {places:d})"
    return int(run_one(Sql(statement))[0])


def change_type(
    actor: Actor, type: str, key: str, kind: str, *, options: Sequence[Mapping[str, object]] = (), target: str = ""
) -> FieldSpec:
    """Give an own field another type. Rules that the new type does not know are dropped; an index is built anew.

    Raises CustomFieldError with the reason (field `type`), and NotAllowed.
    """
    dictionaries.demand_admin(actor)
    spec = custom.type_with_fields(actor, type)
    with transaction.atomic():
        row = custom.row_of(spec, key)
        if why := why_not(spec, field_spec(row), kind):
            raise CustomFieldError(why, field="type")
        row.kind, row.rules = kind, _kept_rules(kind, row.rules)
        row.target = field_types()[kind].target or (target if kind == custom.LINK else "")
        if (kind == custom.LINK or row.target) and row.target not in shaped(actor).types:
            raise CustomFieldError(_("请选择关联到哪类记录。"), field="target")
        row.save()
        if kind in custom.CHOICES and not row.dictionary:
            custom.make_dictionary(actor, row, options)
        if row.indexed or row.index_state:
            custom.mark(row, row.indexed and field_types()[kind].indexable)
        if row.unique:
            row.unique = field_types()[kind].single
            row.save(update_fields=["unique"])
        shape.bump()
    return field_spec(row)


def _kept_rules(kind: str, rules: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in rules.items():
        try:
            custom_facts(kind, {**kept, name: value})
        except FieldError:
            continue
        kept[name] = value
    return kept
