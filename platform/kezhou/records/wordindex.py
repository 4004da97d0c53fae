"""Finding words in a million records: pairs of neighbouring characters of the main fields, in a GIN index built where a table is large.

The index is an expression of PostgreSQL's own immutable functions, so a small company pays nothing, no column is stored twice and no
trigger runs. It only narrows: pairs of every spelling of the word are asked for, and the exact match (`folding.finds`) has the last
word. Trigram indexes do not help here: a Chinese word has two characters. Words of one character read on without it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, product

import psycopg
from django.db import connection, transaction

from kezhou.records import shape
from kezhou.records.folding import spellings
from kezhou.records.indexing import run_direct
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql, all_of, quoted

log = logging.getLogger("kezhou.records")

LARGE = 20_000
"""Rows from which a table gets the index: below, reading every row takes a few milliseconds."""
MOST_SPELLINGS = 256


def worded(spec: TypeSpec) -> tuple[FieldSpec, ...]:
    """The fields in which keywords are looked for, whoever asks: an actor sees a part of them."""
    return tuple(
        field
        for field in spec.fields
        if (field.searchable or field.title or field.key == "number") and field.kind.worded
    )


def pairs(spec: TypeSpec, ref: str) -> str:
    """SQL of all pairs of neighbouring characters, those that begin at odd places and those at even ones."""
    texts = " || E'\\n' || ".join(f"COALESCE({field.kind.expression(field, ref)}, '')" for field in worded(spec))
    text = f"lower({texts})"
    cut = "regexp_replace({}, '(..)', E'\\\\1\\x01', 'g')"
    halves = (cut.format(text), cut.format(f"substr({text}, 2)"))
    return " || ".join(f"string_to_array({half}, E'\\x01')" for half in halves)


def name_of(spec: TypeSpec) -> str:
    """The index's name; another set of fields is another index."""
    digest = hashlib.sha256(pairs(spec, "t").encode()).hexdigest()[:8]
    return f"{_stem(spec)}{digest}"


def _stem(spec: TypeSpec) -> str:
    """How the names of a type's word indexes begin; of types that share a table each has its own."""
    part = f"{spec.discriminator[1]}_" if spec.discriminator else ""
    return f"ix_{spec.table[:36]}_words_{part}"


def narrowed(spec: TypeSpec, word: str, ref: str) -> Sql | None:
    """A condition that holds wherever `word` (folded) occurs, which the index answers; None where it cannot help."""
    if not spec.words_indexed or len(word) < 2:
        return None
    found = []
    for first, second in pairwise(word):
        ways = {a + b for a, b in product(spellings(first), spellings(second))}
        if len(ways) <= MOST_SPELLINGS:
            found.append(sorted({way.lower() for way in ways}))
    if not found:
        return None
    expression = pairs(spec, ref)
    return all_of([Sql(f"(({expression}) && %s::text[])", (ways,)) for ways in found])


def applied(types: Mapping[str, TypeSpec]) -> dict[str, TypeSpec]:
    """The types of a tenant, those marked whose index stands; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid "
            "WHERE c.relnamespace = current_schema()::regnamespace AND i.indisvalid AND c.relname LIKE 'ix\\_%%\\_words\\_%%'"
        )
        built = {row[0] for row in cursor.fetchall()}
    return {
        key: replace(spec, words_indexed=True) if built and name_of(spec) in built else spec
        for key, spec in types.items()
    }


def wanted(types: Mapping[str, TypeSpec]) -> tuple[TypeSpec, ...]:
    """Types with many rows that have no index yet: one statement, and one for each large table that several types share."""
    lacking: dict[str, list[TypeSpec]] = {}
    for spec in types.values():
        if not spec.words_indexed and worded(spec):
            lacking.setdefault(spec.table, []).append(spec)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' "
            "AND reltuples >= %s AND relname = ANY(%s)",
            [LARGE, sorted(lacking)],
        )
        large = [row[0] for row in cursor.fetchall()]
    return tuple(spec for table in large for spec in _many(lacking[table]))


def _many(specs: Sequence[TypeSpec]) -> Iterable[TypeSpec]:
    """Of the types of one large table those that have many of its rows."""
    column = specs[0].discriminator[0] if specs[0].discriminator else ""
    if not column:
        return specs
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {quoted(column)}, count(*) FROM {quoted(specs[0].table)} GROUP BY 1")
        rows = dict(cursor.fetchall())
    return [spec for spec in specs if spec.discriminator and rows.get(spec.discriminator[1], 0) >= LARGE]


def build(spec: TypeSpec) -> bool:
    """Build the index concurrently and drop those of earlier sets of fields; False when it did not come about."""
    name, table = name_of(spec), quoted(spec.table)
    only = f" WHERE TRUE{spec.only(table)}" if spec.discriminator else ""
    create = f"CREATE INDEX CONCURRENTLY {quoted(name)} ON {table} USING gin (({pairs(spec, table)})){only}"
    try:
        run_direct([f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(name)}", create, f"ANALYZE {table}"])
        run_direct([f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(old)}" for old in _earlier(spec, name)])
    except psycopg.Error as error:
        log.warning("index %s was not built: %s", name, error)
        return False
    with transaction.atomic():
        shape.bump()
    return True


def _earlier(spec: TypeSpec, name: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
            "AND starts_with(relname::text, %s) AND relname <> %s",
            [_stem(spec), name],
        )
        return [row[0] for row in cursor.fetchall()]
