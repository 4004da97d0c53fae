"""E-mail addresses."""

import re
from typing import Any

from django.db.models import EmailField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields.html import EMPTY, cell_link
from kezhou.records.fields.reading import clean_line, folded, quoted_value, text_of
from kezhou.records.fields.shapes import Context, FieldError, Format
from kezhou.records.fields.text import Text
from kezhou.records.spec import FieldSpec

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*@(?:{_LABEL}\.)+{_LABEL}")


class Email(Text):
    """One address, in lower case: no mail service in use tells A@x.cn from a@x.cn, and twins must meet."""

    key = "email"
    title = gettext_lazy("电子邮件")
    icon = "at"
    coded = True
    becomes = frozenset({"text", "long_text"})
    columns = (EmailField,)
    control_kind = "email"
    longest = 254

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        text = clean_line(text_of(raw)).removeprefix("mailto:")
        address = folded(text)
        if len(address) > self.longest or not _ADDRESS.fullmatch(address):
            raise FieldError(
                _("“%(value)s”不是电子邮件地址，请填写如 name@example.com 的地址。") % {"value": quoted_value(raw)}
            )
        return address

    def operand(self, spec: FieldSpec, value: Any, context: Context) -> Any:
        return folded(text_of(value))

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "format": "email", "maxLength": self.limit(spec)}

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return EMPTY if value is None else cell_link(value, f"mailto:{value}")

    def attributes(self, spec: FieldSpec) -> tuple[tuple[str, str], ...]:
        return (("maxlength", str(self.limit(spec))), ("inputmode", "email"), ("autocomplete", "off"))

    def twin_key(self, value: Any, spec: FieldSpec) -> str | None:
        return None if value is None else str(value).lower()
