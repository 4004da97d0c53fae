"""What killed workers left behind is found and taken up, in one statement over all companies."""

from datetime import timedelta

from django.utils import timezone

from kezhou.jobs.models import Job
from kezhou.jobs.running import owned, run
from tenants.context import tenant
from tenants.directory import tenants_with
from tenants.tasks import task

LOST_AFTER = timedelta(minutes=2)  # a message that waits longer than this is sent once more; doubles are harmless


@task(control=True, name="kezhou.jobs.recover")
def recover() -> int:
    """Send jobs on their way again whose worker died or whose message was lost; says how many."""
    sent = 0
    for place in tenants_with(Job._meta.db_table, "state IN ('queued', 'running')"):
        with tenant(place):
            sent += sum(_send_again(job) for job in Job.objects.filter(state__in=("queued", "running")))
    return sent


def _send_again(job: Job) -> bool:
    if job.state == Job.State.QUEUED and timezone.now() - (job.enqueued_at or job.created_at) < LOST_AFTER:
        return False
    with owned(job.pk) as is_free:
        pass
    if is_free:
        Job.objects.filter(pk=job.pk).update(enqueued_at=timezone.now())
        run.apply_async((job.pk,))
    return is_free
