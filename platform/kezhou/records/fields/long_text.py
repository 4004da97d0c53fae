"""Text of several lines."""

from collections.abc import Sequence
from typing import Any

from django.db.models import TextField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields.html import EMPTY, cell_text
from kezhou.records.fields.reading import clean_lines, folded, text_of
from kezhou.records.fields.shapes import Context, Format
from kezhou.records.fields.text import Text
from kezhou.records.spec import FieldSpec, FilterError
from kezhou.records.sql import Sql

_SHOWN_IN_A_CELL = 60


class LongText(Text):
    """Several lines, kept as typed but for invisible characters; found by words, not sorted and not indexed."""

    key = "long_text"
    title = gettext_lazy("多行文本")
    icon = "align-left"
    single = False
    becomes = frozenset()
    columns = (TextField,)
    control_kind = "textarea"
    operator_keys = ("contains", "not_contains", "is_empty", "not_empty")
    sortable = False
    indexable = False
    longest = 20_000

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        return clean_lines(text_of(raw))

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        if value is None:
            return EMPTY
        line = " ".join(value.split())
        return cell_text(line if len(line) <= _SHOWN_IN_A_CELL else line[:_SHOWN_IN_A_CELL] + "…")

    def twin_key(self, value: Any, spec: FieldSpec) -> str | None:
        return None if value is None else folded(value)

    def equals_any(self, spec: FieldSpec, values: Sequence[Any], ref: str) -> Sql:
        raise FilterError(_("长文本不能按“等于”筛选，请用“包含”。"))
