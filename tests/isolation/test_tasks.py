"""A background task runs in the tenant in which it was enqueued, or not at all."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from kezhou.celery import app
from tenants import tasks
from tenants.context import Current, NoTenant, control_plane, current_or_none, tenant
from tenants.tasks import EnqueuedInTransaction, fan_out, registered, schedule
from tests.jobs.kinds import tick, where
from tests.jobs.workers import wait_for, worker


def waiting(queue: str) -> int:
    with app.connection_for_read() as broker:
        return int(broker.default_channel.client.llen(queue))


def test_a_task_outside_every_tenant_is_refused(alpha: Current, queue: str) -> None:
    with pytest.raises(NoTenant, match=r"The task test\.where was enqueued outside every tenant"):
        where.delay("x")
    with control_plane(), pytest.raises(NoTenant):
        where.delay("x")
    with pytest.raises(NoTenant):
        where("x")
    assert waiting(queue) == 0


def test_a_message_without_a_tenant_is_refused_by_the_worker(alpha: Current) -> None:
    result = where.apply(args=("x",))

    assert isinstance(result.result, NoTenant)
    assert "came without a tenant" in str(result.result)


def test_a_message_of_a_company_that_is_gone_is_dropped(alpha: Current) -> None:
    result = where.apply(args=("x",), headers={tasks.HEADER: "t_gone"})

    assert result.state == "IGNORED"


def test_enqueueing_inside_a_transaction_is_refused(in_alpha: Current, queue: str) -> None:
    with transaction.atomic(), pytest.raises(EnqueuedInTransaction, match=r"Use \.after_commit"):
        where.delay("x")
    assert waiting(queue) == 0


@pytest.mark.committed
def test_after_commit_sends_when_it_commits_and_never_when_it_does_not(in_alpha: Current, queue: str) -> None:
    with transaction.atomic():
        where.after_commit("x")
        assert waiting(queue) == 0
    with transaction.atomic():
        where.after_commit("x")
        transaction.set_rollback(True)

    assert waiting(queue) == 1


@pytest.mark.committed
@pytest.mark.req("PLT-01", part="background tasks")
def test_forty_tasks_of_two_tenants_with_retries_in_real_workers(
    alpha: Current, beta: Current, process_environment: Mapping[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "lines"
    file.touch()
    with worker(process_environment):
        for number in range(20):
            for place in (alpha, beta):
                with tenant(place):
                    where.delay(str(file), tries=number % 2)
        wait_for(lambda: len(file.read_text("utf-8").splitlines()) >= 40)

    lines = file.read_text("utf-8").splitlines()
    assert sorted(lines) == ["alpha t_alpha"] * 20 + ["beta t_beta"] * 20


@pytest.mark.committed
def test_the_schedule_fans_out_to_those_who_need_it(
    alpha: Current, beta: Current, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "_schedule", {})
    tasks.periodic(tick, every=timedelta(seconds=5), needed=lambda place: place.slug == "beta")

    with control_plane():
        sent = fan_out.run("test.tick")

    assert (sent, waiting(queue)) == (1, 1)
    assert schedule()["test.tick"]["task"] == "tenants.fan_out"
    assert current_or_none() is None


BEAT = (
    "import sys, django; django.setup(); from datetime import timedelta; from tests.jobs.kinds import tick;"
    "from tenants.tasks import periodic; periodic(tick, every=timedelta(seconds=0.2));"
    "from kezhou.celery import app; app.start(['beat', '--schedule', sys.argv[1], '--loglevel', 'WARNING'])"
)


@pytest.mark.committed
def test_a_real_scheduler_sends_what_the_apps_put_on_the_schedule(
    alpha: Current, queue: str, process_environment: Mapping[str, str], tmp_path: Path
) -> None:
    beat = subprocess.Popen([sys.executable, "-c", BEAT, str(tmp_path / "schedule")], env=dict(process_environment))
    try:
        wait_for(lambda: waiting(queue) >= 2)
    finally:
        beat.kill()
        beat.wait()


@pytest.mark.req("PLT-01", part="every task is guarded")
def test_no_task_that_workers_know_is_unguarded() -> None:
    found = registered()

    assert [task.name for task in found if task.kind == "unguarded"] == []
    assert {"kezhou.jobs.run", "tenants.fan_out", "kezhou.files.delete_expired"} <= {task.name for task in found}


def test_everything_on_the_schedule_is_a_task_that_workers_know() -> None:
    known = {task.name for task in registered()}

    assert {line["args"][0] for line in schedule().values()} <= known
