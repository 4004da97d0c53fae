"""The connection pool of a process: few connections, short lives, and a memory that only our backend may read."""

import select
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

LIFETIME_SECONDS = 600.0  # a PostgreSQL backend grows by some 10 MB for every tenant it has ever touched
QUIET_SECONDS = 30.0


class Pooled(psycopg.Connection[Any]):
    """A connection of the pool that knows when it was put back, and while it lies there into which schema it looks (None: nobody can be sure)."""

    put_back_at = 0.0
    schema: str | None = None

    def leave(self, schema: str | None) -> None:
        """Note what the connection looks into as it goes back; what may still be rolled back is not sure."""
        self.put_back_at = time.monotonic()
        self.schema = schema if self.info.transaction_status == TransactionStatus.IDLE else None

    def take(self) -> str | None:
        """What it looks into; whoever took it names schemas from now on, and puts it back by `leave` or trusted in nothing."""
        schema, self.schema = self.schema, None
        return schema


class Pool(ConnectionPool[Pooled]):
    """Our backend takes connections by `getconn` as they were left, and names another schema before the first statement of another
    tenant. Whoever takes one below Django gets it clean.

    Wiping each on its way back cost two statements a request and two switches of threads, which was a fifth of a search.
    """

    @contextmanager
    def connection(self, timeout: float | None = None) -> Iterator[Pooled]:
        with super().connection(timeout) as found:
            wipe(found)
            yield found


def wipe(connection: Pooled) -> None:
    """Make a connection forget its tenant."""
    connection.autocommit = True
    connection.execute("SET search_path = ''")
    connection.schema = None


def is_lost(connection: Pooled) -> bool:
    """Whether a connection that was waiting in the pool has lost its server.

    A server that ends says so on the socket, which costs a look and no round trip; who waited long is asked anyway, because
    a network may have gone without a word. Asking at every request took a fifth of the time of reading a record.
    """
    waited = time.monotonic() - connection.put_back_at
    if waited < QUIET_SECONDS and not _has_news(connection):
        return False
    try:
        connection.execute("")
        connection.rollback()  # of the transaction that begins where it was left without autocommit
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
        "connection_class": Pooled,
    }
