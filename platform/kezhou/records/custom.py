"""A tenant's own fields (FLD-01, FLD-02, FLD-06, FLD-07).

Adding one writes its definition and raises the shape version, in one transaction; no record is touched and no table changes.
Values lie in `custom` under the immutable key `c_<n>`, so a new label is free. Hiding keeps every value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.access.entitlements import demand
from kezhou.records import dictionaries, shape
from kezhou.records.catalogue import shaped
from kezhou.records.custom_specs import field_spec
from kezhou.records.derived.definitions import KINDS, DefinitionError, checked, demand_unused
from kezhou.records.dictionary import sharing
from kezhou.records.fields import custom_facts, field_types
from kezhou.records.models import CustomField
from kezhou.records.rows import run_one
from kezhou.records.spec import FieldSpec, RecordError, TypeSpec, UnknownType
from kezhou.records.sql import Sql, literal, quoted
from kezhou.records.uniqueness import doubled
from tenants.context import current

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

LONGEST_LABEL = 60
MOST_INDEXED = 8
LINK = "link"
CHOICES = frozenset({"choice", "multi_choice"})


class CustomFieldError(RecordError):
    """A field cannot be made or changed like this; `str()` is a full sentence, `field` the form's input it belongs to."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        self.field = field
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class OwnField:
    """An own field as its settings page shows it: the spec, its rules as stored, and where it stands."""

    spec: FieldSpec
    rules: Mapping[str, Any]
    hidden: bool
    marked: bool
    index_state: str
    position: int
    kind: str = ""
    fill_job: int | None = None
    unique_state: str = ""
    purged: str = ""


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
    help: str = "",
    options: Sequence[Mapping[str, object]] = (),
    dictionary: str = "",
    target: str = "",
    rules: Mapping[str, Any] | None = None,
    classes: Sequence[str] = (),
) -> FieldSpec:
    """Make a field; it is there at once in form, list, filter, import, export, API and search.

    `kind` is a field type's key; `options` (label, hue, aliases) are for choices, or `dictionary` that they share, `target` (a type key)
    for links; `rules` as `kezhou.records.fields.custom_facts` reads them, `classes` the record classes that have it (none: all).
    Raises CustomFieldError, NotEntitled (the plan's limit) and NotAllowed.
    """
    dictionaries.demand_admin(actor)
    spec = type_with_fields(actor, type)
    if kind not in field_types() and kind not in KINDS:
        raise CustomFieldError(_("没有字段类型“%(kind)s”。") % {"kind": kind}, field="kind")
    label = _label(spec, label)
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
        _one_at_a_time(spec)
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
            classes=_classes(spec, classes),
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


def _one_at_a_time(spec: TypeSpec) -> None:
    """Definitions of one type queue up, so that two at once cannot pass the plan's limit together."""
    run_one(Sql("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || %s, 7))::text", (spec.key,)))


def type_with_fields(actor: Actor, key: str) -> TypeSpec:
    """The type, whatever the actor may do with its records. Raises UnknownType."""
    if key not in shaped(actor).types:
        raise UnknownType(_("没有“%(type)s”这类记录，或者它没有启用。") % {"type": key})
    return shaped(actor).types[key]


def _label(spec: TypeSpec, label: str, *, but: str = "") -> str:
    label = label.strip()
    if not label or len(label) > LONGEST_LABEL:
        raise CustomFieldError(_("字段名称要有 1 到 %(limit)s 个字。") % {"limit": LONGEST_LABEL}, field="label")
    if any(str(field.label) == label and field.key != but for field in spec.fields):
        raise CustomFieldError(
            _("“%(type)s”已有名为“%(label)s”的字段。") % {"type": spec.title, "label": label}, field="label"
        )
    return label


def _classes(spec: TypeSpec, wanted: Sequence[str]) -> list[str]:
    chosen = list(dict.fromkeys(wanted))
    if chosen and not spec.class_field:
        raise CustomFieldError(_("“%(type)s”不分类别，字段只能用于全部记录。") % {"type": spec.title}, field="classes")
    known = {option.key for option in spec.by_key[spec.class_field].options} if chosen else set()
    for key in chosen:
        if key not in known:
            raise CustomFieldError(_("没有类别“%(key)s”，请重新选择。") % {"key": key[:40]}, field="classes")
    return chosen


def _last_position(spec: TypeSpec) -> int:
    last = CustomField.objects.filter(type=spec.key).order_by("-position").values_list("position", flat=True).first()
    return (last or 0) + 10


def _demand_shared(spec: TypeSpec, dictionary: str, rules: Mapping[str, Any]) -> None:
    try:
        sharing.demand(spec, dictionary, str(rules.get("parent") or ""))
    except dictionaries.DictionaryError as error:
        raise CustomFieldError(str(error), field="dictionary") from None


def _offer(
    actor: Actor, spec: TypeSpec, row: CustomField, dictionary: str, options: Sequence[Mapping[str, object]]
) -> None:
    """Give a choice its values: those of a dictionary that others use as well, or a new one of its own."""
    _demand_shared(spec, dictionary, row.rules)
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
    """Change label, help, required, searchable, listed, indexed, unique, rules, position or classes of an own field;
    its type is changed by `kezhou.records.retyping.change_type` (FLD-06).

    Raises CustomFieldError and NotAllowed.
    """
    dictionaries.demand_admin(actor)
    spec = type_with_fields(actor, type)
    known = {"label", "help", "required", "searchable", "listed", "indexed", "unique", "rules", "position", "classes"}
    if set(changes) - known:
        names = ", ".join(sorted(set(changes) - known))
        raise CustomFieldError(_("字段的“%(names)s”不能修改。") % {"names": names})
    with transaction.atomic():
        row = row_of(spec, key)
        if "label" in changes:
            changes["label"] = _label(spec, changes["label"], but=key)
        if "classes" in changes:
            changes["classes"] = _classes(spec, changes["classes"])
        refill = False
        if "rules" in changes and row.kind in KINDS:
            refill = _redefine(actor, spec, row, changes)
        elif "rules" in changes:
            custom_facts(row.kind, changes["rules"])
            _demand_shared(spec, row.dictionary, changes["rules"])
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
        _one_at_a_time(spec)
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


def row_of(spec: TypeSpec, key: str) -> CustomField:
    """The definition of an own field, locked. Raises CustomFieldError."""
    row = None
    if key.startswith("c_") and key[2:].isdigit():
        row = CustomField.objects.select_for_update().filter(type=spec.key, pk=int(key[2:])).first()
    if row is None:
        raise CustomFieldError(_("“%(type)s”没有自定义字段“%(field)s”。") % {"type": spec.title, "field": key})
    return row


def mark(row: CustomField, indexed: bool) -> None:
    """Mark a field as often filtered or sorted; the worker builds its index after the commit."""
    from kezhou.records.indexing import build_soon  # needs the task queue

    if indexed and not field_spec(row).kind.indexable:
        raise CustomFieldError(_("这类字段不需要也不能标记为“常用筛选或排序”。"), field="indexed")
    marked = CustomField.objects.filter(type=row.type, indexed=True, removed=False).exclude(pk=row.pk)
    if indexed and marked.count() >= MOST_INDEXED:
        raise CustomFieldError(
            _("每类记录最多标记 %(limit)s 个“常用筛选或排序”的字段，请先取消用得最少的一个。")
            % {"limit": MOST_INDEXED},
            field="indexed",
        )
    row.indexed = indexed
    row.index_state = "waiting"
    row.save(update_fields=["indexed", "index_state"])
    build_soon()


def demand_unique(spec: TypeSpec, row: CustomField, unique: bool) -> None:
    """Let each value occur only once from now on, or no longer. Raises CustomFieldError naming values that occur twice."""
    from kezhou.records.indexing import build_soon  # needs the task queue

    if unique is row.unique:
        return
    if unique and not field_spec(row).kind.single:
        raise CustomFieldError(_("这类字段不能设为“不能重复”。"), field="unique")
    count, named = doubled(spec, field_spec(row)) if unique else (0, ())
    if count:
        raise CustomFieldError(
            _("“%(label)s”已有 %(count)s 个重复的值，例如%(named)s。请先改掉这些，再设为不能重复。")
            % {"label": row.label, "count": f"{count:,}", "named": "、".join(named)},
            field="unique",
        )
    row.unique, row.unique_state = unique, "waiting"
    row.save(update_fields=["unique", "unique_state"])
    build_soon()


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
        _one_at_a_time(spec)
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


def fields(actor: Actor, type: str, *, hidden: bool = False) -> tuple[OwnField, ...]:
    """The own fields of a type in their order, hidden ones at the end when asked for."""
    spec = type_with_fields(actor, type)
    rows = CustomField.objects.filter(type=spec.key).order_by("removed", "position", "id")
    return tuple(
        OwnField(
            spec.by_key.get(f"c_{row.pk}", field_spec(row)),
            row.rules,
            row.removed,
            row.indexed,
            row.index_state,
            row.position,
            row.kind,
            row.fill_job,
            row.unique_state,
            _purged(row),
        )
        for row in rows
        if hidden or not row.removed
    )


def _purged(row: CustomField) -> str:
    """Who deleted the values for good, when and of how many records; empty when nobody did."""
    if row.purged_at is None:
        return ""
    at = row.purged_at.astimezone(current().zone)
    return _("%(name)s于 %(at)s 清除了 %(count)s 条记录里的值") % {
        "name": row.purged_by,
        "at": f"{at:%Y-%m-%d %H:%M}",
        "count": f"{row.purged:,}",
    }


def fill_rates(actor: Actor, type: str) -> dict[str, tuple[int, int]]:
    """For every field, own and hidden ones included, how many records have it filled, and how many there are: one statement."""
    spec = type_with_fields(actor, type)
    own = CustomField.objects.filter(type=spec.key).order_by("position", "id").values_list("pk", flat=True)
    tests = {f"c_{pk}": f"t.custom ? {literal(f'c_{pk}')}" for pk in own}
    tests |= {
        field.key: f"t.{quoted(field.column)}::text NOT IN ('', '{{}}', '[]')" for field in spec.fields if field.column
    }
    counts = ", ".join(f"count(*) FILTER (WHERE {test})" for test in tests.values())
    total, *filled = run_one(Sql(f"SELECT count(*), {counts} FROM {spec.rows} t WHERE t.deleted_at IS NULL"))
    return {key: (number, total) for key, number in zip(tests, filled, strict=True)}
