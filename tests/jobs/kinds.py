"""Kinds of jobs for the tests; real workers import this module."""

import os
import time
from pathlib import Path
from typing import Any

from kezhou import jobs
from kezhou.access.actor import Actor
from kezhou.jobs.models import Job
from kezhou.jobs.registry import JobFailed, job
from tenants.context import current
from tenants.tasks import task


@job("test.count")
def count(actor: Actor, job: Job, params: dict[str, Any]) -> dict[str, Any]:
    for number in range(params["to"]):
        jobs.progress(job, number + 1, params["to"], "counting")
    return {"tenant": current().slug, "actor": actor.key}


@job("test.refuse")
def refuse(actor: Actor, job: Job, params: dict[str, Any]) -> None:
    raise JobFailed("这个文件是空的。")


@job("test.break")
def break_down(actor: Actor, job: Job, params: dict[str, Any]) -> None:
    raise ZeroDivisionError("a secret detail")


def _wait(job: Job, params: dict[str, Any]) -> dict[str, Any]:
    """Leave a trace, then wait for a signal the first time; the second attempt comes through."""
    Path(params["trace"]).write_text(str(os.getpid()), "utf-8")
    deadline = time.monotonic() + (60 if job.attempts == 1 else 0)
    while time.monotonic() < deadline:
        jobs.progress(job, job.attempts)
        time.sleep(0.05)
    return {"attempts": job.attempts}


@job("test.once")
def once(actor: Actor, job: Job, params: dict[str, Any]) -> dict[str, Any]:
    return _wait(job, params)


@job("test.again", resumable=True)
def again(actor: Actor, job: Job, params: dict[str, Any]) -> dict[str, Any]:
    return _wait(job, params)


@task(name="test.where")
def where(path: str, tries: int = 0) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        line = f"{current().slug} {cursor.fetchone()[0]}"
    if tries:
        raise where.retry(args=(path, tries - 1), countdown=0)
    with open(path, "a", encoding="utf-8") as file:
        file.write(line + "\n")


@task(name="test.tick")
def tick() -> None:
    """Nothing: it is only sent."""
