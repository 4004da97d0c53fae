"""Bringing the shared schema and every tenant to the present code. Safe to stop and to start again at any moment."""

import hashlib
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.db import close_old_connections, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from tenants import snapshots
from tenants.apps_of import core_labels, shared_labels
from tenants.context import EXTENSIONS, Current, control_plane, in_control_plane, tenant
from tenants.directory import currents_of, forget_hosts
from tenants.faults import without_data
from tenants.migrator import migrate
from tenants.models import Tenant, TenantPlugin, UpgradeEntry

logger = logging.getLogger(__name__)
NEEDED_EXTENSIONS = ("pg_trgm", "btree_gin", "btree_gist")
_SHARED_LOCK = 0x6B7A_0001
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A tenant that is not at the present code, and the apps whose migrations it wants."""

    place: Current
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an upgrade did: slugs that are done, and sentences for those that failed."""

    done: tuple[str, ...]
    failed: dict[str, str]


FollowUp = Callable[[], object]
_follow_ups: dict[str, FollowUp] = {}


def register_follow_up(name: str, function: FollowUp) -> None:
    """Add what every upgraded tenant gets once its tables are at the present code, inside the tenant; it may run again."""
    _follow_ups[name] = function


def _silent(sentence: str) -> None:
    """Tell nobody."""


def prepare_shared(say: Say = _silent) -> None:
    """Extensions, the shared schema's tables, and the snapshot of the core's tables. One process at a time."""
    with control_plane(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_SHARED_LOCK])
        try:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {EXTENSIONS}")
            for name in NEEDED_EXTENSIONS:
                cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA {EXTENSIONS}")
            for label, name in migrate(sorted(shared_labels())):
                say(f"Shared tables: {label} {name}.")
            if snapshots.ensure():
                say("The tables of a new company are prepared.")
        finally:
            with connection.cursor() as last:  # a failed migration has closed the connection, and freed the lock
                last.execute("SELECT pg_advisory_unlock(%s)", [_SHARED_LOCK])


def expected(labels: Iterable[str], loader: MigrationLoader | None = None) -> dict[str, str]:
    """The fingerprint, per app, of a schema in which all migrations on disk are applied."""
    on_disk = (loader or MigrationLoader(None)).disk_migrations
    names: dict[str, list[str]] = {label: [] for label in labels}
    for label, name in on_disk:
        if label in names:
            names[label].append(name)
    return {label: _fingerprint(found) for label, found in names.items() if found}


def _fingerprint(names: Iterable[str]) -> str:
    return hashlib.md5(",".join(sorted(names)).encode(), usedforsecurity=False).hexdigest()


def pending() -> tuple[Pending, ...]:
    """The tenants with something to migrate, found by one statement over all schemas."""
    with control_plane():
        rows = list(Tenant.objects.exclude(status=Tenant.Status.FAILED).order_by("pk"))
        places = list(currents_of(rows))
        tables: dict[int, set[str]] = {}
        for pk, name in TenantPlugin.objects.filter(has_tables=True).values_list("tenant_id", "name"):
            tables.setdefault(pk, set()).add(name)
        wanted = {place.pk: core_labels() | tables.get(place.pk, set()) for place in places}
        found = _applied(places)
    prints = expected(set().union(*wanted.values()) if wanted else set())
    result = []
    for place in places:
        behind = [label for label in sorted(wanted[place.pk]) if _differs(prints, found, place, label)]
        if behind:
            result.append(Pending(place=place, labels=tuple(behind)))
    return tuple(result)


def _differs(prints: dict[str, str], found: dict[tuple[str, str], str], place: Current, label: str) -> bool:
    return label in prints and found.get((place.schema, label)) != prints[label]


def _applied(places: list[Current]) -> dict[tuple[str, str], str]:
    """The fingerprint of what is applied, by schema and app: one UNION over all schemas."""
    if not places:
        return {}
    one = (
        "SELECT '{0}' AS schema, app, md5(string_agg(name, ',' ORDER BY name COLLATE \"C\"))"
        ' FROM "{0}".django_migrations GROUP BY app'
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one.format(place.schema) for place in places))
        return {(schema, app): digest for schema, app, digest in cursor.fetchall()}


def target() -> str:
    """The name of the present code's state in the ledger."""
    prints = expected({label for label, _ in MigrationLoader(None).disk_migrations})
    return hashlib.sha256(repr(sorted(prints.items())).encode()).hexdigest()


def run(jobs: int = 2, say: Say = _silent) -> Outcome:
    """Migrate the tenants that are behind, ``jobs`` at a time. One that fails is told in the ledger and stops alone."""
    waiting = pending()
    if not waiting:
        return Outcome(done=(), failed={})
    say(f"{len(waiting)} companies are brought to the present version.")
    goal = target()
    done: list[str] = []
    failed: dict[str, str] = {}
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        for item, problem in pool.map(lambda item: (item, _in_thread(item, goal)), waiting):
            if problem is None:
                done.append(item.place.slug)
                say(f"{item.place.slug}: done.")
            else:
                failed[item.place.slug] = problem
                say(f"{item.place.slug}: {problem}")
    forget_hosts()
    return Outcome(done=tuple(done), failed=failed)


def _in_thread(item: Pending, goal: str) -> str | None:
    close_old_connections()
    try:
        return upgrade_one(item, goal=goal)
    finally:
        connections.close_all()


def upgrade_one(item: Pending, *, goal: str) -> str | None:
    """Migrate one tenant and write it down; gives the sentence of what went wrong, or None."""
    _note(item, goal, UpgradeEntry.State.RUNNING)
    try:
        with tenant(item.place):
            applied = migrate(item.labels)
            for follow_up in _follow_ups.values():
                follow_up()
    except Exception as error:
        logger.exception("The company %s could not be upgraded.", item.place.slug)
        problem = f"{type(error).__name__}: {error}"
        _note(item, goal, UpgradeEntry.State.FAILED, error=without_data(error))
        return problem
    _note(item, goal, UpgradeEntry.State.DONE, applied=applied)
    return None


@in_control_plane
def _note(
    item: Pending, goal: str, state: str, *, error: str = "", applied: list[tuple[str, str]] | None = None
) -> None:
    finished = None if state == UpgradeEntry.State.RUNNING else timezone.now()
    values = {"state": state, "error": error, "applied": applied or [], "finished_at": finished}
    UpgradeEntry.objects.update_or_create(tenant_id=item.place.pk, target=goal, defaults=values)
