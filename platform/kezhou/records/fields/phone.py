"""Telephone numbers."""

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields.columns import PhoneField
from kezhou.records.fields.html import EMPTY, cell_number
from kezhou.records.fields.reading import plain, quoted_value, text_of
from kezhou.records.fields.shapes import Context, FieldError, Format
from kezhou.records.fields.text import Text
from kezhou.records.spec import FieldSpec

_DASHES = re.compile(r"[‐-―−－_.·/]")
_EXTENSION = re.compile(r"(?:转|#|EXT\.?|X|分机)(\d{1,6})$")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?:(0\d{2,3})-)?(\d{6,8})(?:-(\d{1,6}))?")
_AREA = re.compile(r"(010|02\d|0[3-9]\d{2})(\d{7,8})")
_SERVICE = re.compile(r"([48]00)-?(\d{3})-?(\d{4})|(9\d{4,5}|1\d{2,5})")
_ABROAD = re.compile(r"\+[1-9]\d{6,14}")


class Phone(Text):
    """One number: a mobile as 11 digits, a landline as area-number-extension, another country's as + and digits."""

    key = "phone"
    title = gettext_lazy("电话")
    icon = "phone"
    coded = True
    becomes = frozenset({"text", "long_text"})
    columns = (PhoneField,)
    control_kind = "tel"
    longest = 40

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        number = normal(text_of(raw))
        if number is None:
            raise FieldError(why_not(text_of(raw)))
        return number

    def operand(self, spec: FieldSpec, value: Any, context: Context) -> Any:
        return normal(text_of(value)) or plain(text_of(value))

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return "" if value is None else grouped(value)

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return EMPTY if value is None else cell_number(grouped(value))

    def export(self, value: Any, spec: FieldSpec, fmt: Format) -> Any:
        return value

    def edited(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return str(value)

    def attributes(self, spec: FieldSpec) -> tuple[tuple[str, str], ...]:
        return (("maxlength", str(self.limit(spec))), ("inputmode", "tel"))

    def search_texts(self, value: Any, spec: FieldSpec, fmt: Format) -> tuple[str, ...]:
        return () if value is None else (digits(value),)

    def twin_key(self, value: Any, spec: FieldSpec) -> str | None:
        return None if value is None else digits(value)


def normal(text: str) -> str | None:
    """The stored form of a number as typed; None when it is none."""
    typed = _EXTENSION.sub(r"-\1", _DASHES.sub("-", plain(text)).replace("(", "").replace(")", "-").strip("-"))
    typed = re.sub(r"-{2,}", "-", typed)
    home = re.sub(r"^(?:\+|00)86-?", "", typed)
    bare = home.replace("-", "")
    if _MOBILE.fullmatch(bare):
        return bare
    if service := _SERVICE.fullmatch(home):
        return "-".join(part for part in service.groups() if part)
    if area := _AREA.fullmatch(home):
        return f"{area[1]}-{area[2]}"
    if landline := _LANDLINE.fullmatch(home):
        return "-".join(part for part in landline.groups() if part)
    abroad = "+" + typed.removeprefix("+").removeprefix("00").replace("-", "")
    return abroad if typed.startswith(("+", "00")) and home is typed and _ABROAD.fullmatch(abroad) else None


def why_not(text: str) -> str:
    """One sentence on what is wrong with something that is no number."""
    typed, shown = plain(text), {"value": quoted_value(text)}
    bare = typed.replace("-", "")
    if re.search(r"[A-Z\u4e00-\u9fff]", bare):
        return _("“%(value)s”不是电话号码：含有文字，请只填数字。") % shown
    if re.search(r"[,;、/|]", typed):
        return _("“%(value)s”像是几个电话号码，请只填一个。") % shown
    if re.fullmatch(r"1[3-9]\d+", bare):
        return _("“%(value)s”不是手机号：应是 11 位，现在是 %(length)s 位。") % {**shown, "length": len(bare)}
    return _("“%(value)s”不是电话号码，请填写如 13800000000 或 028-88431936 的号码。") % shown


def grouped(number: str) -> str:
    """A mobile as 138 0000 0000; landlines and others keep their dashes."""
    return f"{number[:3]} {number[3:7]} {number[7:]}" if _MOBILE.fullmatch(number) else number


def digits(number: str) -> str:
    """Only the digits, for searching and for comparing."""
    return "".join(character for character in number if character.isdigit())
