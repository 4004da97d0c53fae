"""One value of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields.base import FieldType
from kezhou.records.fields.columns import ChoiceField
from kezhou.records.fields.html import EMPTY, cell_tag
from kezhou.records.fields.reading import folded, quoted_value, text_of
from kezhou.records.fields.shapes import Choice, Context, Control, FieldError, Format
from kezhou.records.spec import FieldSpec, OptionSpec
from kezhou.records.sql import Sql, literal

_NAMED_IN_AN_ERROR = 8


class OneOf(FieldType):
    """One option, stored by its key. Read by key, by label or by one of the spellings that an import accepts.

    Sorted in the order of the list, not by the key. A disabled option stays readable and can still be filtered by. Where the list is a
    tree, 属于 finds a value with all below it; 等于 finds it alone.
    """

    key = "choice"
    title = gettext_lazy("单选")
    icon = "circle-dot"
    opaque = True
    becomes: ClassVar[frozenset[str]] = frozenset({"multi_choice"})
    columns: ClassVar[tuple[type[Field[Any, Any]], ...]] = (ChoiceField,)
    control_kind = "select"
    groups = True
    computes = "choice"
    operator_keys = ("in", "not_in", "eq", "ne", "is_empty", "not_empty")

    def operators(self, spec: FieldSpec) -> dict[str, str]:
        labels = {"in": _("属于（含下级）"), "not_in": _("不属于（含下级）")} if in_levels(spec) else {}
        return {**super().operators(spec), **labels}

    def reached(self, spec: FieldSpec, values: Sequence[Any]) -> Sequence[Any]:
        return with_below(spec, values)

    def is_empty(self, spec: FieldSpec, ref: str) -> Sql:
        """Nothing chosen is NULL, or the empty text in a column that is never NULL."""
        return Sql(f"(COALESCE({self.expression(spec, ref)}, {literal('')}) = {literal('')})")

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        return find(text_of(raw), spec).key

    def rules(self, value: Any, spec: FieldSpec) -> None:
        refuse_disabled(value, spec)

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "enum": [option.key for option in spec.options]}

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return "" if value is None else label_of(value, spec)

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return EMPTY if value is None else tag_of(value, spec)

    def edited(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return str(value)

    def control(self, spec: FieldSpec, value: Any, fmt: Format | None = None) -> Control:
        return Control(
            kind=self.control_kind,
            name=spec.key,
            label=str(spec.label),
            value="" if value is None else str(value),
            required=spec.required,
            help=str(spec.help),
            choices=choices_of(spec, () if value is None else (value,)),
            follows=spec.parent,
        )

    def sort_expression(self, spec: FieldSpec, ref: str) -> str:
        if not spec.options or spec.indexed:
            return super().sort_expression(spec, ref)
        order = ", ".join(literal(option.key) for option in spec.options)
        return f"array_position(ARRAY[{order}]::text[], {self.expression(spec, ref)}::text)"


def find(text: str, spec: FieldSpec) -> OptionSpec:
    """The option that a text means: its key, its label or one of its other spellings. Raises FieldError."""
    for option in spec.options:
        if text in (option.key, str(option.label)):
            return _standing(option, spec)
    wanted = folded(text)
    for option in spec.options:
        if wanted in {folded(option.key), folded(str(option.label)), *map(folded, option.aliases)}:
            return _standing(option, spec)
    known = [str(option.label) for option in spec.options if option.enabled]
    named = "、".join(known[:_NAMED_IN_AN_ERROR]) + ("…" if len(known) > _NAMED_IN_AN_ERROR else "")
    raise FieldError(
        _("“%(value)s”不是%(label)s的选项，可选：%(known)s。")
        % {"value": quoted_value(text), "label": spec.label, "known": named or _("（还没有选项）")}
    )


def _standing(option: OptionSpec, spec: FieldSpec) -> OptionSpec:
    """The option itself, or the one that took its place when the two were merged."""
    return (spec.option(option.merged) or option) if option.merged else option


def refuse_disabled(key: str, spec: FieldSpec) -> None:
    """New values may not be disabled options. Raises FieldError."""
    option = spec.option(key)
    if option is None or not option.enabled:
        shown = {"value": label_of(key, spec), "label": spec.label}
        raise FieldError(_("%(label)s的选项“%(value)s”已停用，请选择其他选项。") % shown)


def label_of(key: str, spec: FieldSpec) -> str:
    """The label of an option; the bare key when the list no longer has it."""
    option = spec.option(key)
    return key if option is None else str(option.label)


def tag_of(key: str, spec: FieldSpec) -> Markup:
    """The option as a coloured tag."""
    option = spec.option(key)
    return cell_tag(label_of(key, spec), "grey" if option is None else option.hue)


def in_levels(spec: FieldSpec) -> bool:
    """True when some option that the field offers stands below another one of them."""
    keys = {option.key for option in spec.options}
    return any(option.parent in keys for option in spec.options)


def with_below(spec: FieldSpec, keys: Sequence[str]) -> tuple[str, ...]:
    """These keys and those of everything below them; in the list options follow the one above them."""
    found = dict.fromkeys(keys)
    for option in spec.options:
        if option.parent in found:
            found[option.key] = None
    return tuple(found)


def choices_of(spec: FieldSpec, chosen: Sequence[str]) -> tuple[Choice, ...]:
    """What a select offers: enabled options, and those already chosen even if disabled since."""
    top = min((option.depth for option in spec.options), default=0)
    return tuple(
        Choice(
            key=option.key,
            label="　" * (option.depth - top) + str(option.label),
            hue=option.hue,
            selected=option.key in chosen,
            enabled=option.enabled,
            parent=option.parent,
        )
        for option in spec.options
        if option.enabled or option.key in chosen
    )
