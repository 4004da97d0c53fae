"""What the shared schema needs from time to time."""

from datetime import timedelta

from tenants import files, hosts, outbox, signups
from tenants.tasks import periodic, task


@task(control=True, name="tenants.housekeeping.prune_outbox")
def prune_outbox() -> int:
    """Delete events that every consumer has passed; says how many."""
    total = 0
    while deleted := outbox.prune():
        total += deleted
    return total


@task(control=True, name="tenants.housekeeping.delete_expired")
def delete_expired() -> int:
    """Delete sign-ups older than 24 hours, dead hand-overs, contents that were never finished, left names whose time is over."""
    return signups.delete_expired() + files.delete_unfinished() + hosts.delete_ended()


def register() -> None:
    """Put both on the schedule."""
    periodic(prune_outbox, every=timedelta(minutes=10))
    periodic(delete_expired, every=timedelta(hours=1))
