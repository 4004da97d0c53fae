"""Yes or no."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import BooleanField, Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.records.fields.base import FieldType
from kezhou.records.fields.reading import quoted_value, yes_no
from kezhou.records.fields.shapes import Choice, Context, Control, FieldError, Format
from kezhou.records.spec import FieldSpec


class YesNo(FieldType):
    """是 or 否, or not said."""

    key = "yes_no"
    title = gettext_lazy("是/否")
    icon = "checkbox"
    single = False
    opaque = True
    columns: ClassVar[tuple[type[Field[Any, Any]], ...]] = (BooleanField,)
    control_kind = "select"
    computes = "yes_no"
    operator_keys = ("eq", "ne", "is_empty", "not_empty")

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        value = yes_no(raw)
        if value is None:
            raise FieldError(_("“%(value)s”看不出是或否，请填写“是”或“否”。") % {"value": quoted_value(raw)})
        return value

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "boolean"}

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return "" if value is None else _("是") if value else _("否")

    def search_texts(self, value: Any, spec: FieldSpec, fmt: Format) -> tuple[str, ...]:
        return ()

    def edited(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return "true" if value else "false"

    def control(self, spec: FieldSpec, value: Any, fmt: Format | None = None) -> Control:
        choices = (
            Choice(key="true", label=_("是"), selected=value is True),
            Choice(key="false", label=_("否"), selected=value is False),
        )
        return Control(
            kind="select",
            name=spec.key,
            label=str(spec.label),
            value="" if value is None else self.edited(value, spec, fmt or Format()),
            required=spec.required,
            help=str(spec.help),
            choices=choices,
        )
