"""Days."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db.models import DateField, Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields import relative
from kezhou.records.fields.base import FieldType
from kezhou.records.fields.html import EMPTY, cell_number
from kezhou.records.fields.reading import day, quoted_value
from kezhou.records.fields.shapes import Context, FieldError, Format
from kezhou.records.spec import FieldSpec
from kezhou.records.sql import Sql, all_of


class Date(FieldType):
    """A day. Own fields keep it as ISO text, compared in collation "C" (casts to date cannot be indexed)."""

    key = "date"
    title = gettext_lazy("日期")
    icon = "calendar"
    opaque = True
    columns: ClassVar[tuple[type[Field[Any, Any]], ...]] = (DateField,)
    control_kind = "date"
    dated = True
    operator_keys = (
        "relative",
        "eq",
        "ne",
        "gt",
        "gte",
        "lt",
        "lte",
        "between",
        "in",
        "not_in",
        "is_empty",
        "not_empty",
    )
    aggregates = frozenset({"count", "min", "max"})
    computes = "date"

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        value = day(raw)
        if value is None:
            raise FieldError(
                _("“%(value)s”不是日期，请填写如 2026-05-06、2026/5/6 或 2026年5月6日 的日期。")
                % {"value": quoted_value(raw)}
            )
        return value

    def rules(self, value: Any, spec: FieldSpec) -> None:
        shown = {"label": spec.label, "value": written(value)}
        if value.year < 1000:
            raise FieldError(_("%(label)s的年份应是四位数，“%(value)s”不是。") % shown)
        if spec.minimum is not None and value < spec.minimum:
            raise FieldError(
                _("%(label)s不能早于 %(limit)s，现在是 %(value)s。") % {**shown, "limit": written(spec.minimum)}
            )
        if spec.maximum is not None and value > spec.maximum:
            raise FieldError(
                _("%(label)s不能晚于 %(limit)s，现在是 %(value)s。") % {**shown, "limit": written(spec.maximum)}
            )

    def fitted(self, value: Any, spec: FieldSpec) -> Any:
        return value if value.year >= 1000 else None

    def to_json(self, value: Any, spec: FieldSpec) -> Any:
        return value.isoformat()

    def from_json(self, raw: Any, spec: FieldSpec) -> Any:
        return date.fromisoformat(raw)

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "format": "date"}

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return "" if value is None else written(value, fmt.language)

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return EMPTY if value is None else cell_number(written(value, fmt.language))

    def export(self, value: Any, spec: FieldSpec, fmt: Format) -> Any:
        return value

    def edited(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return str(value.isoformat())

    def search_texts(self, value: Any, spec: FieldSpec, fmt: Format) -> tuple[str, ...]:
        return () if value is None else (value.isoformat(), written(value))

    def compile(self, spec: FieldSpec, operator: str, value: Any, ref: str, context: Context) -> Sql:
        if operator != "relative":
            return super().compile(spec, operator, value, ref, context)
        first, end = relative.span(value, context.today)
        parts = [self.compared(spec, sign, edge, ref) for sign, edge in ((">=", first), ("<", end)) if edge is not None]
        return all_of(parts)

    def answer(self, spec: FieldSpec, operator: str, value: Any, held: Any, context: Context) -> bool:
        if operator != "relative":
            return super().answer(spec, operator, value, held, context)
        first, end = relative.span(value, context.today)
        return held is not None and (first is None or held >= first) and (end is None or held < end)


def written(value: date, language: str = "zh-hans") -> str:
    """2026年5月6日; in other languages than Chinese 2026-05-06."""
    if not language.startswith("zh"):
        return f"{value:%Y-%m-%d}"
    return f"{value.year}年{value.month}月{value.day}日"
