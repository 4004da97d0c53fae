"""Files and pictures as values of a field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import orjson
from django.db.models import Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup, escape

from kezhou.records.fields.base import FieldType
from kezhou.records.fields.columns import FilesField, PicturesField
from kezhou.records.fields.html import EMPTY
from kezhou.records.fields.reading import clean_line, quoted_value, text_of
from kezhou.records.fields.shapes import Choice, Context, Control, FieldError, Format
from kezhou.records.folding import finds, pattern
from kezhou.records.spec import FieldSpec
from kezhou.records.sql import Sql, all_of, literal

MOST = 20
SHOWN_PICTURES = 3


@dataclass(frozen=True, slots=True)
class Held:
    """One file of a value. It never changes, so what a list shows of it is kept with the record; only `pk` tells two apart."""

    pk: int
    name: str = field(default="", compare=False)
    size: int = field(default=0, compare=False)
    media: str = field(default="", compare=False)

    @property
    def small(self) -> str:
        """Where a small picture of it is."""
        return f"{self.url}?small"

    @property
    def url(self) -> str:
        """Where it opens, for those who may see the record and the field."""
        return f"/files/held/{self.pk}"


class FilesOf(FieldType):
    """Up to twenty files. A form or a program uploads them first and gives their keys; `save` sees that they are the giver's."""

    key = "file"
    title = gettext_lazy("文件")
    icon = "paperclip"
    columns: ClassVar[tuple[type[Field[Any, Any]], ...]] = (FilesField,)
    control_kind = "files"
    operator_keys = ("contains", "not_contains", "is_empty", "not_empty")
    sortable = False
    indexable = False
    importable = False
    single = False
    opaque = True
    holds_files = True
    pictures: ClassVar[bool] = False

    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        items = raw if isinstance(raw, (list, tuple)) else clean_line(text_of(raw)).replace("，", ",").split(",")
        found = {held.pk: held for held in (self._one(item) for item in items if item not in ("", None))}
        return tuple(found.values()) or None

    def _one(self, raw: Any) -> Held:
        """A key, "key/name" as the form sends it, or the API's object."""
        if isinstance(raw, Held):
            return raw
        given = raw.get("pk") if isinstance(raw, Mapping) else raw
        number, _slash, name = str(given).strip().partition("/")
        if not (number.isascii() and number.isdigit() and 0 < len(number) < 19) or isinstance(given, bool):
            raise FieldError(_("“%(value)s”不是上传过的文件，请重新上传。") % {"value": quoted_value(given)})
        return Held(int(number), name)

    def rules(self, value: Any, spec: FieldSpec) -> None:
        if len(value) > MOST:
            shown = {"label": spec.label, "limit": MOST, "count": len(value)}
            raise FieldError(_("%(label)s最多 %(limit)s 个文件，现在是 %(count)s 个。") % shown)

    # --- storing ---

    def to_json(self, value: Any, spec: FieldSpec) -> Any:
        return [{"pk": one.pk, "name": one.name, "size": one.size, "media": one.media} for one in value]

    def from_json(self, raw: Any, spec: FieldSpec) -> Any:
        return tuple(Held(**one) for one in raw) or None

    def from_db(self, value: Any, spec: FieldSpec) -> Any:
        if isinstance(value, (str, bytes)):
            value = orjson.loads(value)
        return self.from_json(value, spec) if value else None

    def rest(self, value: Any, spec: FieldSpec) -> Any:
        return (
            None
            if value is None
            else [{**each, "url": f"/files/held/{each['pk']}"} for each in self.to_json(value, spec)]
        )

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        facts = {"pk": "integer", "name": "string", "size": "integer", "media": "string", "url": "string"}
        item = {"type": "object", "properties": {name: {"type": kind} for name, kind in facts.items()}}
        return {"type": "array", "maxItems": MOST, "items": {**item, "required": ["pk"]}}

    # --- showing ---

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return "、".join(one.name for one in value or ())

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        if not value:
            return EMPTY
        rest = "" if len(value) == 1 else escape(_("等 %(count)s 个") % {"count": len(value)})
        return Markup(f'{_link(value[0], fmt.door)} <span class="kz-dim">{rest}</span>')  # noqa: S704 - escaped in _link

    def line(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return Markup("<br>").join(_link(one, fmt.door) for one in value) if value else EMPTY

    def edited(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        return ",".join(str(one.pk) for one in value)

    def control(self, spec: FieldSpec, value: Any, fmt: Format | None = None) -> Control:
        control = replace(
            super().control(spec, None, fmt),
            choices=tuple(self._choice(one, fmt.door if fmt else "") for one in value or ()),
        )
        return replace(control, attributes=(("accept", "image/*"),) if self.pictures else ())

    def filled(self, control: Control, given: Sequence[Any]) -> Control:
        """The control with the files that a refused form named."""
        parts = [str(each).partition("/") for each in given]
        held = [Held(int(pk), name or pk) for pk, _slash, name in parts if pk.isascii() and pk.isdecimal()]
        return replace(control, choices=tuple(self._choice(one) for one in held))

    def _choice(self, one: Held, door: str = "") -> Choice:
        picture = f"{door}{one.small}" if self.pictures else ""
        return Choice(key=f"{one.pk}/{one.name}", label=one.name, selected=True, picture=picture)

    def search_texts(self, value: Any, spec: FieldSpec, fmt: Format) -> tuple[str, ...]:
        return tuple(one.name for one in value or ())

    def files_of(self, value: Any) -> tuple[tuple[int, str], ...]:
        return tuple((one.pk, one.name) for one in value or ())

    def twin_key(self, value: Any, spec: FieldSpec) -> str | None:
        return None

    # --- filters ---

    def compile(self, spec: FieldSpec, operator: str, value: Any, ref: str, context: Context) -> Sql:
        if operator != "contains":
            return super().compile(spec, operator, value, ref, context)
        words = self._words(spec, value)
        held = self.expression(spec, ref) if spec.column is not None else f"({ref}.custom->{literal(spec.key)})"
        names = f"(SELECT string_agg(f.one->>{literal('name')}, E'\\n') FROM jsonb_array_elements({held}) AS f(one))"
        return all_of([finds(names, word) for word in words])

    def answer(self, spec: FieldSpec, operator: str, value: Any, held: Any, context: Context) -> bool:
        if operator != "contains":
            return super().answer(spec, operator, value, held, context)
        words = self._words(spec, value)
        names = "\n".join(one.name for one in held or ())
        return bool(held) and all(re.search(pattern(word), names) for word in words)

    def _words(self, spec: FieldSpec, value: Any) -> list[str]:
        words = clean_line(text_of(value)).split()
        if not words:
            raise FieldError(_("“%(label)s”的条件缺少要查找的文字。") % {"label": spec.label})
        return words[:20]


class PicturesOf(FilesOf):
    """Up to twenty pictures, shown small."""

    key = "picture"
    title = gettext_lazy("图片")
    icon = "photo"
    columns = (PicturesField,)
    pictures = True

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        if not value:
            return EMPTY
        more = len(value) - SHOWN_PICTURES
        rest = Markup('<span class="kz-dim">+{}</span>').format(more) if more > 0 else Markup("")
        return Markup("").join(_picture(one, "kz-thumb", fmt.door) for one in value[:SHOWN_PICTURES]) + rest

    def line(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        return Markup("").join(_picture(one, "kz-thumb kz-thumb-big", fmt.door) for one in value) if value else EMPTY


def _link(one: Held, door: str) -> Markup:
    return Markup('<a href="{}" title="{}">{}</a>').format(f"{door}{one.url}", one.name, one.name)


def _picture(one: Held, css: str, door: str) -> Markup:
    return Markup('<a href="{0}"><img class="{2}" src="{3}" alt="{1}" title="{1}" loading="lazy"></a>').format(
        f"{door}{one.url}", one.name, css, f"{door}{one.small}"
    )
