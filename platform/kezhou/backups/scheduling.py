"""Backups by the company's schedule."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from kezhou import parameters
from kezhou.access.actor import System
from kezhou.backups.making import BackupRunning, making_job, start
from kezhou.backups.models import Backup
from kezhou.backups.parameters import EVERY
from tenants.tasks import task

STEPS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
AGAIN = timedelta(hours=6)


def is_due() -> bool:
    """Whether the schedule wants a backup of the entered company now. One that failed is tried again after some hours."""
    step = STEPS.get(str(parameters.value(EVERY)))
    if step is None or making_job() is not None:
        return False
    now, ours = timezone.now(), Backup.objects.filter(made_by="")
    made = ours.filter(made_at__gt=now - step, state__in=(Backup.State.GOOD, Backup.State.BAD))
    failed = ours.filter(made_at__gt=now - AGAIN, state=Backup.State.FAILED)
    return not made.exists() and not failed.exists()


@task(name="kezhou.backups.begin")
def begin() -> int:
    """Begin a backup of this company when its day has come."""
    if not is_due():
        return 0
    try:
        start(System("the backup of the company's schedule"))
    except BackupRunning:
        return 0
    return 1
