"""Pages by keyset: the rows after (or before) one row in an order of up to three keys, empties always last.

A comparison of tuples would lose rows with empties, and an OR over them defeats the index (`bones.md`, 6). So a page is a
UNION ALL of segments, each a plain range in index order with its own limit: first those equal in all keys but the last, … at the
end the empties of the first key. PostgreSQL reads them one after the other and stops when the page is full.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import gettext as _

from kezhou.records.spec import FilterError
from kezhou.records.sql import Sql


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the order: an SQL expression under alias `t`, its direction, and whether it can be NULL."""

    name: str
    expression: str
    descending: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A row to go on from: its sort values as text (None for empty) and its primary key."""

    values: tuple[str | None, ...]
    pk: int


def encode(order: str, place: Place) -> str:
    """A place as an opaque text for URLs; `order` ties it to the sort it was made for."""
    return base64.urlsafe_b64encode(orjson.dumps([order, place.values, place.pk])).decode().rstrip("=")


def decode(order: str, text: str) -> Place:
    """The place of `encode`. Raises FilterError for anything else, or for one of another sort."""
    try:
        found, values, pk = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if found == order and all(value is None or isinstance(value, str) for value in values):
            return Place(tuple(values), int(pk))
    except (ValueError, TypeError, binascii.Error):
        pass
    raise FilterError(_("翻页标记不适合当前的排序，请从第一页重新开始。"))


def pages(
    select: str, source: Sql, keys: Sequence[Key], place: Place | None, limit: int, *, backward: bool = False
) -> Sql:
    """The statement for one page. `source` is FROM and WHERE; rows come nearest to `place` first."""
    segments = _segments(keys, place, backward)
    order = _order(keys, backward)
    parts = [
        Sql(
            f"(SELECT {select} {source.text} AND {condition.text} ORDER BY {order} LIMIT {limit})",
            (*source.params, *condition.params),
        )
        for condition in segments
    ]
    if len(parts) == 1:
        return Sql(parts[0].text[1:-1], parts[0].params)
    text = " UNION ALL ".join(part.text for part in parts)
    return Sql(f"{text} LIMIT {limit}", tuple(param for part in parts for param in part.params))


def far_page(select: str, table: str, source: Sql, keys: Sequence[Key], *, offset: int, limit: int) -> Sql:
    """The statement for one page by its number: what is skipped is put in order by its keys alone, as whole rows with sixty
    own fields do not fit into the memory of a sort.
    """
    order = pages("t.id", source, keys, None, offset + limit)
    return Sql(
        f"SELECT {select} FROM unnest(ARRAY(SELECT q.id FROM ({order.text}) q OFFSET {offset})) WITH ORDINALITY p(id, place) "
        f"JOIN {table} t ON t.id = p.id ORDER BY p.place",
        order.params,
    )


def _order(keys: Sequence[Key], backward: bool) -> str:
    """Inside a segment at most the keys after the split vary; a key that is NULL or equal throughout costs nothing."""
    parts = []
    for place, key in enumerate(keys):
        down = key.descending != backward
        nulls = "" if place == 0 or not key.nullable else (" NULLS FIRST" if backward else " NULLS LAST")
        parts.append(f"{key.expression} {'DESC' if down else 'ASC'}{nulls}")
    last = keys[-1].descending if keys else True
    parts.append(f"t.id {'DESC' if last != backward else 'ASC'}")
    return ", ".join(parts)


def _segments(keys: Sequence[Key], place: Place | None, backward: bool) -> list[Sql]:
    if place is None:
        return _whole(keys, backward)
    found: list[Sql] = []
    down = keys[-1].descending if keys else True
    sign = "<" if down != backward else ">"
    found.append(_join([*_equal(keys, place), Sql(f"t.id {sign} %s", (place.pk,))]))
    for depth in range(len(keys) - 1, -1, -1):
        found += [
            _join([*_equal(keys[:depth], place), part]) for part in _beyond(keys[depth], place.values[depth], backward)
        ]
    return found


def _whole(keys: Sequence[Key], backward: bool) -> list[Sql]:
    if not keys or not keys[0].nullable:
        return [Sql("TRUE")]
    full, empty = Sql(f"{keys[0].expression} IS NOT NULL"), Sql(f"{keys[0].expression} IS NULL")
    return [empty, full] if backward else [full, empty]


def _equal(keys: Sequence[Key], place: Place) -> list[Sql]:
    return [
        Sql(f"{key.expression} IS NULL") if value is None else Sql(f"{key.expression} = %s", (value,))
        for key, value in zip(keys, place.values, strict=False)
    ]


def _beyond(key: Key, value: Any, backward: bool) -> list[Sql]:
    """Rows strictly after (before) `value` in this key alone: values in their direction, then empties."""
    if value is None:
        return [Sql(f"{key.expression} IS NOT NULL")] if backward else []
    sign = "<" if key.descending != backward else ">"
    found = [Sql(f"{key.expression} {sign} %s", (value,))]
    if key.nullable and not backward:
        found.append(Sql(f"{key.expression} IS NULL"))
    return found


def _join(parts: Sequence[Sql]) -> Sql:
    return Sql(" AND ".join(part.text for part in parts), tuple(param for part in parts for param in part.params))
