"""What was read in a transaction and holds until it ends, by schema: nobody asks twice for what cannot be another."""

from collections.abc import MutableMapping
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from tenants.backend.base import DatabaseWrapper
from tenants.context import current


def facts() -> MutableMapping[str, Any]:
    """A place for facts of the entered tenant that lasts as long as the running transaction.

    A commit and a rollback, to a savepoint too, forget them. Outside a transaction it is a fresh one at each call.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if not isinstance(connection, DatabaseWrapper) or not connection.in_atomic_block:
        return {}
    return connection.facts.setdefault(current().schema, {})
