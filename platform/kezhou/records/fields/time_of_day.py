"""Times of day."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from django.db.models import Field, TimeField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields.base import FieldType
from kezhou.records.fields.html import EMPTY, cell_number
from kezhou.records.fields.reading import clock, plain, quoted_value
from kezhou.records.fields.shapes import Context, FieldError, Format
from kezhou.records.spec import FieldSpec


class TimeOfDay(FieldType):
    """A time on the clock, of no certain day and zone. Own fields keep it as text of fixed width, which sorts as text."""

    key = "time"
    title = gettext_lazy("时间")
    icon = "clock"
    opaque = True
    columns: ClassVar[tuple[type[Field[Any, Any]], ...]] = (TimeField,)
    control_kind = "time"
    operator_keys = ("eq", "ne", "gt", "gte", "lt", "lte", "between", "in", "not_in", "is_empty", "not_empty")
    aggregates = frozenset({"count", "min", "max"})

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        value = _time_of(raw)
        if value is None:
            raise FieldError(
                _("“%(value)s”不是时间，请填写如 08:30、8点30分 或 下午3:15 的时间。") % {"value": quoted_value(raw)}
            )
        return value

    def rules(self, value: Any, spec: FieldSpec) -> None:
        shown = {"label": spec.label, "value": written(value)}
        if spec.minimum is not None and value < spec.minimum:
            raise FieldError(
                _("%(label)s不能早于 %(limit)s，现在是 %(value)s。") % {**shown, "limit": written(spec.minimum)}
            )
        if spec.maximum is not None and value > spec.maximum:
            raise FieldError(
                _("%(label)s不能晚于 %(limit)s，现在是 %(value)s。") % {**shown, "limit": written(spec.maximum)}
            )

    def to_json(self, value: Any, spec: FieldSpec) -> Any:
        return f"{value:%H:%M:%S}"

    def from_json(self, raw: Any, spec: FieldSpec) -> Any:
        return time.fromisoformat(raw)

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "format": "time"}

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return "" if value is None else written(value)

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return EMPTY if value is None else cell_number(written(value))

    def search_texts(self, value: Any, spec: FieldSpec, fmt: Format) -> tuple[str, ...]:
        return ()


def written(value: time) -> str:
    """08:30, with seconds where there are some."""
    return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"


def _time_of(raw: Any) -> time | None:
    if isinstance(raw, datetime):
        return raw.time().replace(microsecond=0)
    if isinstance(raw, time):
        return raw.replace(microsecond=0, tzinfo=None)
    if isinstance(raw, timedelta):
        raw = raw.total_seconds() / 86_400
    if isinstance(raw, float):
        return _of_fraction(raw)
    return clock(plain(str(raw)[:40]).replace("：", ":"))


def _of_fraction(part: float) -> time | None:
    """A sheet counts times as parts of a day: 0.354 is 08:30."""
    seconds = round(part * 86_400)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60) if 0 <= seconds < 86_400 else None
