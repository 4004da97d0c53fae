"""What code above may ask and change of the registry of companies; each function enters the control plane itself."""

import re
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from tenants import context
from tenants.context import Current, control_plane, current, in_control_plane
from tenants.models import Domain, Tenant, TenantLimit, TenantPlugin, TenantStateChange
from tenants.naming import Company, companies_named, host_of, slug_ideas, slug_problem
from tenants.states import EFFECTS, WORKING

CACHE_SECONDS = 10.0
__all__ = [
    "VERSION_SQL",
    "Company",
    "PluginState",
    "add_domain",
    "address_of",
    "by_schema",
    "companies_named",
    "current_of",
    "currents_of",
    "each_tenant",
    "entered",
    "find_by_host",
    "find_by_pk",
    "find_by_slug",
    "forget_hosts",
    "host_of",
    "note",
    "plugin_states",
    "raise_version",
    "refresh_current",
    "renew",
    "set_limits",
    "set_plugin_state",
    "set_state",
    "slug_ideas",
    "slug_problem",
    "tenants",
    "tenants_with",
]  # fmt: skip
# The version of the entered tenant as a scalar subquery, for statements that run in the tenant anyway: whoever reads
# it compares with current().version and calls renew() when they differ.
VERSION_SQL = "(SELECT version FROM public.tenants_tenant WHERE schema_name = current_schema())"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginState:
    """A plugin in the entered tenant; ``state`` is installing, on, off or failed, ``error`` a sentence."""

    name: str
    state: str
    has_tables: bool
    error: str


_by_host: dict[str, tuple[float, Current | None]] = {}
_LARGEST_CACHE = 10_000


# -- hosts -----------------------------------------------------------------------------------------------------------


def find_by_host(host: str) -> Current | None:
    """The tenant that a host name (without port) leads to, whatever its state; remembered for 10 seconds in this process."""
    key = host.lower().rstrip(".")
    known = _by_host.get(key)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    found = _look_up(key)
    if len(_by_host) >= _LARGEST_CACHE:
        _by_host.clear()
    _by_host[key] = (time.monotonic() + CACHE_SECONDS, found)
    return found


def _look_up(host: str) -> Current | None:
    if not _is_host_name(host):
        return None
    with control_plane():
        leads = Q(domains__until=None) | Q(domains__until__gt=timezone.now())
        row = Tenant.objects.filter(leads, domains__domain=host, status__in=EFFECTS).first()
        return current_of(row) if row else None


def _is_host_name(host: str) -> bool:
    return 0 < len(host) <= 253 and re.fullmatch(r"[a-z0-9.-]+", host) is not None


def address_of(place: Current | Company, path: str = "/") -> str:
    """The full web address of a page of a tenant, as a letter or redirect needs it."""
    port = settings.KEZHOU_PUBLIC_PORT
    return f"{settings.KEZHOU_SCHEME}://{host_of(place.slug)}{f':{port}' if port else ''}{path}"


def forget_hosts() -> None:
    """Drop this process's memory of hosts; other processes follow within 10 seconds or by renew()."""
    _by_host.clear()


# -- the entered tenant ------------------------------------------------------------------------------------------------


def current_of(row: Tenant) -> Current:
    """The frozen view of a row of the registry."""
    return currents_of([row])[0]


@in_control_plane
def currents_of(rows: Sequence[Tenant]) -> tuple[Current, ...]:
    """The frozen views of rows of the registry, in two statements however many they are."""
    pks = [row.pk for row in rows]
    plugins: dict[int, set[str]] = {pk: set() for pk in pks}
    limits: dict[int, dict[str, int | None]] = {pk: {} for pk in pks}
    switched_on = TenantPlugin.objects.filter(tenant_id__in=pks, state=TenantPlugin.State.ON)
    for pk, name in switched_on.values_list("tenant_id", "name"):
        plugins[pk].add(name)
    for pk, key, limit in TenantLimit.objects.filter(tenant_id__in=pks).values_list("tenant_id", "key", "limit"):
        limits[pk][key] = limit
    return tuple(
        Current(
            pk=row.pk,
            slug=row.slug,
            name=row.name,
            schema=row.schema_name,
            timezone=row.timezone,
            plugins=frozenset(plugins[row.pk]),
            entitlements=MappingProxyType(limits[row.pk]),
            version=row.version,
            seal=row.seal,
            language=row.language,
            is_demo=row.is_demo,
            is_reserved=row.is_reserved,
            state=row.status if row.status in EFFECTS else Tenant.Status.ACTIVE,
            held=row.held,
            title=row.title,
            colour=row.colour,
            logo=row.logo,
        )
        for row in rows
    )


def refresh_current() -> Current:
    """Read the entered tenant anew and let the running code see it."""
    fresh = _reload(current().pk)
    context.renew(fresh)
    forget_hosts()
    return fresh


def renew(version: int) -> Current:
    """Refresh the entered tenant if the version read by VERSION_SQL is not the one that is known."""
    return current() if current().version == version else refresh_current()


@in_control_plane
def _reload(pk: int) -> Current:
    return current_of(Tenant.objects.get(pk=pk))


@in_control_plane
def raise_version(pk: int) -> None:
    """Let every process see that something of the tenant has changed."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_tenant SET version = version + 1 WHERE id = %s", [pk])


# -- plugins of the entered tenant ---------------------------------------------------------------------------------------


def plugin_states() -> dict[str, PluginState]:
    """Every plugin that the entered tenant has ever touched, by name."""
    pk = current().pk
    with control_plane():
        rows = TenantPlugin.objects.filter(tenant_id=pk)
        return {
            row.name: PluginState(name=row.name, state=row.state, has_tables=row.has_tables, error=row.error)
            for row in rows
        }


def set_plugin_state(name: str, state: str, *, error: str = "", has_tables: bool | None = None) -> Current:
    """Note a plugin's state in the entered tenant and let the running code see it.

    Args:
        state: installing, on, off or failed.
        error: a sentence for the administrator when it failed.
        has_tables: whether its tables are there now; None leaves what is known.
    """
    state = TenantPlugin.State(state)
    pk = current().pk
    values: dict[str, object] = {"state": state, "error": error}
    if has_tables is not None:
        values["has_tables"] = has_tables
    with control_plane(), transaction.atomic():
        TenantPlugin.objects.update_or_create(tenant_id=pk, name=name, defaults=values)
        raise_version(pk)
    return refresh_current()


def set_limits(pk: int, limits: dict[str, int | None]) -> None:
    """What a tenant's plan allows, replacing what was known; for ``billing``. None means without limit."""
    with control_plane(), transaction.atomic():
        TenantLimit.objects.filter(tenant_id=pk).delete()
        TenantLimit.objects.bulk_create(
            TenantLimit(tenant_id=pk, key=key, limit=limit) for key, limit in limits.items()
        )
        raise_version(pk)
    forget_hosts()


def set_state(pk: int, state: str, *, why: str, by: str = "", held: bool = False) -> str:
    """Put a tenant into a state, with its history; the state before, empty when it was this one already. For ``billing``.

    Args:
        why: a sentence; by: the operator who did it by hand; held: it is an operator's word, and paying changes nothing.
    """
    state = Tenant.Status(state)
    with control_plane(), transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=pk)
        if (row.status, row.held) == (state, held):
            return ""
        TenantStateChange.objects.create(tenant=row, old=row.status, new=state, why=why[:300], by=by[:80])
        Tenant.objects.filter(pk=pk).update(status=state, held=held)
        raise_version(pk)
    forget_hosts()
    return "" if row.status == state else str(row.status)


def note(pk: int, *, why: str, by: str) -> None:
    """Keep in a tenant's history what an operator did that left its state as it was; once, also when it is said twice."""
    with control_plane():
        last = TenantStateChange.objects.filter(tenant_id=pk).order_by("-pk").first()
        if last is None or (last.why, last.by) != (why[:300], by[:80]):
            state = Tenant.objects.get(pk=pk).status
            TenantStateChange.objects.create(tenant_id=pk, old=state, new=state, why=why[:300], by=by[:80])


# -- all tenants -----------------------------------------------------------------------------------------------------------


def tenants(*, demo: bool | None = None, states: Collection[str] = WORKING) -> tuple[Current, ...]:
    """Every tenant in one of the states, those for which background work is done when not said otherwise, by age."""
    with control_plane():
        rows = Tenant.objects.filter(status__in=states).order_by("pk")
        return currents_of([row for row in rows if demo is None or row.is_demo == demo])


def each_tenant() -> Iterator[Current]:
    """Walk all working tenants: ``for place in each_tenant(): with tenant(place): …``.

    It does not enter them itself: a generator that a raised error leaves unfinished would stay inside the tenant.
    """
    yield from tenants()


def find_by_slug(slug: str) -> Current | None:
    """The tenant of this short name, whatever its state."""
    with control_plane():
        row = Tenant.objects.filter(slug=slug, status__in=EFFECTS).first()
        return current_of(row) if row else None


def find_by_pk(pk: int) -> Current | None:
    """The tenant of this key, whatever its state."""
    with control_plane():
        row = Tenant.objects.filter(pk=pk, status__in=EFFECTS).first()
        return current_of(row) if row else None


def by_schema(schema: str) -> Current | None:
    """The tenant of this schema, as outbox events and messages name it, whatever its state; remembered for 10 seconds."""
    key = f"/{schema}"
    known = _by_host.get(key)
    if known is None or known[0] <= time.monotonic():
        with control_plane():
            row = Tenant.objects.filter(schema_name=schema, status__in=EFFECTS).first()
            known = (time.monotonic() + CACHE_SECONDS, current_of(row) if row else None)
        _by_host[key] = known
    return known[1]


@contextmanager
def entered(slug: str) -> Iterator[Current]:
    """Enter a tenant by its short name: for the command line and for pages of the public site.

    Raises:
        LookupError: there is none.
    """
    place = find_by_slug(slug)
    if place is None:
        raise LookupError(f"There is no company with the short name {slug!r}.")
    with context.tenant(place):
        yield place


def add_domain(place: Current, host: str, *, primary: bool) -> None:
    """Let a host name lead to a tenant."""
    with control_plane():
        Domain.objects.create(tenant_id=place.pk, domain=host.lower(), is_primary=primary)
    forget_hosts()


def tenants_with(table: str, condition: str) -> tuple[Current, ...]:
    """The working tenants that have a row of a core table under a condition: one statement over all schemas.

    Args:
        table: a table that every tenant has; condition: SQL written in our code, never anything that was typed.
    """
    places = tenants()
    if not places:
        return ()
    one = f'SELECT \'{{0}}\' FROM (SELECT 1 FROM "{{0}}"."{table}" WHERE {condition} LIMIT 1) AS found'  # noqa: S608
    with control_plane(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one.format(place.schema) for place in places))
        having = {row[0] for row in cursor.fetchall()}
    return tuple(place for place in places if place.schema in having)
