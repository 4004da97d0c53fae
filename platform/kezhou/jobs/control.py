"""Starting, watching and stopping jobs, as the person who does it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from kezhou.access.actor import Actor
from kezhou.jobs.models import Job
from kezhou.jobs.registry import JobCancelled, kind_of, kinds


class JobNotFound(LookupError):
    """There is no such job, or it is somebody else's."""


def start(actor: Actor, kind: str, params: Mapping[str, Any], *, title: str = "", action: str = "") -> Job:
    """Note a job and let a worker take it up after the commit.

    Args:
        params: JSON values only; no personal data that the job could read from the records.
    """
    from kezhou.jobs.running import run  # which needs this module

    row = Job.objects.create(
        kind=kind,
        title=title or str(kind_of(kind).title),
        params=dict(params),
        member=actor.member_pk,
        reason="" if actor.member_pk is not None else actor.name[:200],
        action=action,
        enqueued_at=timezone.now(),
    )
    run.after_commit(row.pk)
    return row


def get(actor: Actor, pk: int) -> Job:
    """A job of this actor; administrators see all.

    Raises:
        JobNotFound
    """
    row = Job.objects.filter(pk=pk).first()
    if row is None or not (actor.is_admin or (row.member is not None and row.member == actor.member_pk)):
        raise JobNotFound(f"There is no job {pk} of {actor.name}.")
    return row


def recent(actor: Actor, *, kind: str | None = None, limit: int = 20) -> tuple[Job, ...]:
    """The actor's own jobs, newest first."""
    rows = Job.objects.filter(member=actor.member_pk).order_by("-pk")
    return tuple((rows.filter(kind=kind) if kind else rows)[:limit])


def retry(pk: int) -> bool:
    """Let a failed job be taken up again, for the operator; only a kind that looks at what it has done already can be."""
    from kezhou.jobs.running import run  # which needs this module

    row = Job.objects.filter(pk=pk, state=Job.State.FAILED).first()
    if row is None or row.kind not in kinds() or not kind_of(row.kind).resumable:
        return False
    again = {"state": Job.State.QUEUED, "attempts": 0, "finished_at": None, "enqueued_at": timezone.now()}
    if not Job.objects.filter(pk=pk, state=Job.State.FAILED).update(**again):
        return False
    run.after_commit(pk)
    return True


def cancel(actor: Actor, pk: int) -> Job:
    """Ask a job to stop: at once when it waits, at its next progress when it runs, never when it is over."""
    row = get(actor, pk)
    with transaction.atomic():
        waiting = Job.objects.filter(pk=row.pk, state=Job.State.QUEUED)
        if not waiting.update(state=Job.State.CANCELLED, cancel_asked=True, finished_at=timezone.now()):
            Job.objects.filter(pk=row.pk, state=Job.State.RUNNING).update(cancel_asked=True)
    row.refresh_from_db()
    return row


def undoable(job: Job) -> bool:
    """Whether there is something that can be taken back by the job's action."""
    is_kind = job.kind in kinds() and kind_of(job.kind).undoable
    return is_kind and job.is_over and bool(job.action and job.result.get("changed")) and not job.result.get("undone")


def progress(job: Job, done: int, total: int | None = None, message: str = "") -> None:
    """Tell how far a job has come, outside its transactions.

    Raises:
        JobCancelled: somebody asked to stop it; let it pass through.
    """
    job.done, job.total, job.message = done, total if total is not None else job.total, message or job.message
    running = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING)
    running.update(done=job.done, total=job.total, message=job.message)
    if running.filter(cancel_asked=True).exists():
        raise JobCancelled(f"Job {job.pk} was asked to stop.")


def mark_undone(action: str) -> None:
    """Note at the job of an action that it was taken back, so that nobody is offered that again."""
    for row in Job.objects.filter(action=action).exclude(action=""):
        row.result = {**row.result, "undone": True}
        row.save(update_fields=["result"])
