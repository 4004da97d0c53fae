"""The rows given inside their parents: read, matched with the rows that are there, put in order, their problems told at the cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from kezhou.records import drafting
from kezhou.records.catalogue import shaped
from kezhou.records.drafting import Batch, Nested, Work
from kezhou.records.fields import Context
from kezhou.records.rows import load_custom, run, selection
from kezhou.records.sql import Sql, quoted
from kezhou.records.structure import LinesSpec
from kezhou.records.structuring import POSITION

MOST_ROWS = 500
"""Rows of one kind inside one record."""


def open_rows(batch: Batch, context: Context) -> None:
    """Read and check every row that the changes hold; nothing happens to lines that no change names."""
    for lines in batch.spec.lines:
        rows: list[Mapping[str, Any]] = []
        places: list[tuple[Work, int]] = []
        naming = [work for work in batch.works if lines.key in work.lines]
        for work in naming:
            for index, row in _given(work, lines):
                rows.append(row)
                places.append((work, index))
        if naming:
            spec = shaped(batch.actor).types[lines.type]
            inner = drafting.open_batch(
                batch.actor, spec, rows, source=batch.source, context=context, inside=lines.link
            )
            batch.nested.append(Nested(lines, inner, places, naming))


def _given(work: Work, lines: LinesSpec) -> Iterator[tuple[int, Mapping[str, Any]]]:
    given = work.lines[lines.key]
    if given is None or given == "":
        return
    if not isinstance(given, (list, tuple)):
        work.refuse(_("%(title)s应是一个行的列表。") % {"title": lines.title}, field=lines.key)
        return
    if len(given) > MOST_ROWS:
        sentence = _("%(title)s最多 %(limit)d 行，现在有 %(count)d 行。请分成几条记录。")
        work.refuse(sentence % {"title": lines.title, "limit": MOST_ROWS, "count": len(given)}, field=lines.key)
        return
    for index, row in enumerate(given):
        if isinstance(row, Mapping):
            yield index, {key: value for key, value in row.items() if key not in {lines.link, POSITION, "version"}}
        else:
            work.refuse(_("%(title)s的每一行应是字段和值。") % {"title": lines.title}, field=f"{lines.key}.{index}")


def lock_rows(batch: Batch) -> None:
    """Load and lock the rows that the parents have now: one statement per kind of lines."""
    for nested in batch.nested:
        parents = sorted(work.pk for work in nested.parents if work.pk is not None and work.alive)
        if parents:
            _match(nested, _load(nested, parents))


def _load(nested: Nested, parents: Sequence[int]) -> list[tuple[int, int, int, dict[str, Any], dict[str, Any]]]:
    """Parent, key, version, own fields and values of every row that is there, in order."""
    spec, fields = nested.batch.spec, list(nested.batch.fields.values())
    link = quoted(str(spec.by_key[nested.lines.link].column))
    chosen = selection(fields, ("id", "version"), custom=True)
    rows = run(
        Sql(
            f"SELECT {chosen.text} FROM {spec.rows} t WHERE t.{link} = ANY(%s) AND t.deleted_at IS NULL "
            "ORDER BY t.position, t.id FOR UPDATE OF t",
            (list(parents),),
        )
    )
    keys = [field.key for field in fields]
    found = []
    for row in rows:
        values = dict(zip(keys, chosen.read(row), strict=True))
        found.append((values[nested.lines.link], row[0], row[1], load_custom(row[chosen.custom or 0]), values))
    return found


def _match(nested: Nested, rows: Sequence[tuple[int, int, int, dict[str, Any], dict[str, Any]]]) -> None:
    there = {(parent, pk): (version, custom, values) for parent, pk, version, custom, values in rows}
    for key, pk, *_rest in rows:
        nested.before.setdefault(key, []).append(pk)
    kept: dict[int, set[int]] = defaultdict(set)
    for work in nested.batch.works:
        parent, _index = nested.places[work.position]
        if work.pk is None or parent.pk is None:
            continue
        found = there.get((parent.pk, work.pk))
        kept[parent.pk].add(work.pk)
        if found is None:
            sentence = _("这一行已经不在了，可能刚被别人删除。请去掉它，或刷新后再改。")
            work.refuse(sentence, code="not_found")
        else:
            work.version, work.custom, work.before = found
    nested.gone = {key: [pk for pk in pks if pk not in kept[key]] for key, pks in nested.before.items()}


def fill_rows(batch: Batch) -> None:
    """What every row becomes, with its place in the order; rows of a parent that is refused are left alone."""
    for nested in batch.nested:
        last: dict[int, int] = {}
        for work in nested.batch.works:
            parent, _index = nested.places[work.position]
            if work.pk is not None and work.before is None and work.alive:
                work.refuse(_("这一行不属于这条记录，请去掉它再保存。"), code="not_found")
            if not work.alive:
                continue
            stood = (work.before or {}).get(POSITION)
            place = _place(stood, last.get(parent.position, -1))
            last[parent.position] = place
            work.given[POSITION] = place
            if work.new:
                work.given[nested.lines.link] = parent.pk or 0
                drafting.fill_new(nested.batch, work)
            else:
                drafting.fill_changed(work)


def _place(stood: Any, last: int) -> int:
    """A row keeps its place when it still comes after the one before it, so that inserting one row changes few others."""
    return int(stood) if stood is not None and stood > last else last + 1


def report(batch: Batch) -> None:
    """Tell the problems of rows at their cells (`services.0.quantity`), and what changes in each parent's lines."""
    for nested in batch.nested:
        for work in nested.batch.works:
            parent, index = nested.places[work.position]
            for problem in work.problems:
                at = ".".join(filter(None, (nested.lines.key, str(index), problem.field)))
                parent.refuse(problem.sentence, field=at, code=problem.code)
        for parent in nested.parents:
            if parent.alive:
                _count(nested, parent)


def _count(nested: Nested, parent: Work) -> None:
    mine = [
        work
        for work in nested.batch.works
        if work.alive and nested.places[work.position][0].position == parent.position
    ]
    before, gone = len(nested.before.get(parent.pk or 0, ())), len(nested.gone.get(parent.pk or 0, ()))
    if gone or any(work.new or work.changed for work in mine):
        parent.line_changes[nested.lines.key] = (before, before - gone + sum(work.new for work in mine))
