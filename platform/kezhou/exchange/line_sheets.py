"""The lines of exported records, each kind on a sheet of its own, whose first column names the record (`matching.naming_field`)."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.exchange.matching import naming_field, parent_title
from kezhou.exchange.paging import exported, pages
from kezhou.exchange.views import ExchangeError
from kezhou.records import ListRequest
from kezhou.records.lines.reading import rows_of
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec
from kezhou.records.structure import LinesSpec

MOST = 1_000_000


def line_kinds(actor: Actor, spec: TypeSpec, chosen: Container[str] | None = None) -> tuple[LinesSpec, ...]:
    """The kinds of lines that the actor may export, those chosen when a choice is given.

    None where the actor may not see by what the records are called: rows that name nothing could not be told apart.
    """
    known = records.types(actor)
    if naming_field(spec) not in {field.key for field in records.fields_for(spec, actor, Purpose.EXPORT)}:
        return ()
    return tuple(
        lines
        for lines in spec.lines
        if (chosen is None or lines.key in chosen) and lines.type in known and "export" in known[lines.type].operations
    )


def line_columns(actor: Actor, lines: LinesSpec, purpose: Purpose = Purpose.EXPORT) -> tuple[FieldSpec, ...]:
    """The columns of a sheet of lines behind the record's name: as they stand in the record, then further own fields."""
    known = {field.key: field for field in records.fields_for(lines.type, actor, purpose)}
    own = [key for key, field in known.items() if field.custom and key not in lines.columns]
    return tuple(known[key] for key in (*lines.columns, *own) if key in known)


def line_titles(actor: Actor, spec: TypeSpec, lines: LinesSpec, purpose: Purpose = Purpose.EXPORT) -> list[str]:
    """The header of a sheet of lines."""
    return [parent_title(spec), *(str(field.label) for field in line_columns(actor, lines, purpose))]


def line_rows(
    actor: Actor, spec: TypeSpec, lines: LinesSpec, request: ListRequest, *, most: int | None = MOST
) -> Iterator[list[Any]]:
    """The sheet of one kind of lines of the records that the list shows, in the list's order. Raises ExchangeError beyond `most`."""
    columns, count = line_columns(actor, lines), 0
    yield line_titles(actor, spec, lines)
    for page in pages(actor, spec, replace(request, columns=(naming_field(spec),))):
        found = rows_of(actor, lines, [row.pk for row in page.rows])
        for row in page.rows:
            for line in found.get(row.pk, ()):
                values = ((line.field(field.key) or field, line.values.get(field.key)) for field in columns)
                yield [row.texts[0], *(exported(field, value, line.fmt) for field, value in values)]
                count += 1
        if most is not None and count > most:
            sentence = _("%(lines)s超过 %(limit)s 行，一个文件放不下。请先筛选，分几次导出。")
            raise ExchangeError(sentence % {"lines": lines.title, "limit": f"{most:,}"})
