"""The connection pool of a process: few connections, short lives, and a memory that is wiped on the way back."""

import select
import time
from collections.abc import Mapping
from typing import Any

import psycopg

LIFETIME_SECONDS = 600.0  # a PostgreSQL backend grows by some 10 MB for every tenant it has ever touched
QUIET_SECONDS = 30.0


class Pooled(psycopg.Connection[Any]):
    """A connection of the pool that knows when it was put back."""

    put_back_at = 0.0


def reset_pooled(connection: "psycopg.Connection[Any]") -> None:
    """Make a connection that goes back to the pool forget its tenant."""
    connection.autocommit = True
    connection.execute("SET search_path = ''")
    if isinstance(connection, Pooled):
        connection.put_back_at = time.monotonic()


def is_lost(connection: "psycopg.Connection[Any]") -> bool:
    """Whether a connection that was waiting in the pool has lost its server.

    A server that ends says so on the socket, which costs a look and no round trip; who waited long is asked anyway, because
    a network may have gone without a word. Asking at every request took a fifth of the time of reading a record.
    """
    waited = time.monotonic() - getattr(connection, "put_back_at", 0.0)
    if waited < QUIET_SECONDS and not _has_news(connection):
        return False
    try:
        connection.execute("")
    except psycopg.OperationalError:
        return True
    return connection.closed


def _has_news(connection: "psycopg.Connection[Any]") -> bool:
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def pool_options(*, smallest: int, largest: int) -> Mapping[str, Any]:
    """OPTIONS["pool"] of the database settings."""
    return {
        "min_size": smallest,
        "max_size": largest,
        "max_lifetime": LIFETIME_SECONDS,
        "max_idle": 60.0,
        "timeout": 10.0,
        "reset": reset_pooled,
        "connection_class": Pooled,
    }
