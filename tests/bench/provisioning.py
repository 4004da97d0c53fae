"""Replaying the snapshot of the core's tables against migrating them."""

import time

from django.db import connection, transaction

from tenants import snapshots
from tenants.apps_of import core_labels
from tenants.context import Current, control_plane, tenant
from tenants.migrator import migrate

ROUNDS = 20


def main() -> dict[str, object]:
    """Seconds of replays into throw-away schemas, and of one migration of the same tables."""
    seconds = []
    for number in range(ROUNDS):
        with control_plane(), transaction.atomic():
            begun = time.perf_counter()
            snapshots.replay(f"t_bench_replay_{number}")
            seconds.append(time.perf_counter() - begun)
            transaction.set_rollback(True)
    schema = "t_bench_migrated"
    with control_plane(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {schema}")
    begun = time.perf_counter()
    with tenant(Current(pk=0, slug="bench-migrated", name="", schema=schema)):
        migrate(sorted(core_labels()))
    migrating = time.perf_counter() - begun
    with control_plane(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {schema} CASCADE")
    seconds.sort()
    p95 = seconds[int(ROUNDS * 0.95)]
    return {"replay_p95": p95, "migrating": migrating, "ratio": migrating / seconds[ROUNDS // 2]}
