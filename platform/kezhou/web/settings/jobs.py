"""Switching modules on is a job: tables are made, dictionaries and roles are seeded, and the page shows how far it has come."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import jobs, switching
from kezhou.access.actor import Actor, System
from kezhou.access.entitlements import NotEntitled
from kezhou.jobs.models import Job
from kezhou.jobs.registry import JobFailed, JobResult, job
from kezhou.plugins import PluginError
from tenants.provisioning import NewTenant

KIND = "plugins.switch"


@job(KIND, resumable=True, title=gettext_lazy("打开业务模块"))
def switch(actor: Actor, row: Job, params: dict[str, Any]) -> JobResult:
    """Switch on `params["names"]` with all they need. Resumable: what is on already is passed over."""

    def step(done: int, total: int, title: str) -> None:
        jobs.progress(row, done, total, _("正在打开“%(title)s”") % {"title": _(title)} if title else "")

    try:
        done = switching.switch_on(actor, params["names"], step=step)
    except (PluginError, NotEntitled) as error:
        raise JobFailed(str(error)) from error
    return JobResult(result={"names": list(done)}, message=_("打开了 %(count)d 个模块。") % {"count": len(done)})


def preselected(request: NewTenant) -> None:
    """The provisioning step “plugins”: what the sign-up chose is switched on by a job right after the commit."""
    if request.plugins:
        jobs.start(System("switches on the modules chosen at sign-up"), KIND, {"names": list(request.plugins)})
