"""The shape version: one integer per tenant, raised in the transaction that changes a field, layout, role or plugin.

Everything compiled from such settings is cached under (tenant, shape version). Versions never repeat, not even after a
rollback, so a cached value can never be taken for another.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, TypeVar

from django.db import connection

from tenants import outbox
from tenants.backend.facts import facts

ActorT = TypeVar("ActorT")
FACT = "records.shape"


def version(actor: Any = None) -> int:
    """The present version. An actor made from a request carries it already (no statement); otherwise each transaction asks once."""
    carried = getattr(actor, "shape_version", 0)
    if carried:
        return int(carried)
    known = facts()
    if FACT not in known:
        known[FACT] = _read()
    return int(known[FACT])


def _read() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM records_shape WHERE id = 1")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def unversioned(actor: ActorT) -> ActorT:
    """The actor without the version that its request began with: for whoever changes shape and reads on in the same request.

    Each question about types then costs a statement.
    """
    return replace(actor, shape_version=0) if getattr(actor, "shape_version", 0) else actor  # type: ignore[type-var]  # a MemberActor


def bump() -> int:
    """Raise the version in the running transaction and return it; readers of the outbox learn of it as core.shape."""
    fresh = time.time_ns() // 1000
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_shape AS s (id, version) VALUES (1, %s) "
            "ON CONFLICT (id) DO UPDATE SET version = GREATEST(s.version + 1, EXCLUDED.version) RETURNING version",
            [fresh],
        )
        raised = facts()[FACT] = int(cursor.fetchone()[0])
    outbox.append([outbox.Event(type="core.shape", pk=0, kind="changed")])
    return raised
