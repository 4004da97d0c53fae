"""A province, city or district (D17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.records.fields.base import FieldType
from kezhou.records.fields.columns import RegionField
from kezhou.records.fields.reading import text_of
from kezhou.records.fields.shapes import Choice, Context, Control, FieldError, Format
from kezhou.records.spec import FieldSpec
from kezhou.records.sql import Sql, all_of, any_of, literal

if TYPE_CHECKING:
    from kezhou.records.regions import Regions

LEVELS = (gettext_lazy("省"), gettext_lazy("市"), gettext_lazy("区县"))


class RegionOf(FieldType):
    """One place, stored by the code of the most exact one that is known: 51 四川省, 5101 成都市, 510104 锦江区.

    Read by code or by what people write (四川省成都市锦江区, 四川 成都, 锦江区 where only one is called so). 属于 finds what lies below as
    well. The places are the company's (`kezhou.records.regions`); a spec made without a company has those of the base data.
    """

    key = "region"
    title = gettext_lazy("地区")
    icon = "map-pin"
    control_kind = "region"
    columns: ClassVar[tuple[type[Field[Any, Any]], ...]] = (RegionField,)
    operator_keys = ("in", "not_in", "eq", "ne", "is_empty", "not_empty")
    computes = "text"

    def parse(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        """As REST gives it, a mapping with the code is read as well."""
        return super().parse(raw.get("code") if isinstance(raw, Mapping) and "code" in raw else raw, spec, context)

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        from kezhou.records.regions import NotAPlace, resolve  # needs field types

        try:
            return resolve(_regions(spec), text_of(raw))
        except NotAPlace as problem:
            raise FieldError(str(problem)) from problem

    def rules(self, value: Any, spec: FieldSpec) -> None:
        regions = _regions(spec)
        if not regions.offered(value):
            shown = {"label": spec.label, "value": regions.name(value)}
            raise FieldError(_("%(label)s的地区“%(value)s”已停用，请选择其他地区。") % shown)

    def fitted(self, value: Any, spec: FieldSpec) -> Any:
        return str(value) if value is not None and _regions(spec).get(str(value)) else None

    def rest(self, value: Any, spec: FieldSpec) -> Any:
        return None if value is None else {"code": value, "name": _regions(spec).name(value)}

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        text = {"type": "string"}
        return {"type": "object", "properties": {"code": text, "name": text}, "required": ["code"]}

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return "" if value is None else _regions(spec).name(value)

    def control(self, spec: FieldSpec, value: Any, fmt: Format | None = None) -> Control:
        control = super().control(spec, value, fmt)
        return self.filled(spec, control, value)

    def filled(self, spec: FieldSpec, control: Control, value: Any) -> Control:
        """The control with the selects of a value, or of what was typed for it as far as it is understood."""
        regions, code = _regions(spec), self._understood(value, spec)
        fills = tuple((f"data-fill-{fact.replace('_', '-')}", key) for fact, key in spec.fills)
        held = tuple((f"data-held-{fact.replace('_', '-')}", regions.nearest(code, fact)) for fact, _key in spec.fills)
        return replace(
            control, pieces=_selects(regions, code), attributes=(*fills, *held), placeholder=_("省市区，例如 四川 成都")
        )

    def _understood(self, value: Any, spec: FieldSpec) -> str:
        try:
            return str(self.parse(value, spec, Context()) or "")
        except FieldError:
            return ""

    def search_texts(self, value: Any, spec: FieldSpec, fmt: Format) -> tuple[str, ...]:
        return () if value is None else tuple(place.name for place in _regions(spec).chain(value))

    def is_empty(self, spec: FieldSpec, ref: str) -> Sql:
        """Nothing chosen is NULL, or the empty text in a column that is never NULL."""
        return Sql(f"(COALESCE({self.expression(spec, ref)}, {literal('')}) = {literal('')})")

    def compile(self, spec: FieldSpec, operator: str, value: Any, ref: str, context: Context) -> Sql:
        if operator != "in":
            return super().compile(spec, operator, value, ref, context)
        side = self.order_side(spec, ref)
        below = [Sql(f"({side} LIKE %s)", (f"{code}%",)) for code in self.operands(spec, value, context)]
        return all_of([Sql(f"({side} IS NOT NULL)"), any_of(below)])

    def answer(self, spec: FieldSpec, operator: str, value: Any, held: Any, context: Context) -> bool:
        if operator != "in":
            return super().answer(spec, operator, value, held, context)
        return bool(held) and str(held).startswith(self.operands(spec, value, context))


def _regions(spec: FieldSpec) -> Regions:
    from kezhou.records.regions import standard  # needs field types

    return spec.regions or standard()


def _selects(regions: Regions, code: str) -> tuple[Control, ...]:
    """One select per level: what is chosen there, among the places beside it. Below what has nothing below the select is empty."""
    chain = [place.code for place in regions.chain(code)]
    above = ["", *chain]
    return tuple(
        Control(
            kind="select",
            name="",
            label=str(label),
            choices=_choices(regions, above[level], chain[level : level + 1]) if level < len(above) else (),
        )
        for level, label in enumerate(LEVELS)
    )


def _choices(regions: Regions, above: str, chosen: list[str]) -> tuple[Choice, ...]:
    return tuple(
        Choice(key=place.code, label=place.name, selected=place.code in chosen, enabled=place.enabled)
        for place in regions.children(above)
        if place.enabled or place.code in chosen
    )
