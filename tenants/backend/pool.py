"""The connection pool of a process: few connections, short lives, and a memory that is wiped on the way back."""

from collections.abc import Mapping
from typing import Any

import psycopg

LIFETIME_SECONDS = 600.0  # a PostgreSQL backend grows by some 10 MB for every tenant it has ever touched


def reset_pooled(connection: "psycopg.Connection[Any]") -> None:
    """Make a connection that goes back to the pool forget its tenant."""
    connection.autocommit = True
    connection.execute("SET search_path = ''")


def pool_options(*, smallest: int, largest: int) -> Mapping[str, Any]:
    """OPTIONS["pool"] of the database settings."""
    return {
        "min_size": smallest,
        "max_size": largest,
        "max_lifetime": LIFETIME_SECONDS,
        "max_idle": 60.0,
        "timeout": 10.0,
        "reset": reset_pooled,
    }
