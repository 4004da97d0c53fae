"""What several pages of the wizard show: its steps, its headings, numbers and the state of a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import jobs
from kezhou.access.actor import MemberActor
from kezhou.exchange.models import ImportBatch
from kezhou.jobs.models import Job
from kezhou.records import types

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TITLES = (
    gettext_lazy("对象与文件"),
    gettext_lazy("对应字段"),
    gettext_lazy("试算与修正"),
    gettext_lazy("导入"),
    gettext_lazy("结果"),
)
_State = ImportBatch.State
HUES = {
    _State.MAPPING: "gry",
    _State.CHECKING: "blue",
    _State.CHECKED: "amb",
    _State.RUNNING: "blue",
    _State.DONE: "grn",
    _State.FAILED: "rd1",
    _State.CANCELLED: "gry",
    _State.UNDONE: "gry",
}
ENDED = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Step:
    """One of the wizard's steps as its head shows it."""

    number: int
    title: StrOrPromise
    done: bool
    now: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A running job as the progress panel shows it."""

    title: str
    done: int
    total: int
    message: str
    can_cancel: bool


def steps(now: int) -> tuple[Step, ...]:
    """The head of the wizard with step `now` (from 1) open; 6 means that all are done."""
    return tuple(Step(number, title, number < now, number == now) for number, title in enumerate(TITLES, start=1))


def importable(actor: MemberActor) -> tuple[tuple[str, str], ...]:
    """Key and title of the types that this person may import, in the order of the menu."""
    found = sorted(types(actor).values(), key=lambda spec: (spec.hidden, spec.order, spec.key))
    return tuple((spec.key, str(spec.title)) for spec in found if "import" in spec.operations)


def heading_of(title: str) -> str:
    """“导入客户”."""
    return _("导入%(type)s") % {"type": title}


def waiting(job: Job, title: str, *, unit: str = "") -> Waiting:
    """The progress of a job in a sentence."""
    if job.message:
        message = job.message
    elif job.total:
        message = _("%(done)s / %(total)s 行") % {"done": thousands(job.done), "total": thousands(job.total)}
    else:
        message = _("排队中")
    return Waiting(title, job.done, job.total or 1, message, job.state not in ENDED)


def job_of(actor: MemberActor, pk: int | None) -> Job | None:
    """The job behind a page; None when there is none or it is somebody else's."""
    try:
        return jobs.get(actor, pk) if pk else None
    except jobs.JobNotFound:
        return None


def thousands(number: int | None) -> str:
    """`1,226`; a dash for nothing."""
    return "—" if number is None else f"{number:,}"
