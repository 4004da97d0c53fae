"""Field types: one class per type, found by its key or by the model field of a standard column."""

from kezhou.records.fields.base import FieldType
from kezhou.records.fields.registry import field_type, field_type_for, field_types, model_facts
from kezhou.records.fields.rules import custom_facts
from kezhou.records.fields.shapes import Choice, Context, Control, FieldError, Format, Index

__all__ = [
    "Choice",
    "Context",
    "Control",
    "FieldError",
    "FieldType",
    "Format",
    "Index",
    "custom_facts",
    "field_type",
    "field_type_for",
    "field_types",
    "model_facts",
]
