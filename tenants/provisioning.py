"""A company comes and goes. Its registry rows, schema, tables and first rows are made in one transaction (TEN-02)."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.conf import settings
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from tenants import files, snapshots
from tenants.context import Current, control_plane, in_transaction, tenant
from tenants.directory import current_of, find_by_slug, forget_hosts, slug_problem
from tenants.hosts import give_host
from tenants.models import OutboxEvent, Tenant
from tenants.names import name_key
from tenants.naming import schema_of

logger = logging.getLogger(__name__)
ATTEMPTS = 3  # when the database was busy or away: deadlock, time-out, lost connection


class ProvisioningFailed(Exception):
    """The company was not made and nothing of it is left; the cause is chained. Trying again is safe."""


class SlugTaken(ProvisioningFailed):
    """The short address name is wrong, reserved or taken; ``str()`` is the sentence to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAdministrator:
    """The person who signs the company up. The address by which they proved themselves is in ``verified``."""

    name: str
    password_hash: str
    mobile: str = ""
    email: str = ""
    username: str = ""
    verified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTenant:
    """What a company is made from. The steps read of it what they need; ``plugins`` are switched on after the commit."""

    slug: str
    name: str
    industry: str = ""
    size: str = ""
    region: str = ""
    timezone: str = "Asia/Shanghai"
    language: str = "zh-hans"
    is_demo: bool = False
    is_reserved: bool = False
    administrator: NewAdministrator | None = None
    plugins: tuple[str, ...] = ()
    extra: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


Step = Callable[[NewTenant], object]
Removal = Callable[[Current], None]
_steps: dict[str, tuple[int, Step]] = {}
_removals: dict[str, Removal] = {}


def register_step(name: str, function: Step, *, order: int) -> None:
    """Add a step that runs inside the new tenant, in the transaction that makes it (in ``AppConfig.ready``).

    A step must be fast and touch the database only; what takes longer is started by on_commit. What it returns is
    handed to the caller of ``provision_noting`` under its name.
    """
    _steps[name] = (order, function)


def register_removal(name: str, function: Removal) -> None:
    """Add what happens outside the database when a company has been removed: indexes, caches."""
    _removals[name] = function


def steps() -> tuple[str, ...]:
    """The names of the registered steps, in their order."""
    return tuple(sorted(_steps, key=lambda name: (_steps[name][0], name)))


def provision(request: NewTenant) -> Current:
    """Make a company, as ``provision_noting`` does, and give it."""
    return provision_noting(request)[0]


def provision_noting(request: NewTenant) -> tuple[Current, Mapping[str, object]]:
    """Make a company: registry, schema, core tables, steps; all of it or nothing. With it comes what the steps returned.

    When the database was busy or away it is tried up to three times; each attempt starts from nothing.

    Raises:
        SlugTaken: the short name cannot be had.
        ProvisioningFailed: something else went wrong; the log holds the details.
    """
    if not request.is_reserved and (problem := slug_problem(request.slug)):
        raise SlugTaken(problem)
    for left in reversed(range(ATTEMPTS)):
        try:
            made = _make(request)
        except Exception as error:
            _forget_files(schema_of(request.slug))
            if left and isinstance(error, OperationalError) and not in_transaction():
                logger.warning("Making the company %s is tried again: %s", request.slug, error)
                continue
            raise _failure(request, error) from error
        finally:
            forget_hosts()
        logger.info("The company %s was made.", request.slug)
        return made
    raise AssertionError("The last attempt returns or raises.")


def _make(request: NewTenant) -> tuple[Current, Mapping[str, object]]:
    results: dict[str, object] = {}
    with control_plane(), transaction.atomic():
        row = _write_registry(request)
        snapshots.replay(row.schema_name)
        with tenant(current_of(row)):
            for name in steps():
                results[name] = _steps[name][1](request)
        row.refresh_from_db()
        return current_of(row), results


def _failure(request: NewTenant, error: Exception) -> ProvisioningFailed:
    if isinstance(error, ProvisioningFailed):
        return error
    if isinstance(error, IntegrityError) and (problem := slug_problem(request.slug)):
        return SlugTaken(problem)
    logger.error("The company %s could not be made.", request.slug, exc_info=error)
    return ProvisioningFailed(
        f"The company {request.slug!r} could not be made: {type(error).__name__}: {error}. Nothing of it is left."
    )


def _write_registry(request: NewTenant) -> Tenant:
    row = Tenant(
        slug=request.slug,
        schema_name=schema_of(request.slug),
        name=request.name,
        name_key=name_key(request.name),
        status=Tenant.Status.ACTIVE,
        industry=request.industry,
        size=request.size,
        region=request.region,
        timezone=request.timezone,
        language=request.language,
        is_demo=request.is_demo,
        is_reserved=request.is_reserved,
    )
    row.save(force_insert=True)
    give_host(row.pk, request.slug)
    return row


def ensure_ops(say: Callable[[str], None] = lambda sentence: None) -> Current:
    """The reserved tenant of the operator's own staff, made when missing."""
    slug = settings.KEZHOU_RESERVED_TENANT
    found = find_by_slug(slug)
    if found is not None:
        return found
    say(f"Making the operator's own tenant {slug!r}.")
    return provision(NewTenant(slug=slug, name="Kezhou", is_reserved=True))


def remove(place: Current) -> None:
    """Delete a company for good: schema, registry rows, waiting events, files; then what others keep of it.

    Raises:
        DatabaseError: the schema is in use; nothing was deleted.
    """
    try:
        with control_plane(), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f'DROP SCHEMA IF EXISTS "{place.schema}" CASCADE')
            OutboxEvent.objects.filter(schema=place.schema).delete()
            Tenant.objects.filter(pk=place.pk).delete()
    except DatabaseError:
        logger.exception("The company %s could not be removed.", place.slug)
        raise
    finally:
        forget_hosts()
    _forget_files(place.schema)
    for name, removal in _removals.items():
        try:
            removal(place)
        except Exception:
            logger.exception("After the company %s was removed, %s could not clean up.", place.slug, name)


def _forget_files(schema: str) -> None:
    try:
        files.forget(schema)
    except files.StoreAway:
        logger.exception("The files of %s could not be deleted; what is left below its name can go.", schema)
