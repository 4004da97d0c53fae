"""Celery finds the tasks of access here."""

from __future__ import annotations

from kezhou.access import invitations, lockout
from kezhou.access.letters import deliver
from tenants.tasks import task

__all__ = ["deliver", "forget_old"]


@task(name="access.forget_old")
def forget_old() -> int:
    """Delete counted tries and invitations that count no more. Returns how many rows."""
    return lockout.forget_old() + invitations.lapse_old()
