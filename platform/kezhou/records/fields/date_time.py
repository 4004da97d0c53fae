"""Moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, ClassVar

from django.db.models import DateTimeField, Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields import relative
from kezhou.records.fields.base import FieldType
from kezhou.records.fields.date import written
from kezhou.records.fields.html import EMPTY, cell_number
from kezhou.records.fields.reading import clean_line, day, is_blank, moment, quoted_value
from kezhou.records.fields.shapes import Context, FieldError, Format
from kezhou.records.spec import FieldSpec
from kezhou.records.sql import FALSE, Sql, all_of


class DateTime(FieldType):
    """A moment, aware, shown in the tenant's time zone; what is typed without an offset is meant there.

    Own fields keep it as UTC text of fixed width, which sorts as text. A filter's operand may be a day or a minute: `eq`
    then means within it, `gt` after it, `lte` up to its end.
    """

    key = "datetime"
    title = gettext_lazy("日期时间")
    icon = "calendar-time"
    opaque = True
    columns: ClassVar[tuple[type[Field[Any, Any]], ...]] = (DateTimeField,)
    control_kind = "datetime"
    dated = True
    operator_keys = ("relative", "eq", "ne", "gt", "gte", "lt", "lte", "between", "is_empty", "not_empty")
    aggregates = frozenset({"count", "min", "max"})
    computes = "datetime"

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        value = moment(raw)
        if value is None or not 1000 <= value.year <= 9998:
            raise FieldError(
                _("“%(value)s”不是日期时间，请填写如 2026-05-06 15:30 或 2026年5月6日 15:30 的时间。")
                % {"value": quoted_value(raw)}
            )
        return (value if value.tzinfo else value.replace(tzinfo=context.zone)).astimezone(UTC)

    def rules(self, value: Any, spec: FieldSpec) -> None:
        shown = {"label": spec.label, "value": value.isoformat()}
        if spec.minimum is not None and value < spec.minimum:
            raise FieldError(_("%(label)s不能早于 %(limit)s，现在是 %(value)s。") % {**shown, "limit": spec.minimum})
        if spec.maximum is not None and value > spec.maximum:
            raise FieldError(_("%(label)s不能晚于 %(limit)s，现在是 %(value)s。") % {**shown, "limit": spec.maximum})

    def fitted(self, value: Any, spec: FieldSpec) -> Any:
        return value.astimezone(UTC) if 1000 <= value.year <= 9998 else None

    def to_json(self, value: Any, spec: FieldSpec) -> Any:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def from_json(self, raw: Any, spec: FieldSpec) -> Any:
        return datetime.fromisoformat(raw).astimezone(UTC)

    def rest(self, value: Any, spec: FieldSpec) -> Any:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        if value is None:
            return ""
        local = value.astimezone(fmt.zone)
        return f"{written(local, fmt.language)} {local:%H:%M}"

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return EMPTY if value is None else cell_number(short(value.astimezone(fmt.zone), fmt))

    def export(self, value: Any, spec: FieldSpec, fmt: Format) -> Any:
        return None if value is None else value.astimezone(fmt.zone).replace(tzinfo=None)

    def edited(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        local = value.astimezone(fmt.zone).replace(tzinfo=None)
        return str(local.isoformat(timespec="seconds" if local.second or local.microsecond else "minutes"))

    # --- filters ---

    def compile(self, spec: FieldSpec, operator: str, value: Any, ref: str, context: Context) -> Sql:
        if operator == "relative":
            first, end = relative.span(value, context.today)
            return self.within(spec, _midnight(first, context.zone), _midnight(end, context.zone), ref)
        if operator not in {"eq", "gt", "gte", "lt", "lte"}:
            return super().compile(spec, operator, value, ref, context)
        start, end = self.span(spec, value, context)
        edges = {"eq": (start, end), "gt": (end, None), "gte": (start, None), "lt": (None, start), "lte": (None, end)}
        return self.within(spec, *edges[operator], ref)

    def answer(self, spec: FieldSpec, operator: str, value: Any, held: Any, context: Context) -> bool:
        if operator == "relative":
            first, last = relative.span(value, context.today)
            return _within(held, _midnight(first, context.zone), _midnight(last, context.zone))
        if operator not in {"eq", "gt", "gte", "lt", "lte"}:
            return super().answer(spec, operator, value, held, context)
        start, end = self.span(spec, value, context)
        edges = {"eq": (start, end), "gt": (end, None), "gte": (start, None), "lt": (None, start), "lte": (None, end)}
        return _within(held, *edges[operator])

    def span(self, spec: FieldSpec, value: Any, context: Context) -> tuple[datetime, datetime]:
        """What an operand covers: the whole day for a day, the minute for a time without seconds, else a microsecond."""
        start = self.operand(spec, value, context)
        text = clean_line(str(value))
        if _is_day(value):
            local = start.astimezone(context.zone).date()
            end = _midnight(local + timedelta(days=1), context.zone)
            assert end is not None
            return start, end
        exact = isinstance(value, datetime) or text.count(":") + text.count("：") > 1 or "秒" in text
        return start, start + (timedelta(microseconds=1) if exact else timedelta(minutes=1))

    def within(self, spec: FieldSpec, start: datetime | None, end: datetime | None, ref: str) -> Sql:
        """SQL for start <= value < end, each side open when None."""
        edges = [(sign, edge) for sign, edge in ((">=", start), ("<", end)) if edge is not None]
        return all_of([self.compared(spec, sign, edge, ref) for sign, edge in edges]) if edges else FALSE


def _within(held: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    if held is None or (start is None and end is None):
        return False
    return (start is None or held >= start) and (end is None or held < end)


def _is_day(value: Any) -> bool:
    if isinstance(value, datetime) or is_blank(value):
        return False
    return isinstance(value, date) or (day(value) is not None and not any(mark in str(value) for mark in ":：时点T"))


def _midnight(value: date | None, zone: tzinfo) -> datetime | None:
    return None if value is None else datetime.combine(value, time(), zone).astimezone(UTC)


def short(local: datetime, fmt: Format) -> str:
    """As a list shows it: 今天 15:30, 昨天 09:12, 5月6日 15:30; of another year with the year."""
    clock = f"{local:%H:%M}"
    if local.date() == fmt.today:
        return _("今天 %(clock)s") % {"clock": clock}
    if local.date() == fmt.today - timedelta(days=1):
        return _("昨天 %(clock)s") % {"clock": clock}
    if local.year != fmt.today.year:
        return f"{written(local, fmt.language)} {clock}"
    return _("%(month)s月%(day)s日 %(clock)s") % {"month": local.month, "day": local.day, "clock": clock}
