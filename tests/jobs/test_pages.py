"""A job as those see it who wait for it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from kezhou import jobs
from kezhou.jobs.models import Job
from tenants.context import Current
from tests.jobs import kinds as _registered  # noqa: F401  # registers the kinds of the tests


@pytest.fixture
def waiting(
    in_alpha: Current, member_factory: Callable[..., Any], sign_in: Callable[..., Client]
) -> tuple[Client, Job]:
    person = member_factory()
    job = jobs.start(person.actor, "test.count", {"to": 4}, title="数一数")
    Job.objects.filter(pk=job.pk).update(state="running", done=1, total=4)
    return sign_in(Client(), person), job


def test_a_program_gets_json(waiting: tuple[Client, Job]) -> None:
    browser, job = waiting

    found = browser.get(f"/jobs/{job.pk}", headers={"accept": "application/json"}).json()

    assert (found["state"], found["percent"], found["over"], found["title"]) == ("running", 25, False, "数一数")


def test_a_running_job_asks_again_by_itself_and_a_finished_one_does_not(waiting: tuple[Client, Job]) -> None:
    browser, job = waiting

    running = browser.get(f"/jobs/{job.pk}", headers={"hx-request": "true"}).content.decode()
    Job.objects.filter(pk=job.pk).update(state="done", file=9, message="好了")
    over = browser.get(f"/jobs/{job.pk}", headers={"hx-request": "true"}).content.decode()

    assert f'hx-get="/jobs/{job.pk}"' in running
    assert "<html" not in running
    assert "hx-get" not in over
    assert 'href="/files/9"' in over
    assert "好了" in over


def test_the_whole_page_works_without_a_script(waiting: tuple[Client, Job]) -> None:
    browser, job = waiting

    page = browser.get(f"/jobs/{job.pk}")
    stopped = browser.post(f"/jobs/{job.pk}/cancel")
    job.refresh_from_db()

    assert page.status_code == 200
    assert "数一数" in page.content.decode()
    assert (stopped.status_code, stopped["Location"]) == (302, f"/jobs/{job.pk}")
    assert job.cancel_asked


def test_somebody_elses_job_is_404(
    waiting: tuple[Client, Job], member_factory: Callable[..., Any], sign_in: Callable[..., Client]
) -> None:
    _, job = waiting
    stranger = sign_in(Client(), member_factory())

    assert stranger.get(f"/jobs/{job.pk}").status_code == 404
    assert stranger.post(f"/jobs/{job.pk}/cancel").status_code == 404
    job.refresh_from_db()
    assert not job.cancel_asked
