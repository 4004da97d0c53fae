"""What an operator is told of an error inside a company: enough to act on, and no value of its rows (TEN-05)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from smtplib import SMTPRecipientsRefused

import pytest
from django.db import connection, transaction

from tenants.context import Current, tenant
from tenants.faults import without_data

PHONE = "13880001234"


def failing(statement: str) -> Callable[[], object]:
    def run() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE people (mobile text CONSTRAINT once UNIQUE)")
            cursor.execute(f"INSERT INTO people VALUES ('{PHONE}')")
            cursor.execute(statement)

    return run


def of_mail() -> None:
    raise SMTPRecipientsRefused({f"{PHONE}@example.com": (550, b"no such mailbox")})


def of_ours() -> None:
    raise ValueError(f"{PHONE} is no customer")


@pytest.mark.req("TEN-05", part="no business data in errors")
@pytest.mark.parametrize(
    ("does", "told"),
    [
        (failing(f"INSERT INTO people VALUES ('{PHONE}')"), "IntegrityError: 23505 people once"),
        (failing("SELECT mobile::int FROM people"), "DataError: 22003"),
        (failing("SELECT * FROM nothing_there"), 'ProgrammingError: relation "nothing_there" does not exist'),
        (
            lambda: Path("/nowhere/at/all").stat(),
            "FileNotFoundError: [Errno 2] No such file or directory: '/nowhere/at/all'",
        ),
        (of_mail, f"SMTPRecipientsRefused (tenants/test_faults.py:{of_mail.__code__.co_firstlineno + 1})"),
        (of_ours, f"ValueError (tenants/test_faults.py:{of_ours.__code__.co_firstlineno + 1})"),
    ],
    ids=["doubled", "unreadable", "no table", "no file", "mail", "ours"],
)
def test_what_is_told_of_an_error_holds_no_value(alpha: Current, does: Callable[[], object], told: str) -> None:
    with tenant(alpha), pytest.raises(Exception) as seen:  # noqa: PT011  # each is another one
        does()

    assert without_data(seen.value) == told
