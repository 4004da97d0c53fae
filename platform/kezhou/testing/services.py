"""The database and cache servers of all test sessions of this checkout: started on demand, kept running.

python -m kezhou.testing.services stop      # what `make clean-test` calls
"""

import sys
from functools import lru_cache

from kezhou.local.postgres import Postgres
from kezhou.local.valkey import Valkey
from kezhou.testing.settings import TEST_HOME

# One server takes the connections of every test worker of every session on the machine.
POSTGRES_SETTINGS = {"max_connections": "200", "shared_buffers": "64MB", "max_locks_per_transaction": "256"}


@lru_cache(maxsize=1)
def postgres() -> Postgres:
    """The running test server."""
    server = Postgres(TEST_HOME, durable=False, settings=POSTGRES_SETTINGS)
    server.start()
    return server


@lru_cache(maxsize=1)
def valkey() -> Valkey:
    """The running test cache and broker."""
    server = Valkey(TEST_HOME)
    server.start()
    return server


def stop() -> None:
    """Stop both servers and delete their data."""
    Postgres(TEST_HOME, durable=False).remove()
    Valkey(TEST_HOME).remove()


if __name__ == "__main__":
    if sys.argv[1:] != ["stop"]:
        raise SystemExit("Say `stop`: the servers start by themselves.")
    stop()
