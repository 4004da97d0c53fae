"""The kinds of jobs that workers can run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from kezhou.access.actor import Actor
from kezhou.jobs.models import Job

Function = Callable[[Actor, Job, dict[str, Any]], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What a job may return: figures, the file that it made, and a closing sentence."""

    result: Mapping[str, Any] = field(default_factory=dict)
    file: int | None = None
    message: str = ""
    action: str = ""


class JobCancelled(Exception):
    """The person who started the job asked to stop it; raised by ``progress``. `result` says what was done until then, where that stays."""

    result: JobResult | None = None


class JobFailed(Exception):
    """The job cannot be done; ``str()`` is the sentence that the person sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A registered kind of job. A resumable one goes on after its worker was killed, others fail with a sentence; what an undoable one
    did is taken back by its action."""

    name: str
    function: Function
    resumable: bool
    title: str | Promise
    undoable: bool = False


_kinds: dict[str, Kind] = {}


def job(
    name: str, *, resumable: bool = False, title: str | Promise = "", undoable: bool = False
) -> Callable[[Function], Function]:
    """Register a function ``(actor, job, params)`` as a kind of job.

    Args:
        resumable: it may be run again from the start of the function after a kill; it then looks at what is done.
        title: what people read; ``start`` may say it better.
        undoable: its page offers to take the job's action back.
    """

    def register(function: Function) -> Function:
        if name in _kinds and _kinds[name].function is not function:
            raise ValueError(f"The kind of job {name!r} is registered twice.")
        _kinds[name] = Kind(name=name, function=function, resumable=resumable, title=title, undoable=undoable)
        return function

    return register


def kind_of(name: str) -> Kind:
    """The registered kind. Raises LookupError for an unknown one."""
    if name not in _kinds:
        raise LookupError(f"There is no kind of job named {name!r}. Register it with @job in a module that is loaded.")
    return _kinds[name]


def kinds() -> tuple[str, ...]:
    """Every registered kind: the isolation suite walks them."""
    return tuple(sorted(_kinds))
