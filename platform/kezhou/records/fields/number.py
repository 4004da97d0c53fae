"""Numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from django.db.models import (
    BigIntegerField,
    DecimalField,
    Field,
    IntegerField,
    PositiveIntegerField,
    PositiveSmallIntegerField,
    SmallIntegerField,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields.base import FieldType
from kezhou.records.fields.html import EMPTY, cell_number
from kezhou.records.fields.reading import normalised, number, quoted_value
from kezhou.records.fields.shapes import Context, ControlKind, FieldError, Format
from kezhou.records.spec import FieldSpec
from kezhou.records.sql import literal, quoted

LONGEST = 18


class Number(FieldType):
    """An exact decimal number of at most 18 digits, normalised (no exponent, no zeros at its end)."""

    key = "number"
    title = gettext_lazy("数字")
    icon = "hash"
    numeric = True
    opaque = True
    becomes: ClassVar[frozenset[str]] = frozenset({"money", "percent"})
    columns: ClassVar[tuple[type[Field[Any, Any]], ...]] = (
        IntegerField,
        BigIntegerField,
        SmallIntegerField,
        PositiveIntegerField,
        PositiveSmallIntegerField,
        DecimalField,
    )
    control_kind: ClassVar[ControlKind] = "number"
    operator_keys = ("eq", "ne", "gt", "gte", "lt", "lte", "between", "in", "not_in", "is_empty", "not_empty")
    aggregates = frozenset({"count", "sum", "avg", "min", "max"})
    collated = False
    computes = "number"
    decimals: ClassVar[int] = 6

    def places(self, spec: FieldSpec) -> int:
        """How many digits the fraction may have."""
        return self.decimals if spec.decimals is None else spec.decimals

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        value = number(raw)
        if value is None:
            raise FieldError(
                _("“%(value)s”不是数字，请填写如 1234.5、1,234 或 3.2万 的数字。") % {"value": quoted_value(raw)}
            )
        return value

    def rules(self, value: Any, spec: FieldSpec) -> None:
        shown = {"label": spec.label, "value": self.plain(value)}
        if len(value.as_tuple().digits) + max(value.as_tuple().exponent, 0) > LONGEST:
            raise FieldError(_("%(label)s最多 18 位数字，“%(value)s”太长。") % shown)
        if value != round(value, self.places(spec)):
            if self.places(spec) == 0:
                raise FieldError(_("%(label)s应是整数，“%(value)s”不是。") % shown)
            raise FieldError(
                _("%(label)s最多 %(places)s 位小数，“%(value)s”超出了。") % {**shown, "places": self.places(spec)}
            )
        if spec.minimum is not None and value < spec.minimum:
            raise FieldError(_("%(label)s不能小于 %(limit)s，现在是 %(value)s。") % {**shown, "limit": spec.minimum})
        if spec.maximum is not None and value > spec.maximum:
            raise FieldError(_("%(label)s不能大于 %(limit)s，现在是 %(value)s。") % {**shown, "limit": spec.maximum})

    def fitted(self, value: Any, spec: FieldSpec) -> Any:
        places = self.places(spec)
        if value.adjusted() >= LONGEST - places:
            return None
        return normalised(value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))

    # --- storing ---

    def from_json(self, raw: Any, spec: FieldSpec) -> Any:
        return normalised(raw if isinstance(raw, Decimal) else Decimal(str(raw)))

    def from_db(self, value: Any, spec: FieldSpec) -> Any:
        return None if value is None else self.from_json(value, spec)

    def rest(self, value: Any, spec: FieldSpec) -> Any:
        return None if value is None else int(value) if value == value.to_integral_value() else float(value)

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        facts: dict[str, Any] = {"type": "integer" if self.places(spec) == 0 else "number"}
        if spec.minimum is not None:
            facts["minimum"] = float(spec.minimum)
        if spec.maximum is not None:
            facts["maximum"] = float(spec.maximum)
        return facts

    # --- showing ---

    @staticmethod
    def plain(value: Decimal) -> str:
        """Digits with a point and nothing else."""
        return format(normalised(value), "f")

    def figure(self, value: Decimal, fmt: Format) -> str:
        """The bare figure as a list shows it."""
        return in_large_units(value) if fmt.compact else format(normalised(value), ",f")

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return "" if value is None else self.figure(value, fmt)

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return EMPTY if value is None else cell_number(self.figure(value, fmt))

    def export(self, value: Any, spec: FieldSpec, fmt: Format) -> Any:
        return value

    def edited(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return self.plain(value)

    def attributes(self, spec: FieldSpec) -> tuple[tuple[str, str], ...]:
        return (("inputmode", "numeric" if self.places(spec) == 0 else "decimal"),)

    def search_texts(self, value: Any, spec: FieldSpec, fmt: Format) -> tuple[str, ...]:
        return () if value is None else (self.plain(value),)

    # --- SQL ---

    def sort_expression(self, spec: FieldSpec, ref: str) -> str:
        return self.numeric_expression(spec, ref)

    def numeric_expression(self, spec: FieldSpec, ref: str) -> str:
        if spec.column is not None:
            return self.expression(spec, ref)
        held = f"{ref}.{quoted('custom')}->{literal(spec.key)}"
        return f"(CASE WHEN jsonb_typeof({held}) = 'number' THEN ({held})::numeric END)"


def in_large_units(value: Decimal) -> str:
    """A number as people say it: 186.24 万, 1.02 亿; below ten thousand with thousands separators."""
    for size, name in ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万")):
        if abs(value) >= size:
            rounded = (value / size).quantize(Decimal("0.01"), ROUND_HALF_UP)
            return f"{format(normalised(rounded), ',f')} {name}"
    return format(normalised(value), ",f")
