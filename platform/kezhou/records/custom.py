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
    spec = _type(actor, type)
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
            _mark(row, True)
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


def _type(actor: Actor, key: str) -> TypeSpec:
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


def _offer(
    actor: Actor, spec: TypeSpec, row: CustomField, dictionary: str, options: Sequence[Mapping[str, object]]
) -> None:
    """Give a choice its values: those of a dictionary that others use as well, or a new one of its own."""
    try:
        sharing.demand(spec, dictionary, str(row.rules.get("parent") or ""))
    except dictionaries.DictionaryError as error:
        raise CustomFieldError(str(error), field="dictionary") from None
    if not dictionary:
        _make_dictionary(actor, row, options)
        return
    row.dictionary = dictionary
    row.save(update_fields=["dictionary"])


def _make_dictionary(actor: Actor, row: CustomField, options: Sequence[Mapping[str, object]]) -> None:
    if not [option for option in options if str(option.get("label") or "").strip()]:
        raise CustomFieldError(_("请至少填写一个选项。"), field="options")
    row.dictionary = f"own.{row.type}.c_{row.pk}"
    try:
        dictionaries.make(actor, row.dictionary, row.label, options)
    except dictionaries.DictionaryError as error:
        raise CustomFieldError(str(error), field="options") from None
    row.save(update_fields=["dictionary"])


def change_field(actor: Actor, type: str, key: str, **changes: Any) -> FieldSpec:
    """Change label, help, required, searchable, listed, indexed, rules, position or classes of an own field; never its type (FLD-06).

    Raises CustomFieldError and NotAllowed.
    """
    dictionaries.demand_admin(actor)
    spec = _type(actor, type)
    known = {"label", "help", "required", "searchable", "listed", "indexed", "rules", "position", "classes"}
    if set(changes) - known:
        names = ", ".join(sorted(set(changes) - known))
        raise CustomFieldError(_("字段的“%(names)s”不能修改。") % {"names": names})
    with transaction.atomic():
        row = _row(spec, key)
        if "label" in changes:
            changes["label"] = _label(spec, changes["label"], but=key)
        if "classes" in changes:
            changes["classes"] = _classes(spec, changes["classes"])
        refill = False
        if "rules" in changes and row.kind in KINDS:
            refill = _redefine(actor, spec, row, changes)
        elif "rules" in changes:
            custom_facts(row.kind, changes["rules"])
        if "indexed" in changes:
            _mark(row, bool(changes.pop("indexed")))
        for name, value in changes.items():
            setattr(row, name, value)
        row.save()
        if refill:
            _fill(row)
        shape.bump()
    return field_spec(row)


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


def _row(spec: TypeSpec, key: str) -> CustomField:
    row = None
    if key.startswith("c_") and key[2:].isdigit():
        row = CustomField.objects.select_for_update().filter(type=spec.key, pk=int(key[2:])).first()
    if row is None:
        raise CustomFieldError(_("“%(type)s”没有自定义字段“%(field)s”。") % {"type": spec.title, "field": key})
    return row


def _mark(row: CustomField, indexed: bool) -> None:
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


def hide_field(actor: Actor, type: str, key: str) -> None:
    """Hide a field everywhere; its values stay and come back with `show_field`."""
    _set_removed(actor, type, key, True)


def show_field(actor: Actor, type: str, key: str) -> None:
    """Show a hidden field again, with its values, if the plan's limit allows."""
    _set_removed(actor, type, key, False)


remove_field = hide_field


def _set_removed(actor: Actor, type: str, key: str, removed: bool) -> None:
    dictionaries.demand_admin(actor)
    spec = _type(actor, type)
    with transaction.atomic():
        _one_at_a_time(spec)
        row = _row(spec, key)
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
    spec = _type(actor, type)
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
        )
        for row in rows
        if hidden or not row.removed
    )


def fill_rates(actor: Actor, type: str) -> dict[str, tuple[int, int]]:
    """For every field, own and hidden ones included, how many records have it filled, and how many there are: one statement."""
    spec = _type(actor, type)
    own = CustomField.objects.filter(type=spec.key).order_by("position", "id").values_list("pk", flat=True)
    tests = {f"c_{pk}": f"t.custom ? {literal(f'c_{pk}')}" for pk in own}
    tests |= {
        field.key: f"t.{quoted(field.column)}::text NOT IN ('', '{{}}', '[]')" for field in spec.fields if field.column
    }
    counts = ", ".join(f"count(*) FILTER (WHERE {test})" for test in tests.values())
    total, *filled = run_one(Sql(f"SELECT count(*), {counts} FROM {spec.rows} t WHERE t.deleted_at IS NULL"))
    return {key: (number, total) for key, number in zip(tests, filled, strict=True)}
