"""What an operator is told of an error that came up inside a company: enough to act on, and no value of its rows (TEN-05).

The whole of it is in the log. PostgreSQL quotes values in what it says of wrong or doubled data ("Key (mobile)=(138…) already exists"),
and so do most exceptions; only what cannot hold a value is taken from them.
"""

import traceback
from pathlib import Path

from django.db import Error

NAMELESS = ("08", "42", "53", "55", "57", "58")
"""Classes of SQLSTATE that speak of connections, tables, room and time, never of rows."""
LONGEST = 500


def without_data(error: BaseException) -> str:
    """The kind of error with what is safe of it; for others the place in the code."""
    kind = type(error).__name__
    if isinstance(error, Error) and hasattr(error.__cause__, "diag"):
        return f"{kind}: {_of_database(error.__cause__)}"[:LONGEST]
    if isinstance(error, OSError) and error.errno is not None:  # the system's: mail and web libraries quote addresses
        return f"{kind}: {error}"[:LONGEST]
    return f"{kind} ({_place(error)})"[:LONGEST]


def _of_database(cause: object) -> str:
    diag = cause.diag  # type: ignore[attr-defined]  # psycopg's, asked for above
    state = diag.sqlstate or ""
    if state.startswith(NAMELESS):
        return diag.message_primary or state
    names = (diag.table_name, diag.column_name, diag.constraint_name)
    return " ".join(filter(None, (state, *names)))


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "-"
    last = frames[-1]
    return f"{'/'.join(Path(last.filename).parts[-2:])}:{last.lineno}"
