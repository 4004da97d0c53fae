"""Unified social credit codes (GB 32100-2015)."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

from kezhou.records.fields.columns import CreditCodeField
from kezhou.records.fields.html import EMPTY, cell_number
from kezhou.records.fields.reading import plain, quoted_value, text_of
from kezhou.records.fields.shapes import Context, FieldError, Format
from kezhou.records.fields.text import Text
from kezhou.records.spec import FieldSpec

_LENGTH = 18


class CreditCode(Text):
    """统一社会信用代码: 18 characters of digits and capitals without I, O, S, V, Z, the last one a check digit."""

    key = "credit_code"
    title = gettext_lazy("统一社会信用代码")
    icon = "id-badge"
    coded = True
    becomes = frozenset({"text", "long_text"})
    columns = (CreditCodeField,)
    operator_keys = ("eq", "ne", "in", "not_in", "starts", "contains", "is_empty", "not_empty")
    longest = _LENGTH

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        code = plain(text_of(raw)).replace("-", "")
        try:
            uscc.validate(code)
        except ValidationError as wrong:
            raise FieldError(_sentence(wrong, code, raw)) from wrong
        return code

    def operand(self, spec: FieldSpec, value: Any, context: Context) -> Any:
        return plain(text_of(value)).replace("-", "")

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "minLength": _LENGTH, "maxLength": _LENGTH, "pattern": "^[0-9A-HJ-NP-RTUW-Y]{18}$"}

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return EMPTY if value is None else cell_number(value)

    def twin_key(self, value: Any, spec: FieldSpec) -> str | None:
        return None if value is None else str(value)


def _sentence(wrong: ValidationError, code: str, raw: Any) -> str:
    shown = {"value": quoted_value(raw), "length": len(code)}
    if isinstance(wrong, InvalidLength):
        return _("“%(value)s”不是统一社会信用代码：应是 18 位，现在是 %(length)s 位。") % shown
    if isinstance(wrong, InvalidChecksum):
        return _("“%(value)s”不是统一社会信用代码：校验位不对，请逐位核对。") % shown
    if isinstance(wrong, (InvalidFormat, InvalidComponent)):
        return _("“%(value)s”不是统一社会信用代码：只能有数字和大写字母，且没有 I、O、S、V、Z。") % shown
    return _("“%(value)s”不是统一社会信用代码，请核对。") % shown
