"""Amounts of money."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.records.fields.capitals import capitals
from kezhou.records.fields.columns import MoneyField
from kezhou.records.fields.number import Number, in_large_units
from kezhou.records.fields.reading import normalised, number, quoted_value
from kezhou.records.fields.shapes import Context, FieldError, Format, Note
from kezhou.records.spec import FieldSpec

_FEN = Decimal("0.01")


class Money(Number):
    """An amount in yuan, exact to the fen. Lists show the bare figure (the column says what it is), texts the sign ¥."""

    key = "money"
    title = gettext_lazy("金额")
    icon = "coin-yuan"
    totalled = True
    noted = True
    becomes = frozenset({"number"})
    columns = (MoneyField,)
    decimals = 2

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        value = number(raw)
        if value is None:
            raise FieldError(
                _("“%(value)s”不是金额，请填写如 1234.5、￥1,234.00 或 3.2万元 的金额。") % {"value": quoted_value(raw)}
            )
        # A spreadsheet computes in binary: 0.1 + 0.2 is meant as 0.30.
        return normalised(value.quantize(_FEN)) if isinstance(raw, float) and abs(raw) < 1e13 else value

    def figure(self, value: Decimal, fmt: Format) -> str:
        if fmt.compact:
            return in_large_units(value)
        whole = value == value.to_integral_value()
        return format(value.to_integral_value() if whole else value.quantize(_FEN), ",f")

    def note(self, value: Any, spec: FieldSpec, fmt: Format) -> Note | None:
        return Note(text=capitals(value))

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return "" if value is None else f"{'-' if value < 0 else ''}¥ {self.figure(abs(value), fmt)}"
