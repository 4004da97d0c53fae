"""Where the running code is: inside one tenant, in the control plane, or nowhere.

SQL runs only inside ``with tenant(t):`` or ``with control_plane():``; the backend raises ``NoTenant`` otherwise.
There is no default and no fallback: whatever forgets to say where it is fails before it reads a row (PLT-01).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from types import MappingProxyType
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone as django_timezone

from tenants.states import EFFECTS, Effect

PUBLIC = "public"
EXTENSIONS = "extensions"


class NoTenant(Exception):
    """SQL, a cache key, a path or a task was asked for outside any tenant."""


class WrongTenant(Exception):
    """A second tenant was entered inside a first one, or something of one tenant was used in another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The tenant that the running code works for: what the domain look-up knows of it, frozen.

    ``version`` rises with every change of plugins, entitlements or master data of the tenant.
    """

    pk: int
    slug: str
    name: str
    schema: str
    timezone: str = "Asia/Shanghai"
    plugins: frozenset[str] = frozenset()
    entitlements: Mapping[str, int | None] = field(default_factory=lambda: MappingProxyType({}))
    version: int = 0
    seal: str = ""
    language: str = "zh-hans"
    is_demo: bool = False
    is_reserved: bool = False
    state: str = "active"
    held: bool = False
    title: str = ""
    colour: str = ""
    logo: str = ""

    @property
    def effect(self) -> Effect:
        """What the company's state lets happen."""
        return EFFECTS[self.state]

    @property
    def zone(self) -> ZoneInfo:
        """The zone that decides what 今天 means."""
        return ZoneInfo(self.timezone)


class HasCurrent(Protocol):
    """Whatever names a tenant: the row of the registry, for one."""

    def as_current(self) -> Current: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """Schema and tenant that SQL runs in; ``tenant`` is None in the control plane."""

    schema: str
    tenant: Current | None


_scope: ContextVar[Scope | None] = ContextVar("kezhou_scope", default=None)
_Function = TypeVar("_Function", bound=Callable[..., object])


def scope() -> Scope | None:
    """The scope of the running code, or None; for the backend and its neighbours."""
    return _scope.get()


def current() -> Current:
    """The tenant of the running code.

    Raises:
        NoTenant: outside every tenant, the control plane included.
    """
    found = current_or_none()
    if found is None:
        raise NoTenant("There is no tenant here. Enter one by `with tenant(t):` (the middleware and tasks do so).")
    return found


def current_or_none() -> Current | None:
    """The tenant of the running code, or None in the control plane and outside every scope."""
    now = _scope.get()
    return now.tenant if now else None


@contextmanager
def tenant(place: Current | HasCurrent) -> Iterator[Current]:
    """Work inside one tenant. Entering the same one again changes nothing.

    Raises:
        WrongTenant: another tenant is already entered.
    """
    now = place if isinstance(place, Current) else place.as_current()
    before = _scope.get()
    if before is not None and before.tenant is not None and before.tenant.schema != now.schema:
        raise WrongTenant(f"Tenant {now.slug!r} was entered inside tenant {before.tenant.slug!r}. Leave that first.")
    token = _scope.set(Scope(now.schema, now))
    try:
        with django_timezone.override(now.zone):
            yield now
    finally:
        _scope.reset(token)


@contextmanager
def control_plane() -> Iterator[None]:
    """Work in the shared schema: registry, domains, plans, outbox. Only ``tenants`` and ``billing`` may import this.

    Raises:
        WrongTenant: entered inside a tenant's open transaction, where both schemas' changes would mix.
    """
    before = _scope.get()
    if before is not None and before.tenant is not None and in_transaction():
        raise WrongTenant(
            f"The control plane was entered inside an open transaction of tenant {before.tenant.slug!r}. "
            "Do it before or after the transaction."
        )
    token = _scope.set(Scope(PUBLIC, None))
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def within(wanted: Scope | None) -> Iterator[None]:
    """Work in a scope remembered earlier, whatever is entered now: for on_commit hooks and streamed responses."""
    token = _scope.set(wanted)
    try:
        yield
    finally:
        _scope.reset(token)


def renew(now: Current) -> None:
    """Put a fresh view of the entered tenant in the place of the present one (after its plugins changed, say).

    Raises:
        WrongTenant: ``now`` is not the tenant that is entered.
    """
    if current().schema != now.schema:
        raise WrongTenant(f"Tenant {now.slug!r} cannot take the place of tenant {current().slug!r}.")
    _scope.set(Scope(now.schema, now))


def each_tenant() -> "Iterator[Current]":
    """Walk all working tenants: ``for place in each_tenant(): with tenant(place): …``."""
    from tenants.directory import tenants  # the directory stands on this module

    yield from tenants()


def in_transaction() -> bool:
    """Whether a transaction is open that the running code opened; the one a test wraps around itself does not count."""
    connection = connections[DEFAULT_DB_ALIAS]
    blocks = getattr(connection, "atomic_blocks", ())
    return any(not getattr(block, "_from_testcase", False) for block in blocks)


def in_control_plane(function: _Function) -> _Function:
    """Decorate a function of ``tenants`` or ``billing`` so that it runs in the control plane."""

    @wraps(function)
    def entered(*args: object, **kwargs: object) -> object:
        with control_plane():
            return function(*args, **kwargs)

    return entered  # type: ignore[return-value]  # the same signature, which wraps() cannot say


def search_path(wanted: Scope) -> str:
    """The PostgreSQL search path of a scope, quoted; never holds ``public`` beside a tenant."""
    name = wanted.schema.replace('"', '""')
    return f'"{name}", {EXTENSIONS}'
