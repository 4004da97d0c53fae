"""One line of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import CharField, Field, SlugField, URLField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.records.fields import names
from kezhou.records.fields.base import FieldType
from kezhou.records.fields.reading import clean_line, narrow, quoted_value, text_of
from kezhou.records.fields.shapes import Context, FieldError, Format
from kezhou.records.folding import finds, pattern
from kezhou.records.spec import FieldSpec
from kezhou.records.sql import Sql, all_of, literal

_BRACKETS = (str.maketrans("()", "（）"), str.maketrans("（）", "()"))


class Text(FieldType):
    """One line: invisible characters go, full-width letters and digits become half-width, spaces are trimmed.

    Because what is stored is folded like that, an exact query folds its operand the same way and stays an equality that
    an index serves (QRY-01); brackets are tried in both widths.
    """

    key = "text"
    title = gettext_lazy("文本")
    worded = True
    becomes: ClassVar[frozenset[str]] = frozenset({"long_text"})
    columns: ClassVar[tuple[type[Field[Any, Any]], ...]] = (CharField, SlugField, URLField)
    operator_keys: ClassVar[tuple[str, ...]] = (
        "contains",
        "not_contains",
        "eq",
        "ne",
        "in",
        "not_in",
        "starts",
        "is_empty",
        "not_empty",
    )
    longest: ClassVar[int] = 500
    computes = "text"

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        return narrow(clean_line(text_of(raw)))

    def limit(self, spec: FieldSpec) -> int:
        """The greatest number of characters."""
        return spec.max_length or self.longest

    def rules(self, value: Any, spec: FieldSpec) -> None:
        if len(value) > self.limit(spec):
            raise FieldError(
                _("%(label)s最多 %(limit)s 个字，现在是 %(length)s 个，请缩短。")
                % {"label": spec.label, "limit": self.limit(spec), "length": len(value)}
            )
        if spec.min_length and len(value) < spec.min_length:
            raise FieldError(
                _("%(label)s至少 %(limit)s 个字，现在是 %(length)s 个。")
                % {"label": spec.label, "limit": spec.min_length, "length": len(value)}
            )
        if spec.pattern and not re.fullmatch(spec.pattern, value):
            hint = str(spec.pattern_hint) or _("请按规定的格式填写。")
            raise FieldError(_("“%(value)s”不合格式：%(hint)s") % {"value": quoted_value(value), "hint": hint})

    def fitted(self, value: Any, spec: FieldSpec) -> Any:
        return value[: self.limit(spec)] or None

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        facts: dict[str, Any] = {"type": "string", "maxLength": self.limit(spec)}
        if spec.min_length:
            facts["minLength"] = spec.min_length
        if spec.pattern:
            facts["pattern"] = spec.pattern
        return facts

    def attributes(self, spec: FieldSpec) -> tuple[tuple[str, str], ...]:
        return (("maxlength", str(self.limit(spec))),)

    def twin_key(self, value: Any, spec: FieldSpec) -> str | None:
        return None if value is None else names.company_key(value)

    def search_texts(self, value: Any, spec: FieldSpec, fmt: Format) -> tuple[str, ...]:
        return () if value is None else (value,)

    # --- filters ---

    def compile(self, spec: FieldSpec, operator: str, value: Any, ref: str, context: Context) -> Sql:
        if operator == "contains":
            return self.contains(spec, value, ref)
        if operator == "starts":
            start = "^" + pattern(clean_line(str(self.operand(spec, value, context))))
            return Sql(f"({self.expression(spec, ref)} ~ %s)", (start,))
        return super().compile(spec, operator, value, ref, context)

    def answer(self, spec: FieldSpec, operator: str, value: Any, held: Any, context: Context) -> bool:
        if operator == "contains":
            words = self.words(spec, value)
            return held is not None and all(re.search(pattern(word), held) for word in words)
        if operator == "starts":
            start = pattern(clean_line(str(self.operand(spec, value, context))))
            return held is not None and re.match(start, held) is not None
        return super().answer(spec, operator, value, held, context)

    def among(self, spec: FieldSpec, held: Any, values: Sequence[Any]) -> bool:
        return held is not None and held in self.spellings(values)

    def words(self, spec: FieldSpec, value: Any) -> list[str]:
        """What must occur in a text, at most 20 words. Raises FieldError when there is nothing."""
        words = clean_line(text_of(value)).split()
        if not words:
            raise FieldError(_("“%(label)s”的条件缺少要查找的文字。") % {"label": spec.label})
        return words[:20]

    def spellings(self, values: Sequence[Any]) -> list[str]:
        """Texts with their brackets in both widths."""
        return list(dict.fromkeys(value.translate(table) for value in values for table in ({}, *_BRACKETS)))

    def contains(self, spec: FieldSpec, value: Any, ref: str) -> Sql:
        """Every word must occur somewhere, whatever its case, width and script (QRY-03)."""
        expression = self.expression(spec, ref)
        return all_of([finds(expression, word) for word in self.words(spec, value)])

    def is_empty(self, spec: FieldSpec, ref: str) -> Sql:
        return Sql(f"(COALESCE({self.expression(spec, ref)}, {literal('')}) = {literal('')})")

    def equals_any(self, spec: FieldSpec, values: Sequence[Any], ref: str) -> Sql:
        return super().equals_any(spec, self.spellings(values), ref)
