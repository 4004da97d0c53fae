"""Removing a record type of the company's own for good is a job: it may hold many records."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import jobs
from kezhou.access.actor import Actor
from kezhou.jobs.models import Job
from kezhou.jobs.registry import JobFailed, JobResult, job
from kezhou.records.own import purging
from kezhou.records.own.defining import OwnTypeError

KIND = "own.purge"


@job(KIND, resumable=True, title=gettext_lazy("彻底删除自定义对象"))
def purge(actor: Actor, row: Job, params: dict[str, Any]) -> JobResult:
    """Remove the type `params["key"]`. Resumable: what is gone already is not looked for again."""

    def told(done: int, total: int) -> None:
        jobs.progress(
            row, done, total, _("已删除 %(done)s / %(total)s 条") % {"done": f"{done:,}", "total": f"{total:,}"}
        )

    try:
        number = purging.purge(actor, params["key"], told=told)
    except OwnTypeError as error:
        raise JobFailed(str(error)) from error
    return JobResult(
        result={"records": number},
        message=_("“%(title)s”和它的 %(n)s 条记录已彻底删除。") % {"title": params["title"], "n": f"{number:,}"},
    )
