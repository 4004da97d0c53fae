"""A link to a record of another type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Field, ForeignKey
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields.base import FieldType
from kezhou.records.fields.html import EMPTY, cell_link, cell_quiet
from kezhou.records.fields.reading import clean_line, narrow, quoted_value, text_of
from kezhou.records.fields.shapes import Context, Control, FieldError, Format
from kezhou.records.spec import FieldSpec

_GREATEST_KEY = 2**63 - 1


class LinkTo(FieldType):
    """A linked record by its primary key; titles come with the Format, because only the actor's gate may load them."""

    key = "link"
    title = gettext_lazy("关联记录")
    icon = "link"
    opaque = True
    columns: ClassVar[tuple[type[Field[Any, Any]], ...]] = (ForeignKey,)
    control_kind = "lookup"
    groups = True
    operator_keys = ("in", "not_in", "eq", "ne", "is_empty", "not_empty")
    collated = False

    def operators(self, spec: FieldSpec) -> Mapping[str, str]:
        below = {"within": _("属于（含下级）")} if spec.tree else {}
        return {**super().operators(spec), **below}

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        if isinstance(raw, dict):
            raw = raw.get("pk")
        if isinstance(raw, int) and not isinstance(raw, bool):
            return self.known(raw, raw)
        text = narrow(clean_line(text_of(raw)))
        found = context.resolve(spec.target or "", (text,)) if context.resolve else {}
        if text in found:
            return found[text]
        if text.isascii() and text.isdigit():
            return self.known(int(text), raw)
        raise FieldError(self.missing(spec, text))

    def known(self, pk: int, raw: Any) -> int:
        """A primary key within what the database can hold. Raises FieldError."""
        if not 0 < pk <= _GREATEST_KEY:
            raise FieldError(_("“%(value)s”不是有效的记录编号。") % {"value": quoted_value(raw)})
        return pk

    def missing(self, spec: FieldSpec, text: str) -> str:
        """The sentence for a name that means no record, or more than one."""
        shown = {"value": quoted_value(text), "label": spec.label}
        return _("没有找到名为“%(value)s”的%(label)s，或有多个同名，请选择具体的一个。") % shown

    def to_json(self, value: Any, spec: FieldSpec) -> Any:
        return int(value)

    def from_json(self, raw: Any, spec: FieldSpec) -> Any:
        return int(raw)

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        within = {"x-within": spec.within[0]} if spec.within else {}
        return {"type": "integer", "format": "int64", "minimum": 1, "x-target": spec.target or "", **within}

    def linked_title(self, value: int, spec: FieldSpec, fmt: Format) -> str | None:
        """The linked record's title, None when the actor may not see it."""
        return fmt.titles.get((spec.target or "", value))

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        if value is None:
            return ""
        title = self.linked_title(value, spec, fmt)
        return _("无权限") if title is None else title

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        if value is None:
            return EMPTY
        title = self.linked_title(value, spec, fmt)
        return cell_quiet(_("无权限")) if title is None else cell_link(title, f"{fmt.door}/r/{spec.target}/{value}")

    def edited(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return str(value)

    def control(self, spec: FieldSpec, value: Any, fmt: Format | None = None) -> Control:
        follows, through = spec.within or ("", "")
        return Control(
            kind="lookup",
            name=spec.key,
            label=str(spec.label),
            value="" if value is None else str(value),
            required=spec.required,
            help=str(spec.help),
            target=spec.target or "",
            title="" if value is None else self.text(value, spec, fmt or Format()),
            follows=follows,
            through=through,
        )

    def search_texts(self, value: Any, spec: FieldSpec, fmt: Format) -> tuple[str, ...]:
        title = None if value is None else self.linked_title(value, spec, fmt)
        return () if title is None else (title,)

    def sort_expression(self, spec: FieldSpec, ref: str) -> str:
        return self.expression(spec, ref) if spec.column is not None else f"({self.expression(spec, ref)}::bigint)"
