"""The jobs behind what is done to very many records: progress, what was left with its reason, one action to take it all back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import files, jobs, records
from kezhou.access.actor import Actor
from kezhou.jobs.models import Job
from kezhou.jobs.registry import JobCancelled, JobFailed, JobResult, job
from kezhou.records import ListRequest, bulk
from kezhou.records.bulk_deleting import run_delete
from kezhou.records.spec import RecordError, TypeSpec
from kezhou.records.undoing import take_back_in_parts

BULK_EDIT = "records.bulk_edit"
BULK_DELETE = "records.bulk_delete"
UNDO = "records.undo"

Work = Callable[[bulk.Outcome, bulk.Tell], object]


def start_edit(actor: Actor, spec: TypeSpec, asked: ListRequest, edits: list[bulk.Edit], *, title: str) -> Job:
    """Let a worker change the records. The values are kept in storage form: they are what was asked for, not data of the records."""
    kept = [{"field": edit.field.key, "how": edit.how, "value": _stored(edit)} for edit in edits]
    return _start(actor, BULK_EDIT, {**_found(spec, asked), "edits": kept}, title)


def start_delete(actor: Actor, spec: TypeSpec, asked: ListRequest, *, title: str) -> Job:
    """Let a worker delete the records."""
    return _start(actor, BULK_DELETE, _found(spec, asked), title)


def start_undo(actor: Actor, action: str) -> Job:
    """Let a worker take a large action back."""
    return _start(actor, UNDO, {"action": action}, _("撤销一次批量操作"))


def _start(actor: Actor, kind: str, params: dict[str, Any], title: str) -> Job:
    row: Job = jobs.start(actor, kind, params, title=title, action=records.new_action())
    return row


def _found(spec: TypeSpec, asked: ListRequest) -> dict[str, Any]:
    return {"type": spec.key, "filter": asked.filter, "q": asked.q}


def _stored(edit: bulk.Edit) -> Any:
    return None if edit.value is None else edit.field.kind.rest(edit.value, edit.field)


@job(BULK_EDIT, resumable=True, title=gettext_lazy("批量修改"), undoable=True)
def bulk_edit_job(actor: Actor, row: Job, params: dict[str, Any]) -> JobResult:
    """Change what the list finds; what was left stands in a file with the reasons. After a kill it begins anew: what is done is the same."""
    spec, asked = _asked(actor, params)
    edits = [bulk.edit_of(actor, spec, each["field"], each["how"], each["value"]) for each in params["edits"]]
    keys = bulk.keys(actor, spec, asked)
    return _carried_out(actor, row, lambda into, tell: bulk.run(actor, spec.key, keys, edits, into=into, tell=tell))


@job(BULK_DELETE, resumable=True, title=gettext_lazy("批量删除"), undoable=True)
def bulk_delete_job(actor: Actor, row: Job, params: dict[str, Any]) -> JobResult:
    """Delete what the list finds. After a kill the list finds only what is still there."""
    spec, asked = _asked(actor, params)
    keys = bulk.keys(actor, spec, asked)
    return _carried_out(actor, row, lambda into, tell: run_delete(actor, spec.key, keys, into=into, tell=tell))


@job(UNDO, resumable=True, title=gettext_lazy("撤销"))
def undo_job(actor: Actor, row: Job, params: dict[str, Any]) -> JobResult:
    """Take an action back, batch by batch."""
    done = _carried_out(
        actor, row, lambda into, tell: take_back_in_parts(actor, params["action"], into=into, tell=tell)
    )
    if not done.result["skipped"]:
        jobs.mark_undone(params["action"])
    return done


def _asked(actor: Actor, params: dict[str, Any]) -> tuple[TypeSpec, ListRequest]:
    spec = records.type_of(actor, params["type"])
    return spec, ListRequest(filter=params["filter"], q=params["q"], sums=False)


def _carried_out(actor: Actor, row: Job, work: Work) -> JobResult:
    """Do it with progress; who cancels it is told how far it came, what was done until then stays and can be taken back."""
    outcome = bulk.Outcome(row.action)

    def tell(done: int, total: int) -> None:
        jobs.progress(row, done, total, _("已处理 %(done)s 条") % {"done": f"{done:,}"})

    try:
        work(outcome, tell)
    except JobCancelled as stopped:
        stopped.result = _result(actor, row, outcome)
        raise
    except RecordError as refused:
        raise JobFailed(str(refused)) from refused
    return _result(actor, row, outcome)


def _result(actor: Actor, row: Job, outcome: bulk.Outcome) -> JobResult:
    file = _left(actor, outcome) if outcome.skipped else None
    result = {"changed": outcome.changed, "same": outcome.same, "skipped": len(outcome.skipped)}
    return JobResult(result=result, file=file, message=sentence(outcome, kind=row.kind), action=row.action)


def _left(actor: Actor, outcome: bulk.Outcome) -> int:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow([_("编号"), _("名称"), _("没有处理的原因")])
    lines.writerows([pk, _plain(title), reason] for pk, title, reason in outcome.skipped)
    stream = io.BytesIO(text.getvalue().encode("utf-8-sig"))
    return int(files.store(actor, _("没有处理的记录.csv"), stream, purpose="export").pk)


def _plain(text: str) -> str:
    """A title that a spreadsheet would take for a formula is quoted."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def sentence(outcome: bulk.Outcome, *, kind: str = BULK_EDIT) -> str:
    """What was done, in one line."""
    done = {
        BULK_EDIT: _("已修改 %(changed)s 条"),
        BULK_DELETE: _("%(changed)s 条已移到回收站"),
        UNDO: _("已撤销，共 %(changed)s 条记录"),
    }[kind] % {"changed": f"{outcome.changed:,}"}
    if not outcome.skipped:
        return done
    shown = {"done": done, "skipped": f"{len(outcome.skipped):,}", "why": outcome.skipped[0][2]}
    return _("%(done)s，%(skipped)s 条没有处理：%(why)s") % shown
