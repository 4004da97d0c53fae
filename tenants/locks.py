"""Advisory locks of PostgreSQL whose key carries the tenant."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from tenants.context import NoTenant, scope


def number(name: str) -> int:
    """The 64-bit key of a lock in the entered scope."""
    now = scope()
    if now is None:
        raise NoTenant(f"The lock {name!r} was asked for outside every tenant.")
    digest = hashlib.blake2b(f"{now.schema}\0{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@contextmanager
def locked(name: str) -> Iterator[None]:
    """A transaction that holds the lock till its end; waits for whoever holds it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number(name)])
        yield


@contextmanager
def try_locked(name: str) -> Iterator[bool]:
    """A transaction that tells whether it got the lock, without waiting; what runs in it decides what to do."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number(name)])
            got = bool(cursor.fetchone()[0])
        yield got
