"""Numbers of resident identity cards (GB 11643-1999)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup
from stdnum.cn import ric

from kezhou.records.fields.columns import IdentityCardField
from kezhou.records.fields.date import written
from kezhou.records.fields.html import EMPTY, cell_number
from kezhou.records.fields.reading import plain, quoted_value, text_of
from kezhou.records.fields.shapes import Context, FieldError, Format, Note
from kezhou.records.fields.text import Text
from kezhou.records.spec import FieldSpec

_LENGTH = 18


class IdentityCard(Text):
    """居民身份证号码: 18 characters, the last one a check digit. A list shows it half hidden, the record's page whole."""

    key = "identity_card"
    title = gettext_lazy("身份证号")
    icon = "id"
    coded = True
    personal = True
    noted = True
    columns = (IdentityCardField,)
    operator_keys = ("eq", "ne", "in", "not_in", "starts", "contains", "is_empty", "not_empty")
    longest = _LENGTH
    becomes = frozenset({"text", "long_text"})

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        number = plain(text_of(raw)).replace("-", "")
        if why := _problem(number, context.today):
            raise FieldError(why % {"value": quoted_value(raw), "length": len(number)})
        return number

    def operand(self, spec: FieldSpec, value: Any, context: Context) -> Any:
        return plain(text_of(value)).replace("-", "")

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "minLength": _LENGTH, "maxLength": _LENGTH, "pattern": "^[0-9]{17}[0-9X]$"}

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return EMPTY if value is None else cell_number(f"{value[:3]}****{value[-4:]}")

    def line(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return EMPTY if value is None else cell_number(f"{value[:6]} {value[6:14]} {value[14:]}")

    def note(self, value: Any, spec: FieldSpec, fmt: Format) -> Note | None:
        sex = _("男") if male(value) else _("女")
        return Note(text=_("%(born)s出生，%(sex)s") % {"born": written(birth_date(value), fmt.language), "sex": sex})

    def twin_key(self, value: Any, spec: FieldSpec) -> str | None:
        return None if value is None else str(value)


def birth_date(number: str) -> date:
    """The day of birth that a valid number says."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def male(number: str) -> bool:
    """The sex that a valid number says: the last digit of its serial is odd for men."""
    return int(number[16]) % 2 == 1


def _problem(number: str, today: date) -> str | None:
    if len(number) != _LENGTH:
        return _("“%(value)s”不是身份证号：应是 18 位，现在是 %(length)s 位。")
    if not (number[:17].isascii() and number[:17].isdigit() and number[17] in "0123456789X"):
        return _("“%(value)s”不是身份证号：前 17 位应是数字，最后一位是数字或 X。")
    try:
        born = birth_date(number)
    except ValueError:
        return _("“%(value)s”不是身份证号：第 7 到 14 位不是日期。")
    if not date(1880, 1, 1) <= born <= today:
        return _("“%(value)s”不是身份证号：第 7 到 14 位不是合理的出生日期。")
    if ric.calc_check_digit(number) != number[17]:
        return _("“%(value)s”不是身份证号：校验位不对，请逐位核对。")
    return None
