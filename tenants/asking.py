"""One statement over the schemas of many companies, for counts that the operator sees and that billing goes by."""

from collections.abc import Sequence
from typing import Any

from django.db import ProgrammingError, connection, transaction

Rows = list[tuple[Any, ...]]


def of_each(statement: str, schemas: Sequence[str]) -> Rows:
    """The rows of a statement of ours, asked of every schema (its ``{schema}``) at once. In the control plane.

    A company whose tables are not as they should be (an upgrade that failed, a schema dropped by hand) is left out: it must not hide the others.
    """
    if not schemas:
        return []
    try:
        return _asked(" UNION ALL ".join(statement.format(schema=schema) for schema in schemas))
    except ProgrammingError:
        return [row for schema in schemas for row in _of_one(statement.format(schema=schema))]


def _of_one(statement: str) -> Rows:
    try:
        return _asked(statement)
    except ProgrammingError:
        return []


def _asked(statement: str) -> Rows:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        rows: Rows = cursor.fetchall()
        return rows
