"""How many records of each kind point at a record, and how many files it has: one statement, counted to 1,000."""

from __future__ import annotations

from collections.abc import Mapping

from kezhou.access.actor import Actor
from kezhou.records import Entry, type_of
from kezhou.records.filters import Compiler, Leaf, seen
from kezhou.records.reading import context
from kezhou.records.rows import run
from kezhou.records.spec import FilterError
from kezhou.records.sql import Sql, all_of
from kezhou.timeline.branches import linked_panels

COUNTED = 1_000
FILES = "files"


def counts(actor: Actor, entry: Entry) -> Mapping[str, int]:
    """By the key of the list, as far as the actor sees them, and under `files`."""
    text = "SELECT 1 FROM files_attachment a WHERE a.type = %s AND a.record = %s AND a.deleted_at IS NULL"
    parts = [(FILES, Sql(text, (entry.type.key, entry.pk)))]
    compiler = Compiler(actor, context())
    for panel in linked_panels(actor, entry):
        other = type_of(actor, str(panel.type))
        try:
            points = compiler.sql(Leaf(str(panel.link), "eq", entry.pk), other, "o")
        except FilterError:
            continue  # the actor may not see what it points to
        where = all_of([points, *seen(other, actor, "o")])
        parts.append((panel.key, Sql(f"SELECT 1 FROM {other.rows} o WHERE {where.text}", where.params)))
    rows = run(
        Sql(
            " UNION ALL ".join(f"SELECT %s, count(*) FROM ({part.text} LIMIT {COUNTED}) p" for _key, part in parts),
            tuple(value for key, part in parts for value in (key, *part.params)),
        )
    )
    return dict(rows)
