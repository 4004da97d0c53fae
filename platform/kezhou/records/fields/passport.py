"""Passports and other travel documents: the number and the day on which it expires, in one value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields.base import COMPARISONS, ORDERS
from kezhou.records.fields.columns import PassportField
from kezhou.records.fields.date import written
from kezhou.records.fields.html import EMPTY, cell_number, cell_tag, joined
from kezhou.records.fields.pieces import Pieced
from kezhou.records.fields.reading import clean_line, day, is_blank, plain, quoted_value, text_of
from kezhou.records.fields.shapes import Context, Control, FieldError, Format, Note
from kezhou.records.folding import finds, pattern
from kezhou.records.spec import FieldSpec
from kezhou.records.sql import Sql, any_of, literal

SHORT = relativedelta(months=6)
_NUMBER = re.compile(r"(?=.*\d)[A-Z0-9]{5,15}")
_EXPIRY_OPERATORS = ("lt", "lte", "gt", "gte")


class Passport(Pieced):
    """A number of 5 to 15 letters and digits, and an expiry that may be missing.

    Stored as one text, "E12345678 2031-05-06". Countries want six months of validity at entry, so less is a warning, an
    expired document a louder one. The comparisons of a filter compare the expiry.
    """

    key = "passport"
    title = gettext_lazy("护照")
    icon = "plane-departure"
    coded = True
    personal = True
    noted = True
    columns = (PassportField,)
    pieces = ("number", "expires")
    operator_keys = ("eq", "ne", "in", "not_in", "contains", *_EXPIRY_OPERATORS, "is_empty", "not_empty")
    becomes = frozenset({"text", "long_text"})

    def operators(self, spec: FieldSpec) -> dict[str, str]:
        labels = {
            "lt": _("有效期早于"),
            "lte": _("有效期不晚于"),
            "gt": _("有效期晚于"),
            "gte": _("有效期不早于"),
        }
        return {**super().operators(spec), **labels}

    # --- reading ---

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        number, expires = _split(clean_line(text_of(raw)))
        return self.put_together({"number": number, "expires": expires}, spec, context)

    def put_together(self, pieces: Mapping[str, Any], spec: FieldSpec, context: Context) -> Any:
        number, expires = plain(text_of(pieces["number"] or "")).replace("-", ""), pieces["expires"]
        if not _NUMBER.fullmatch(number):
            shown = {"value": quoted_value(pieces["number"] or "")}
            raise FieldError(_("“%(value)s”不是证件号，应是 5 到 15 位字母和数字，例如 E12345678。") % shown)
        if is_blank(expires):
            return number
        until = day(expires)
        if until is None:
            raise FieldError(
                _("“%(value)s”不是有效期，请填写如 2031-05-06 的日期。") % {"value": quoted_value(expires)}
            )
        return f"{number} {until.isoformat()}"

    # --- storing ---

    def rest(self, value: Any, spec: FieldSpec) -> Any:
        if value is None:
            return None
        number, expires = parts(value)
        return {"number": number, "expires": expires.isoformat() if expires else None}

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {
                "number": {"type": "string", "maxLength": 15},
                "expires": {"type": "string", "format": "date", "nullable": True},
            },
            "required": ["number"],
        }

    # --- showing ---

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        if value is None:
            return ""
        number, expires = parts(value)
        return number if expires is None else f"{number} {expires.isoformat()}"

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return EMPTY if value is None else self._shown(f"{value[:2]}****{parts(value)[0][-3:]}", value, fmt)

    def line(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        if value is None:
            return EMPTY
        number, expires = parts(value)
        until = "" if expires is None else _("，%(day)s到期") % {"day": written(expires, fmt.language)}
        return self._shown(number + until, value, fmt)

    def _shown(self, text: str, value: str, fmt: Format) -> Markup:
        warning = _warning(value, fmt.today)
        cells = [cell_number(text), *([cell_tag(*warning)] if warning else [])]
        return joined(cells)

    def note(self, value: Any, spec: FieldSpec, fmt: Format) -> Note | None:
        expires = parts(value)[1]
        if expires is None:
            return Note(text=_("还没有填有效期"))
        shown = {"day": written(expires, fmt.language)}
        if expires < fmt.today:
            return Note(text=_("%(day)s已过期，出境前要换发") % shown, tone="warn")
        if expires < fmt.today + SHORT:
            return Note(text=_("%(day)s到期，不足 6 个月，多数国家不让入境") % shown, tone="warn")
        return None

    def take_apart(self, value: Any, spec: FieldSpec, fmt: Format) -> Mapping[str, str]:
        number, expires = ("", None) if value is None else parts(value)
        return {"number": number, "expires": expires.isoformat() if expires else ""}

    def piece_controls(self, spec: FieldSpec, given: Mapping[str, str]) -> tuple[Control, ...]:
        return (
            Control(
                kind="text",
                name=f"{spec.key}__number",
                label=_("证件号"),
                value=given.get("number", ""),
                required=spec.required,
                placeholder="E12345678",
                attributes=(("maxlength", "20"),),
            ),
            Control(kind="date", name=f"{spec.key}__expires", label=_("有效期至"), value=given.get("expires", "")),
        )

    def search_texts(self, value: Any, spec: FieldSpec, fmt: Format) -> tuple[str, ...]:
        return () if value is None else (parts(value)[0],)

    def twin_key(self, value: Any, spec: FieldSpec) -> str | None:
        return None if value is None else parts(value)[0]

    # --- filters ---

    def compile(self, spec: FieldSpec, operator: str, value: Any, ref: str, context: Context) -> Sql:
        whole = self.expression(spec, ref)
        if operator == "contains":
            return finds(f"split_part({whole}, ' ', 1)", plain(text_of(value)))
        if operator not in _EXPIRY_OPERATORS:
            return super().compile(spec, operator, value, ref, context)
        until = day(value)
        if until is None:
            raise FieldError(_("“%(value)s”不是有效期，请填写如 2031-05-06 的日期。") % {"value": quoted_value(value)})
        expiry = f"""(NULLIF(split_part({whole}, ' ', 2), {literal("")}) COLLATE "C")"""
        return Sql(f"({expiry} {COMPARISONS[operator]} %s)", (until.isoformat(),))

    def answer(self, spec: FieldSpec, operator: str, value: Any, held: Any, context: Context) -> bool:
        number, expires = parts(held) if held else (None, None)
        if operator == "contains":
            return number is not None and re.search(pattern(plain(text_of(value))), number) is not None
        if operator not in _EXPIRY_OPERATORS:
            return super().answer(spec, operator, value, held, context)
        until = day(value)
        if until is None:
            raise FieldError(_("“%(value)s”不是有效期，请填写如 2031-05-06 的日期。") % {"value": quoted_value(value)})
        return expires is not None and bool(ORDERS[operator](expires, until))

    def among(self, spec: FieldSpec, held: Any, values: Sequence[Any]) -> bool:
        return bool(held) and parts(held)[0] in values

    def operand(self, spec: FieldSpec, value: Any, context: Context) -> Any:
        """A filter compares numbers: what is typed need not be a whole number of a document."""
        if isinstance(value, Mapping):
            value = value.get("number")
        return plain(_split(clean_line(text_of(value)))[0]).replace("-", "")

    def equals_any(self, spec: FieldSpec, values: Sequence[Any], ref: str) -> Sql:
        number = f"split_part({self.expression(spec, ref)}, ' ', 1)"
        return any_of([Sql(f"({number} = %s)", (value,)) for value in values])

    def is_empty(self, spec: FieldSpec, ref: str) -> Sql:
        return Sql(f"(COALESCE({self.expression(spec, ref)}, {literal('')}) = {literal('')})")


def parts(value: str) -> tuple[str, date | None]:
    """Number and expiry of a stored value."""
    number, _space, expires = value.partition(" ")
    return number, date.fromisoformat(expires) if expires else None


def _split(text: str) -> tuple[str, str]:
    """ "E12345678 2031-05-06", "E12345678，有效期至2031年5月6日": what follows the number is its expiry."""
    found = re.fullmatch(r"([A-Za-z0-9Ａ-Ｚａ-ｚ０-９-]+)[\s,，;；/(（]*(?:有效期)?[至到]?[:：]?\s*(.*?)[)）]?", text)
    return (found[1], found[2]) if found and (not found[2] or day(found[2])) else (text, "")


def _warning(value: str, today: date) -> tuple[str, str] | None:
    expires = parts(value)[1]
    if expires is None or expires >= today + SHORT:
        return None
    return (_("已过期"), "red") if expires < today else (_("不足 6 个月"), "amber")
