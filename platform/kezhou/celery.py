"""The Celery application: ``celery -A kezhou.celery worker`` and ``celery -A kezhou.celery beat``."""

import os
from typing import Any

from celery import Celery
from celery.beat import PersistentScheduler
from celery.signals import heartbeat_sent, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kezhou.settings")

from django.conf import settings  # after the settings module is named

from kezhou.local import alive

app = Celery("kezhou", task_cls="tenants.tasks:TenantTask")
app.conf.update(settings.CELERY)
app.set_default()
app.autodiscover_tasks()


class CodeScheduler(PersistentScheduler):
    """Celery's scheduler with the schedule that the apps registered (`tenants.tasks.periodic`)."""

    def tick(self, *given: Any, **named: Any) -> float:
        alive.note("scheduler")
        return float(super().tick(*given, **named))

    def setup_schedule(self) -> None:
        from tenants.tasks import schedule  # needs the apps

        self.app.conf.beat_schedule = schedule()
        super().setup_schedule()


@worker_ready.connect
def recover_at_start(**kwargs: Any) -> None:
    """Take up what a killed worker left, at once when a new one starts."""
    from kezhou.jobs.recovery import recover  # needs the apps

    recover.apply_async()


@heartbeat_sent.connect
def say_alive(**kwargs: Any) -> None:
    """Celery's own heartbeat is the worker's sign of life."""
    alive.note("worker")
