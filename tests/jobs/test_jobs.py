"""Jobs: who may see them, how they end, and what becomes of them when their worker is killed."""

import os
import signal
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kezhou import jobs
from kezhou.access.actor import System
from kezhou.jobs.models import Job
from kezhou.jobs.recovery import recover
from kezhou.jobs.registry import kinds
from kezhou.jobs.running import owned, run
from tenants.context import Current, control_plane, tenant
from tests.jobs import kinds as _registered  # noqa: F401  # registers the kinds of the tests
from tests.jobs.workers import kill, wait_for, worker

Run = Callable[[], list[Job]]
ACTOR = System("tests of jobs")


class Somebody:
    """An actor without rights beyond their own things."""

    key, name, is_admin, department_pk = "member:7", "王芳", False, None

    def __init__(self, member_pk: int = 7) -> None:
        self.member_pk = member_pk

    def policy(self, type_key: str) -> Any:
        raise AssertionError("Jobs ask no policy.")


def test_a_job_runs_in_its_tenant_and_says_what_came_out(in_alpha: Current, run_jobs: Run) -> None:
    begun = jobs.start(ACTOR, "test.count", {"to": 3}, title="数一数")

    [job] = run_jobs()

    assert (begun.state, begun.percent) == ("queued", None)
    assert (job.state, job.done, job.total, job.percent) == ("done", 3, 3, 100)
    assert job.result == {"tenant": "alpha", "actor": "system"}
    assert (job.reason, job.attempts, job.message) == ("系统", 1, "counting")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [("test.refuse", "这个文件是空的。"), ("test.break", "出错了，这项工作没有完成。管理员可在日志中看到原因。")],
)
def test_a_job_that_fails_says_a_sentence_and_no_detail(
    in_alpha: Current, run_jobs: Run, kind: str, sentence: str
) -> None:
    jobs.start(ACTOR, kind, {})

    [job] = run_jobs()

    assert (job.state, job.message) == ("failed", sentence)


def test_an_unknown_kind_is_refused_at_once(in_alpha: Current) -> None:
    with pytest.raises(LookupError, match=r"There is no kind of job named 'test\.nothing'"):
        jobs.start(ACTOR, "test.nothing", {})
    assert Job.objects.count() == 0
    assert "test.count" in kinds()


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_progress(in_alpha: Current) -> None:
    waiting = jobs.start(ACTOR, "test.count", {"to": 3})
    running = jobs.start(ACTOR, "test.count", {"to": 3})
    Job.objects.filter(pk=running.pk).update(state="running")
    running.refresh_from_db()

    stopped = jobs.cancel(ACTOR, waiting.pk)
    asked = jobs.cancel(ACTOR, running.pk)

    assert (stopped.state, asked.state, asked.cancel_asked) == ("cancelled", "running", True)
    with pytest.raises(jobs.JobCancelled):
        jobs.progress(running, 1)


def test_a_job_belongs_to_who_started_it(in_alpha: Current) -> None:
    job = jobs.start(Somebody(), "test.count", {"to": 1})

    assert jobs.get(Somebody(), job.pk) == job
    assert jobs.recent(Somebody()) == (job,)
    assert jobs.get(ACTOR, job.pk) == job
    for stranger in (Somebody(8),):
        with pytest.raises(jobs.JobNotFound):
            jobs.get(stranger, job.pk)
        with pytest.raises(jobs.JobNotFound):
            jobs.cancel(stranger, job.pk)


@pytest.mark.req("PLT-01", part="jobs")
def test_another_tenants_job_is_not_found(alpha: Current, beta: Current) -> None:
    with tenant(alpha):
        job = jobs.start(Somebody(), "test.count", {"to": 1})
    with tenant(beta), pytest.raises(jobs.JobNotFound):
        jobs.get(ACTOR, job.pk)


def test_a_job_of_somebody_who_left_is_not_done(in_alpha: Current, run_jobs: Run) -> None:
    jobs.start(Somebody(999_999), "test.count", {"to": 1})

    [job] = run_jobs()

    assert (job.state, job.message) == ("failed", "发起人已不能登录，这项工作没有进行。")


@pytest.mark.committed
def test_only_one_worker_has_a_job(in_alpha: Current) -> None:
    job = jobs.start(ACTOR, "test.count", {"to": 1})

    with owned(job.pk) as first, owned(job.pk) as second:
        run(job.pk)  # a doubled message meanwhile

    job.refresh_from_db()
    assert (first, second, job.state) == (True, False, "queued")


@pytest.mark.committed
def test_a_job_reaches_a_real_worker_which_notices_the_death_of_a_child(
    alpha: Current, process_environment: Mapping[str, str], tmp_path: Path
) -> None:
    trace = tmp_path / "pid"
    with tenant(alpha), worker(process_environment):
        plain = jobs.start(ACTOR, "test.count", {"to": 5})
        again = jobs.start(ACTOR, "test.again", {"trace": str(trace)})
        wait_for(lambda: jobs.get(ACTOR, plain.pk).is_over and is_written(trace))
        os.kill(int(trace.read_text("utf-8")), signal.SIGKILL)
        wait_for(lambda: jobs.get(ACTOR, again.pk).is_over)
        plain.refresh_from_db()
        again.refresh_from_db()

    assert (plain.state, plain.result) == ("done", {"tenant": "alpha", "actor": "system"})
    assert (again.state, again.attempts) == ("done", 2)


@pytest.mark.req("PLT-07", part="jobs resume")
@pytest.mark.committed
def test_a_job_whose_worker_was_killed_goes_on_or_fails_with_a_sentence(
    alpha: Current, process_environment: Mapping[str, str], tmp_path: Path
) -> None:
    with tenant(alpha):
        begun = {kind: jobs.start(ACTOR, kind, {"trace": str(tmp_path / kind)}) for kind in ("test.again", "test.once")}
        with worker(process_environment) as first:
            wait_for(lambda: all(is_written(tmp_path / kind) for kind in begun))
            kill(first)
        with worker(process_environment):
            wait_for(lambda: all(jobs.get(ACTOR, job.pk).is_over for job in begun.values()))
        found = {kind: jobs.get(ACTOR, job.pk) for kind, job in begun.items()}

    assert {kind: (job.state, job.attempts, job.message) for kind, job in found.items()} == {
        "test.again": ("done", 2, ""),
        "test.once": ("failed", 1, "后台进程中断，这项工作没有完成。请重新开始。"),
    }


def is_written(trace: Path) -> bool:
    """Whether a job has said in which process it is done."""
    return trace.exists() and trace.read_text("utf-8") != ""


@pytest.mark.committed
def test_recovery_looks_only_where_something_waits(alpha: Current, beta: Current) -> None:
    with tenant(beta):
        lost = jobs.start(ACTOR, "test.count", {"to": 1})
        Job.objects.filter(pk=lost.pk).update(enqueued_at=timezone.now() - timedelta(minutes=3))
        fresh = jobs.start(ACTOR, "test.count", {"to": 1})
        with owned(fresh.pk), control_plane():
            sent = recover.run()

    assert sent == 1
