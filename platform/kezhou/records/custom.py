"""A tenant's own fields (FLD-01, FLD-02, FLD-06, FLD-07).

Adding one writes its definition and raises the shape version, in one transaction; no record is touched and no table changes.
Values lie in `custom` under the immutable key `c_<n>`, so a new label is free. Hiding keeps every value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.access.entitlements import demand
from kezhou.records import dictionaries, shape
from kezhou.records.catalogue import shaped
from kezhou.records.custom_checks import (
    LONGEST_LABEL,
    CustomFieldError,
    checked_classes,
    checked_label,
    demand_shared,
    one_at_a_time,
    row_of,
    type_with_fields,
)
from kezhou.records.custom_marks import MOST_INDEXED, demand_unique, mark
from kezhou.records.custom_shown import OwnField, fields, fill_rates
from kezhou.records.custom_specs import field_spec
from kezhou.records.derived.definitions import KINDS, DefinitionError, checked, demand_unused
from kezhou.records.fields import custom_facts, field_types
from kezhou.records.models import CustomField
from kezhou.records.spec import FieldSpec, TypeSpec

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

__all__ = [
    "CHOICES",
    "FLAGS",
    "LONGEST_LABEL",
    "MOST_INDEXED",
    "CustomFieldError",
    "OwnField",
    "add_field",
    "change_field",
    "demand_unique",
    "fields",
    "fill_rates",
    "hide_field",
    "make_dictionary",
    "mark",
    "remove_field",
    "reorder",
    "row_of",
    "show_field",
    "type_with_fields",
]

LINK = "link"
CHOICES = frozenset({"choice", "multi_choice"})
FLAGS = ("required", "searchable", "listed", "indexed", "unique", "personal")
"""The switches of an own field."""
CHANGEABLE = frozenset({"label", "help", "rules", "position", "classes", *FLAGS})


def add_field(
    actor: Actor,
    type: str,
    *,
    label: str,
    kind: str,
    required: bool = False,
    searchable: bool = False,
    listed: bool = False,
    indexed: bool = False,
    unique: bool = False,
    personal: bool = False,
    help: str = "",
    options: Sequence[Mapping[str, object]] = (),
    dictionary: str = "",
    target: str = "",
    rules: Mapping[str, Any] | None = None,
    classes: Sequence[str] = (),
) -> FieldSpec:
    """Make a field; it is there at once in form, list, filter, import, export, API and search.

    `kind` is a field type's key; `options` (label, hue, aliases) are for choices, or `dictionary` that they share, `target` (a type key)
    for links; `rules` as `kezhou.records.fields.custom_facts` reads them, `classes` the record classes that have it (none: all);
    `personal` marks personal data of people.
    Raises CustomFieldError, NotEntitled (the plan's limit) and NotAllowed.
    """
    dictionaries.demand_admin(actor)
    spec = type_with_fields(actor, type)
    if kind not in field_types() and kind not in KINDS:
        raise CustomFieldError(_("没有字段类型“%(kind)s”。") % {"kind": kind}, field="kind")
    label = checked_label(spec, label)
    facts = dict(rules or {})
    dictionary = dictionary if kind in CHOICES else ""
    if kind in KINDS:
        facts, dictionary, target = _derived(actor, spec, kind, facts, label=label)
        required = False
    else:
        custom_facts(kind, facts)
        target = field_types()[kind].target or (target if kind == LINK else "")
        if (kind == LINK or target) and target not in shaped(actor).types:
            raise CustomFieldError(_("请选择关联到哪类记录。"), field="target")
    with transaction.atomic():
        one_at_a_time(spec)
        demand(f"fields:{spec.key}")
        row = CustomField.objects.create(
            type=spec.key,
            kind=kind,
            label=label,
            help=help.strip()[:200],
            rules=facts,
            dictionary=dictionary,
            target=target,
            required=required,
            searchable=searchable,
            listed=listed,
            personal=personal,
            classes=checked_classes(spec, classes),
            position=_last_position(spec),
        )
        if kind in CHOICES:
            _offer(actor, spec, row, dictionary, options)
        if indexed:
            mark(row, True)
        if unique:
            demand_unique(spec, row, True)
        if kind in KINDS:
            _fill(row)
        shape.bump()
    return field_spec(row)


def _derived(
    actor: Actor, spec: TypeSpec, kind: str, given: Mapping[str, Any], *, label: str, key: str = "c_new"
) -> tuple[dict[str, Any], str, str]:
    try:
        return checked(actor, spec, kind, given, key=key, label=label)
    except DefinitionError as error:
        raise CustomFieldError(str(error), field=error.field) from None


def _fill(row: CustomField) -> None:
    """The worker computes the values; no record is touched in the request."""
    from kezhou.records.derived.jobs import fill_soon  # needs the task queue

    row.fill_job = fill_soon(row.type, f"c_{row.pk}")
    row.save(update_fields=["fill_job"])


def _last_position(spec: TypeSpec) -> int:
    last = CustomField.objects.filter(type=spec.key).order_by("-position").values_list("position", flat=True).first()
    return (last or 0) + 10


def _offer(
    actor: Actor, spec: TypeSpec, row: CustomField, dictionary: str, options: Sequence[Mapping[str, object]]
) -> None:
    """Give a choice its values: those of a dictionary that others use as well, or a new one of its own."""
    demand_shared(spec, dictionary, row.rules)
    if not dictionary:
        make_dictionary(actor, row, options)
        return
    row.dictionary = dictionary
    row.save(update_fields=["dictionary"])


def make_dictionary(actor: Actor, row: CustomField, options: Sequence[Mapping[str, object]]) -> None:
    """The dictionary of an own choice field, with its first values. Raises CustomFieldError."""
    if not [option for option in options if str(option.get("label") or "").strip()]:
        raise CustomFieldError(_("请至少填写一个选项。"), field="options")
    row.dictionary = f"own.{row.type}.c_{row.pk}"
    try:
        dictionaries.make(actor, row.dictionary, row.label, options)
    except dictionaries.DictionaryError as error:
        raise CustomFieldError(str(error), field="options") from None
    row.save(update_fields=["dictionary"])


def change_field(actor: Actor, type: str, key: str, **changes: Any) -> FieldSpec:
    """Change label, help, required, searchable, listed, indexed, unique, personal, rules, position or classes of an own field;
    its type is changed by `kezhou.records.retyping.change_type` (FLD-06).

    Raises CustomFieldError and NotAllowed.
    """
    dictionaries.demand_admin(actor)
    spec = type_with_fields(actor, type)
    if set(changes) - CHANGEABLE:
        names = ", ".join(sorted(set(changes) - CHANGEABLE))
        raise CustomFieldError(_("字段的“%(names)s”不能修改。") % {"names": names})
    with transaction.atomic():
        row = row_of(spec, key)
        if "label" in changes:
            changes["label"] = checked_label(spec, changes["label"], but=key)
        if "classes" in changes:
            changes["classes"] = checked_classes(spec, changes["classes"])
        refill = False
        if "rules" in changes and row.kind in KINDS:
            refill = _redefine(actor, spec, row, changes)
        elif "rules" in changes:
            custom_facts(row.kind, changes["rules"])
            demand_shared(spec, row.dictionary, changes["rules"])
        if "indexed" in changes:
            mark(row, bool(changes.pop("indexed")))
        if "unique" in changes:
            demand_unique(spec, row, bool(changes.pop("unique")))
        for name, value in changes.items():
            setattr(row, name, value)
        row.save()
        if refill:
            _fill(row)
        shape.bump()
    return field_spec(row)


def reorder(actor: Actor, type: str, keys: Sequence[str]) -> None:
    """Put the own fields of a type in this order, for forms, lists and exports; those not named follow as they were."""
    dictionaries.demand_admin(actor)
    spec = type_with_fields(actor, type)
    with transaction.atomic():
        one_at_a_time(spec)
        rows = list(CustomField.objects.select_for_update().filter(type=spec.key).order_by("removed", "position", "id"))
        wanted = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        rows.sort(key=lambda row: wanted.get(f"c_{row.pk}", len(wanted)))
        for place, row in enumerate(rows, 1):
            row.position = place * 10
        CustomField.objects.bulk_update(rows, ["position"])
        shape.bump()


def _redefine(actor: Actor, spec: TypeSpec, row: CustomField, changes: dict[str, Any]) -> bool:
    """Check another definition of a derived field; True when values have to be computed anew. Its type of result stays (FLD-06)."""
    given = {"result": row.rules["result"], **changes["rules"]}
    label = changes.get("label", row.label)
    rules, _dictionary, _target = _derived(actor, spec, row.kind, given, label=label, key=f"c_{row.pk}")
    if rules["result"] != row.rules["result"]:
        raise CustomFieldError(
            _("结果原来是%(old)s，不能改成%(new)s。请另建一个字段。")
            % {
                "old": field_types()[row.rules["result"]].title,
                "new": field_types()[rules["result"]].title,
            },
            field="result",
        )
    changes["rules"] = rules
    return bool(rules != row.rules)


def hide_field(actor: Actor, type: str, key: str) -> None:
    """Hide a field everywhere; its values stay and come back with `show_field`."""
    _set_removed(actor, type, key, True)


def show_field(actor: Actor, type: str, key: str) -> None:
    """Show a hidden field again, with its values, if the plan's limit allows."""
    _set_removed(actor, type, key, False)


remove_field = hide_field


def _set_removed(actor: Actor, type: str, key: str, removed: bool) -> None:
    dictionaries.demand_admin(actor)
    spec = type_with_fields(actor, type)
    with transaction.atomic():
        one_at_a_time(spec)
        row = row_of(spec, key)
        if row.removed and not removed:
            demand(f"fields:{spec.key}")
        if removed:
            _demand_unused(actor, spec, row)
        row.removed = removed
        row.save(update_fields=["removed"])
        if row.kind in KINDS and not removed:
            _fill(row)
        shape.bump()


def _demand_unused(actor: Actor, spec: TypeSpec, row: CustomField) -> None:
    try:
        demand_unused(actor, spec, f"c_{row.pk}", row.label)
    except DefinitionError as error:
        raise CustomFieldError(str(error)) from None
