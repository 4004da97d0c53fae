"""A worker runs a job. While it does, it holds a lock of the database that its death sets free."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kezhou import notify
from kezhou.access.actor import Actor, System
from kezhou.access.actors import actor_for
from kezhou.jobs.models import Job
from kezhou.jobs.registry import JobCancelled, JobFailed, JobResult, kind_of
from tenants.context import current
from tenants.locks import number
from tenants.tasks import task

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = 3


@contextmanager
def owned(pk: int) -> Iterator[bool]:
    """Whether we are the only one who works on the job, for as long as the block lasts.

    A connection of its own, past any pooler: when the process dies the server closes it and frees the lock, so a dead
    owner is known for sure and at once.
    """
    with psycopg.connect(settings.DATABASE_DIRECT_URL, autocommit=True, application_name="kezhou job") as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [number(f"job:{pk}")]).fetchone()
        yield bool(row and row[0])


@task(name="kezhou.jobs.run")
def run(pk: int) -> None:
    """Run one job of the tenant, unless it is over or another worker has it."""
    with owned(pk) as is_ours:
        if is_ours:
            take_up(pk)


def take_up(pk: int) -> None:
    """Bring a job that nobody else works on to its end, or tell why that cannot be."""
    job = Job.objects.filter(pk=pk).first()
    if job is None or job.is_over:
        return
    if job.state == Job.State.RUNNING and not _may_go_on(job):
        _finish(job, Job.State.FAILED, message=_("后台进程中断，这项工作没有完成。请重新开始。"))
        return
    if job.cancel_asked:
        _finish(job, Job.State.CANCELLED)
        return
    job.state, job.attempts, job.started_at = Job.State.RUNNING, job.attempts + 1, timezone.now()
    job.save(update_fields=["state", "attempts", "started_at"])
    with translation.override(current().language):
        _work(job)


def _may_go_on(job: Job) -> bool:
    return kind_of(job.kind).resumable and job.attempts < MOST_ATTEMPTS


def _work(job: Job) -> None:
    try:
        result = kind_of(job.kind).function(_actor(job), job, job.params)
    except JobCancelled as stopped:
        said = stopped.result.message if stopped.result else ""
        _finish(job, Job.State.CANCELLED, message=_("已取消。") + said, answer=stopped.result)
    except JobFailed as error:
        _finish(job, Job.State.FAILED, message=str(error))
    except Exception as error:
        logger.exception("Job %s %s failed.", job.pk, job.kind)
        sentence = getattr(error, "sentence", "") or _("出错了，这项工作没有完成。管理员可在日志中看到原因。")
        _finish(job, Job.State.FAILED, message=str(sentence))
    else:
        _finish(job, Job.State.DONE, answer=_as_result(result))


def _actor(job: Job) -> Actor:
    if job.member is None:
        return System(job.reason or job.kind)
    actor = actor_for(job.member)
    if actor is None:
        raise JobFailed(_("发起人已不能登录，这项工作没有进行。"))
    return actor


def _as_result(answer: object) -> JobResult:
    if isinstance(answer, JobResult):
        return answer
    return JobResult(result=answer if isinstance(answer, dict) else {})


def _finish(job: Job, state: str, *, message: str = "", answer: JobResult | None = None) -> None:
    job.state, job.finished_at = state, timezone.now()
    if message or (answer and answer.message):
        job.message = message or (answer.message if answer else "")
    if answer is not None:
        job.result, job.file, job.action = dict(answer.result), answer.file, answer.action or job.action
        if job.total is not None and state == Job.State.DONE:
            job.done = job.total
    job.save(update_fields=["state", "finished_at", "message", "result", "file", "action", "done"])
    if job.member is not None and state != Job.State.CANCELLED:
        _tell(job, state)


def _tell(job: Job, state: str) -> None:
    """Whoever began it finds it in the inbox, wherever they are by now."""
    sentence = gettext_noop("%(title)s 做完了") if state == Job.State.DONE else gettext_noop("%(title)s 没有做完")
    telling = notify.Telling((job.member or 0,), sentence, {"title": job.title}, job.message, cause=job.pk)
    notify.tell_many(System("telling that a job is over"), [telling], kind="job")
