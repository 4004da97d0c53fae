"""What an own field may be: its name, its classes, the dictionary that it shares; and the definition that is being changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou.records import dictionaries
from kezhou.records.catalogue import shaped
from kezhou.records.dictionary import sharing
from kezhou.records.models import CustomField
from kezhou.records.rows import run_one
from kezhou.records.spec import RecordError, TypeSpec, UnknownType
from kezhou.records.sql import Sql

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

LONGEST_LABEL = 60


class CustomFieldError(RecordError):
    """A field cannot be made or changed like this; `str()` is a full sentence, `field` the form's input it belongs to."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        self.field = field
        super().__init__(sentence)


def type_with_fields(actor: Actor, key: str) -> TypeSpec:
    """The type, whatever the actor may do with its records. Raises UnknownType."""
    if key not in shaped(actor).types:
        raise UnknownType(_("没有“%(type)s”这类记录，或者它没有启用。") % {"type": key})
    return shaped(actor).types[key]


def one_at_a_time(spec: TypeSpec) -> None:
    """Definitions of one type queue up, so that two at once cannot pass the plan's limit together."""
    run_one(Sql("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || %s, 7))::text", (spec.key,)))


def row_of(spec: TypeSpec, key: str) -> CustomField:
    """The definition of an own field, locked. Raises CustomFieldError."""
    row = None
    if key.startswith("c_") and key[2:].isdigit():
        row = CustomField.objects.select_for_update().filter(type=spec.key, pk=int(key[2:])).first()
    if row is None:
        raise CustomFieldError(_("“%(type)s”没有自定义字段“%(field)s”。") % {"type": spec.title, "field": key})
    return row


def checked_label(spec: TypeSpec, label: str, *, but: str = "") -> str:
    """The name of a field, `but` being its own key when it has one. Raises CustomFieldError."""
    label = label.strip()
    if not label or len(label) > LONGEST_LABEL:
        raise CustomFieldError(_("字段名称要有 1 到 %(limit)s 个字。") % {"limit": LONGEST_LABEL}, field="label")
    if any(str(field.label) == label and field.key != but for field in spec.fields):
        raise CustomFieldError(
            _("“%(type)s”已有名为“%(label)s”的字段。") % {"type": spec.title, "label": label}, field="label"
        )
    return label


def checked_classes(spec: TypeSpec, wanted: Sequence[str]) -> list[str]:
    """The record classes that have a field. Raises CustomFieldError for one that the type does not have."""
    chosen = list(dict.fromkeys(wanted))
    if chosen and not spec.class_field:
        raise CustomFieldError(_("“%(type)s”不分类别，字段只能用于全部记录。") % {"type": spec.title}, field="classes")
    known = {option.key for option in spec.by_key[spec.class_field].options} if chosen else set()
    for key in chosen:
        if key not in known:
            raise CustomFieldError(_("没有类别“%(key)s”，请重新选择。") % {"key": key[:40]}, field="classes")
    return chosen


def demand_shared(spec: TypeSpec, dictionary: str, rules: Mapping[str, Any]) -> None:
    """Refuse a dictionary, or a field above, that cannot be shared like this. Raises CustomFieldError."""
    try:
        sharing.demand(spec, dictionary, str(rules.get("parent") or ""))
    except dictionaries.DictionaryError as error:
        raise CustomFieldError(str(error), field="dictionary") from None
