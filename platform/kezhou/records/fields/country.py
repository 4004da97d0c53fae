"""A country or region of the world (D16)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from django.db.models import Field
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields.choice import OneOf
from kezhou.records.fields.columns import CountryField
from kezhou.records.fields.html import EMPTY, cell_text
from kezhou.records.fields.shapes import Context, Control, Format
from kezhou.records.spec import FieldSpec


class CountryOf(OneOf):
    """One country, stored by its ISO 3166 code. Read by code, Chinese or English name, or telephone code where only one has it.

    The options are the company's (`kezhou.records.regions`); a spec made without a company has those of the base data.
    """

    key = "country"
    title = gettext_lazy("国家/地区")
    icon = "world"
    opaque = False
    groups = False
    becomes: ClassVar[frozenset[str]] = frozenset()
    columns: ClassVar[tuple[type[Field[Any, Any]], ...]] = (CountryField,)

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        return super().read(raw, _offering(spec), context)

    def rules(self, value: Any, spec: FieldSpec) -> None:
        super().rules(value, _offering(spec))

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "minLength": 2, "maxLength": 2, "description": "ISO 3166-1 alpha-2"}

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return super().text(value, _offering(spec), fmt)

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return EMPTY if value is None else cell_text(self.text(value, spec, fmt))

    def control(self, spec: FieldSpec, value: Any, fmt: Format | None = None) -> Control:
        return super().control(_offering(spec), value, fmt)


def _offering(spec: FieldSpec) -> FieldSpec:
    from kezhou.records.regions.countries import standard_options  # needs field types

    return spec if spec.options else replace(spec, options=standard_options())
