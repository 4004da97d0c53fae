"""A filtered list's page and its count in one statement, so that what the filter lets through is found once, not twice.

The narrow rows (key, sort keys, sums) are kept for the length of the statement; only those of the page are read whole. Beyond
`most` rows this would sort too much: the statement then brings the count alone, and the page is read in index order instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from kezhou.records.keyset import Key
from kezhou.records.sql import Sql


def counted_page(
    select: str, table: str, source: Sql, *, keys: Sequence[Key], sums: Sequence[str], size: int, offset: int, most: int
) -> Sql:
    """Rows of (count, sums…, averages…, the select list…); one row with an empty select list when the page is empty or not read."""
    narrow = ["t.id", *(f"{key.expression} AS k{n}" for n, key in enumerate(keys))]
    narrow += [f"{expression} AS s{n}" for n, expression in enumerate(sums)]
    order = ", ".join(
        [*(f"h.k{n} {_way(key.descending)} NULLS LAST" for n, key in enumerate(keys)), f"h.id {_way(_last_down(keys))}"]
    )
    places = range(len(sums))
    each = [*(f"sum(s{n}) AS t{n}" for n in places), *(f"avg(s{n}) AS a{n}" for n in places)]
    totals = ", ".join(["count(*) AS n", *each])
    return Sql(
        f"WITH h AS MATERIALIZED (SELECT {', '.join(narrow)} {source.text} LIMIT {most + 1}) "
        f"SELECT c.*, p.* FROM (SELECT {totals} FROM h) c LEFT JOIN LATERAL ("
        f"SELECT {select} FROM (SELECT h.*, row_number() OVER (ORDER BY {order}) AS place FROM h "
        f"WHERE c.n <= {most} ORDER BY place LIMIT {size} OFFSET {offset}) h JOIN {table} t ON t.id = h.id "
        "ORDER BY h.place) p ON TRUE",
        source.params,
    )


def _last_down(keys: Sequence[Key]) -> bool:
    return keys[-1].descending if keys else True


def _way(descending: bool) -> str:
    return "DESC" if descending else "ASC"
