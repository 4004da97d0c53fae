"""Percentages."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields.columns import PercentField
from kezhou.records.fields.html import EMPTY, cell_number
from kezhou.records.fields.number import Number
from kezhou.records.fields.reading import normalised, number, plain, quoted_value
from kezhou.records.fields.shapes import Context, Control, FieldError, Format
from kezhou.records.spec import FieldSpec


class Percent(Number):
    """A share in hundredths: 12.5 is 12.5 %, whether the sign is typed or not."""

    key = "percent"
    title = gettext_lazy("百分比")
    icon = "percentage"
    columns = (PercentField,)
    aggregates = frozenset({"count", "avg", "min", "max"})
    becomes = frozenset({"number"})
    decimals = 4

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        signed = isinstance(raw, str) and plain(raw).endswith("%")
        value = number(raw)
        if value is None:
            raise FieldError(_("“%(value)s”不是百分比，请填写如 12.5 或 12.5%% 的数。") % {"value": quoted_value(raw)})
        return normalised(value * 100) if signed else value

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return "" if value is None else f"{format(normalised(value), ',f')}%"

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return EMPTY if value is None else cell_number(self.text(value, spec, fmt))

    def export(self, value: Any, spec: FieldSpec, fmt: Format) -> Any:
        return None if value is None else self.text(value, spec, fmt).replace(",", "")

    def control(self, spec: FieldSpec, value: Any, fmt: Format | None = None) -> Control:
        return replace(super().control(spec, value, fmt), unit="%")

    def figure(self, value: Decimal, fmt: Format) -> str:
        return f"{format(normalised(value), ',f')}%"
