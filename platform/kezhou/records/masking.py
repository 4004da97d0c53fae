"""Values that an actor may only half see: 138****0000, 王*, ***."""

from __future__ import annotations

from typing import Any

from kezhou.records.fields import Format
from kezhou.records.spec import FieldSpec


def masked(field: FieldSpec, value: Any, fmt: Format) -> str:
    """The value with its middle hidden; nothing stays nothing. Links, numbers and dates are hidden whole."""
    if value is None or value == ():
        return ""
    if field.kind.opaque:
        return "***"
    text = field.kind.text(value, field, fmt).replace(" ", "")
    if len(text) <= 2:
        return text[:1] + "*"
    if len(text) < 7:
        return text[0] + "*" * (len(text) - 2) + text[-1]
    return text[:3] + "*" * min(len(text) - 7 or 1, 8) + text[-4:]
