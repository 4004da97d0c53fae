"""Several values of a list."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields.base import FieldType, split_list
from kezhou.records.fields.choice import choices_of, find, in_levels, label_of, refuse_disabled, tag_of, with_below
from kezhou.records.fields.columns import MultiChoiceField
from kezhou.records.fields.html import EMPTY, joined
from kezhou.records.fields.reading import text_of
from kezhou.records.fields.shapes import Context, Control, Format
from kezhou.records.spec import FieldSpec
from kezhou.records.sql import Sql, all_of, any_of


class SeveralOf(FieldType):
    """Several options as a tuple of keys in the order of the list, without doubles; none at all is None."""

    key = "multi_choice"
    title = gettext_lazy("多选")
    icon = "checks"
    single = False
    opaque = True
    columns = (MultiChoiceField,)
    control_kind = "multiselect"
    operator_keys = ("in", "not_in", "contains", "not_contains", "is_empty", "not_empty")
    sortable = False
    indexable = False

    def operators(self, spec: FieldSpec) -> dict[str, str]:
        levels = in_levels(spec)
        labels = {
            "in": _("包含任一（含下级）") if levels else _("包含任一"),
            "not_in": _("都不包含（含下级）") if levels else _("都不包含"),
            "contains": _("全部包含"),
            "not_contains": _("未全部包含"),
        }
        return {**super().operators(spec), **labels}

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        texts = [text_of(item) for item in raw] if isinstance(raw, (list, tuple)) else _cut(text_of(raw), spec)
        found = {find(text, spec).key for text in texts if text.strip()}
        return tuple(option.key for option in spec.options if option.key in found) or None

    def rules(self, value: Any, spec: FieldSpec) -> None:
        for key in value:
            refuse_disabled(key, spec)

    # --- storing ---

    def to_json(self, value: Any, spec: FieldSpec) -> Any:
        return list(value)

    def from_json(self, raw: Any, spec: FieldSpec) -> Any:
        """A single key is what stands in records of a field that was a single choice before."""
        return (raw,) if isinstance(raw, str) else tuple(raw) or None

    def contained(self, spec: FieldSpec, stored: Any, ref: str) -> Sql:
        return super().contained(spec, stored, ref) | super().contained(spec, stored[0], ref)

    def from_db(self, value: Any, spec: FieldSpec) -> Any:
        return self.from_json(value, spec) if value else None

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string", "enum": [option.key for option in spec.options]}}

    # --- showing ---

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return "" if value is None else "、".join(label_of(key, spec) for key in value)

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return joined([tag_of(key, spec) for key in value]) if value else EMPTY

    def edited(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return ",".join(value)

    def control(self, spec: FieldSpec, value: Any, fmt: Format | None = None) -> Control:
        return Control(
            kind="multiselect",
            name=spec.key,
            label=str(spec.label),
            value=",".join(value or ()),
            required=spec.required,
            help=str(spec.help),
            choices=choices_of(spec, value or ()),
        )

    def search_texts(self, value: Any, spec: FieldSpec, fmt: Format) -> tuple[str, ...]:
        return tuple(label_of(key, spec) for key in value or ())

    # --- filters ---

    def compile(self, spec: FieldSpec, operator: str, value: Any, ref: str, context: Context) -> Sql:
        if operator != "contains":
            return super().compile(spec, operator, value, ref, context)
        keys = self.operands(spec, value, context)
        if spec.column is not None:
            return Sql(f"({self.expression(spec, ref)} @> %s::text[])", (list(keys),))
        return all_of([self.contained(spec, [key], ref) for key in keys])

    def answer(self, spec: FieldSpec, operator: str, value: Any, held: Any, context: Context) -> bool:
        if operator != "contains":
            return super().answer(spec, operator, value, held, context)
        return held is not None and set(self.operands(spec, value, context)) <= set(held)

    def among(self, spec: FieldSpec, held: Any, values: Sequence[Any]) -> bool:
        return held is not None and not set(held).isdisjoint(values)

    def operands(self, spec: FieldSpec, value: Any, context: Context) -> tuple[Any, ...]:
        """The option keys meant by a filter's value, disabled ones included."""
        return self.operand(spec, value, context)  # type: ignore[no-any-return]  # a tuple of keys, as `read` makes it

    def reached(self, spec: FieldSpec, values: Sequence[Any]) -> Sequence[Any]:
        return with_below(spec, values)

    def equals_any(self, spec: FieldSpec, values: Sequence[Any], ref: str) -> Sql:
        if spec.column is not None:
            return Sql(f"({self.expression(spec, ref)} && %s::text[])", (list(values),))
        return any_of([self.contained(spec, [key], ref) for key in values])

    def is_empty(self, spec: FieldSpec, ref: str) -> Sql:
        expression = self.expression(spec, ref)
        return Sql(f"({expression} IS NULL)" if spec.custom else f"(COALESCE(cardinality({expression}), 0) = 0)")


def _cut(text: str, spec: FieldSpec) -> list[str]:
    """The options named in one text; a text that is one option as it stands is not cut."""
    labels = {str(option.label) for option in spec.options}
    return [text] if text.strip() in labels else split_list(text.replace("/", "\n").replace("|", "\n"))
