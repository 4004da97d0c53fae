"""Background tasks know their tenant: it travels in the message's header, and a task without one is refused.

    @task
    def recount(customer_pk: int) -> None: ...          # runs in the tenant in which it was enqueued

    recount.after_commit(customer.pk)                     # inside a transaction
    recount.delay(customer.pk)                            # outside

The periodic schedule is code: ``periodic(...)`` in ``AppConfig.ready``. A periodic task of tenants fans out to one
message per company.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar, overload

from celery import Task, current_app, shared_task
from celery.exceptions import Ignore
from celery.schedules import crontab
from django.db import transaction

from tenants import context
from tenants.context import NoTenant, control_plane, current, each_tenant, tenant
from tenants.directory import by_schema

logger = logging.getLogger(__name__)
HEADER = "kz_schema"
Function = TypeVar("Function", bound=Callable[..., Any])


class EnqueuedInTransaction(Exception):
    """A message sent now could run before the transaction commits, or although it never does."""


class TenantTask(Task[Any, Any]):
    """A task of one tenant."""

    control = False

    def apply_async(  # type: ignore[override]  # all of Celery's options pass through
        self, args: Any = None, kwargs: Any = None, **options: Any
    ) -> Any:
        """Enqueue for the entered tenant.

        Raises:
            NoTenant: none is entered.
            EnqueuedInTransaction: use ``after_commit``.
        """
        if context.in_transaction():
            raise EnqueuedInTransaction(f"The task {self.name} was enqueued inside a transaction. Use .after_commit().")
        options["headers"] = {**(options.get("headers") or {}), **self._header()}
        return super().apply_async(args, kwargs, **options)

    def after_commit(self, *args: Any, **kwargs: Any) -> None:
        """Enqueue when the open transaction commits (at once when none is open); the tenant is that of now.

        A broker that is away is logged and not raised: the change is committed already. What must not be lost on
        such a day is a job (`kezhou.jobs`), which is found and sent again, or a consumer of the outbox.
        """
        self._header()
        transaction.on_commit(partial(self.apply_async, args, kwargs), robust=True)

    def _header(self) -> dict[str, str]:
        try:
            return {HEADER: current().schema}
        except NoTenant:
            raise NoTenant(f"The task {self.name} was enqueued outside every tenant.") from None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:
            current()
            return super().__call__(*args, **kwargs)
        schema = (self.request.headers or {}).get(HEADER) or self.request.get(HEADER)
        if not schema:
            raise NoTenant(f"A message for the task {self.name} came without a tenant and was refused.")
        place = by_schema(schema)
        if place is None or not place.effect.works:
            logger.warning("A message for %s was dropped: its company is gone or at a standstill.", self.name)
            raise Ignore
        with tenant(place):
            return super().__call__(*args, **kwargs)


class ControlTask(TenantTask):
    """A task of the installation: it runs in the control plane and enters tenants by itself."""

    control = True

    def _header(self) -> dict[str, str]:
        return {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with control_plane():
            return Task.__call__(self, *args, **kwargs)


@overload
def task(function: Function) -> TenantTask: ...
@overload
def task(*, name: str = ..., control: bool = ..., **options: Any) -> Callable[[Function], TenantTask]: ...
def task(function: Any = None, *, name: str | None = None, control: bool = False, **options: Any) -> Any:
    """Make a function a task. ``control=True`` makes it one of the installation, for ``tenants`` and ``billing``."""

    def decorate(plain: Callable[..., Any]) -> Any:
        chosen = name or f"{plain.__module__}.{plain.__name__}"
        base = ControlTask if control else TenantTask
        return shared_task(base=base, name=chosen, **options)(plain)  # type: ignore[no-untyped-call]  # celery-types

    return decorate(function) if function is not None else decorate


# -- the schedule --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """One line of the schedule: which task, how often, and for which companies (all, when ``needed`` is None)."""

    task: str
    every: timedelta | crontab
    needed: Callable[[context.Current], bool] | None = None


_schedule: dict[str, Periodic] = {}


def periodic(
    task: TenantTask, *, every: timedelta | crontab, needed: Callable[[context.Current], bool] | None = None
) -> None:
    """Put a task on the schedule (in ``AppConfig.ready``); ``needed`` says which companies it is for."""
    _schedule[task.name] = Periodic(task=task.name, every=every, needed=needed)


def schedule() -> dict[str, dict[str, Any]]:
    """The schedule as Celery's beat wants it: every entry fans out or runs in the control plane."""
    return {
        name: {"task": fan_out.name, "schedule": line.every, "args": (name,), "options": {"expires": 3600}}
        for name, line in _schedule.items()
    }


@task(control=True, name="tenants.fan_out")
def fan_out(name: str) -> int:
    """Enqueue a scheduled task: once, or once per company that needs it; says how many messages that made."""
    wanted = current_app.tasks[name]
    line = _schedule[name]
    if isinstance(wanted, ControlTask):
        wanted.apply_async()
        return 1
    sent = 0
    for place in each_tenant():
        with tenant(place):
            if line.needed is None or line.needed(place):
                wanted.apply_async()
                sent += 1
    return sent


# -- for the generated isolation suite -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A task that workers know; ``kind`` is tenant, control or unguarded (which must not be)."""

    name: str
    kind: str


def registered() -> tuple[Registered, ...]:
    """Every task that workers know, Celery's own left out: the isolation suite walks them."""
    result = []
    for name, found in sorted(current_app.tasks.items()):
        if name.startswith("celery."):
            continue
        kind = "unguarded" if not isinstance(found, TenantTask) else "control" if found.control else "tenant"
        result.append(Registered(name=name, kind=kind))
    return tuple(result)
