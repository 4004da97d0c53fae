"""Marks from one to five."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup, escape

from kezhou.records.fields.columns import RatingField
from kezhou.records.fields.html import EMPTY
from kezhou.records.fields.number import Number
from kezhou.records.fields.reading import number, plain, quoted_value
from kezhou.records.fields.shapes import Choice, Context, Control, FieldError, Format
from kezhou.records.spec import FieldSpec

BEST = 5


class Rating(Number):
    """One to five stars; typed as a figure or as stars."""

    key = "rating"
    title = gettext_lazy("评分")
    icon = "star"
    single = False
    numeric = False
    columns: ClassVar[tuple[type[Field[Any, Any]], ...]] = (RatingField,)
    control_kind = "stars"
    aggregates = frozenset({"count", "avg", "min", "max"})
    becomes = frozenset({"number"})
    decimals = 0

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        text = plain(raw).replace("☆", "").removesuffix("星").removesuffix("分") if isinstance(raw, str) else raw
        value = number(len(text) if isinstance(text, str) and text and not text.strip("★") else text)
        if value is None or value != int(value) or not 1 <= value <= BEST:
            raise FieldError(
                _("“%(value)s”不是评分，请填写 1 到 %(best)s 的整数。") % {"value": quoted_value(raw), "best": BEST}
            )
        return value

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": BEST}

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return "" if value is None else _("%(value)s 星") % {"value": self.plain(value)}

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        if value is None:
            return EMPTY
        name, stars = escape(self.text(value, spec, fmt)), "★" * int(value)
        rest = "★" * (BEST - int(value))
        return Markup(  # noqa: S704 - escaped just here
            f'<span class="kz-stars" role="img" aria-label="{name}">{stars}<span class="kz-stars-no">{rest}</span></span>'
        )

    def control(self, spec: FieldSpec, value: Any, fmt: Format | None = None) -> Control:
        chosen = 0 if value is None else int(value)
        return Control(
            kind="stars",
            name=spec.key,
            label=str(spec.label),
            value=str(chosen or ""),
            required=spec.required,
            help=str(spec.help),
            choices=tuple(
                Choice(key=str(mark), label=_("%(value)s 星") % {"value": mark}, selected=mark == chosen)
                for mark in range(1, BEST + 1)
            ),
        )

    def search_texts(self, value: Any, spec: FieldSpec, fmt: Format) -> tuple[str, ...]:
        return ()
