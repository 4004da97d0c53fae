"""What the wizard's pages and the command line call for an import; see the package's docstring."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.exchange import matching, mending, planning, tasks
from kezhou.exchange.mapping import sheet_view
from kezhou.exchange.mending import error_file, error_groups, fix, problems, replace
from kezhou.exchange.models import ImportBatch
from kezhou.exchange.rows import opened
from kezhou.exchange.views import MODES, ExchangeError, SheetView, TargetView
from kezhou.files.models import File
from kezhou.jobs import control as jobs
from kezhou.jobs.models import Job
from kezhou.records.spec import NotAllowed, RecordNotFound

__all__ = [
    "batch",
    "batches",
    "begin",
    "check",
    "demand_ready",
    "error_file",
    "error_groups",
    "fix",
    "problems",
    "replace",
    "run",
    "set_mode",
    "set_plan",
    "sheets",
    "targets",
    "undo",
]

State = ImportBatch.State
_OPEN = (State.MAPPING, State.CHECKED, State.FAILED, State.CANCELLED)


def begin(actor: Actor, file: File, *, type_key: str, mode: str = "add", source: str = "page") -> ImportBatch:
    """Read an uploaded file and propose how to import it; nothing is written but the batch itself.

    Raises ExchangeError for a file that cannot be read, UnknownType and NotAllowed for a type that the actor may not import.
    """
    if type_key not in matching.importable(actor):
        raise NotAllowed(_("你没有导入%(type)s的权限。") % {"type": records.type_of(actor, type_key).title})
    found = ImportBatch(
        file_pk=file.pk,
        file_name=file.name,
        size=file.size,
        type_key=type_key,
        mode=_known_mode(mode),
        source=source,
        action=uuid.UUID(records.new_action()),
        member_pk=actor.member_pk,
        member_name=actor.name[:100],
    )
    with opened(actor, found) as table:
        found.plan = planning.propose(actor, table, type_key)
        found.encoding = table.encoding_name
    if not any(sheet["rows"] for sheet in found.plan["sheets"]):
        raise ExchangeError(_("文件里没有可以导入的行：表头下面没有内容。"))
    found.save()
    return found


def batches(actor: Actor) -> tuple[ImportBatch, ...]:
    """Imports, newest first: the actor's own, all for administrators (IMX-09). Plans are left out."""
    rows = ImportBatch.objects.defer("plan", "edits")
    return tuple((rows if actor.is_admin else rows.filter(member_pk=actor.member_pk or 0))[:100])


def batch(actor: Actor, pk: int) -> ImportBatch:
    """One import of the actor (any for administrators). Raises RecordNotFound."""
    found = ImportBatch.objects.filter(pk=pk).first()
    if found is None or not (actor.is_admin or (found.member_pk and found.member_pk == actor.member_pk)):
        raise RecordNotFound(_("没有这次导入（%(pk)s），或者你无权查看。") % {"pk": pk})
    return _settled(found)


def _settled(found: ImportBatch) -> ImportBatch:
    """A batch whose job ended without a word (its worker was killed too often, or it waited and was cancelled)."""
    if found.state not in {State.CHECKING, State.RUNNING} or found.job_pk is None:
        return found
    job = Job.objects.filter(pk=found.job_pk).first()
    if job is None or job.state in {Job.State.FAILED, Job.State.CANCELLED}:
        found.state = State.CANCELLED if job and job.state == Job.State.CANCELLED else State.FAILED
        found.result["error"] = job.message if job else ""
        found.save(update_fields=["state", "result"])
    return found


def sheets(actor: Actor, batch: ImportBatch) -> tuple[SheetView, ...]:
    """Every sheet as the mapping page shows it."""
    return tuple(sheet_view(actor, sheet, mode=batch.mode) for sheet in batch.plan["sheets"])


def targets(actor: Actor, type_key: str) -> tuple[TargetView, ...]:
    """The fields of a type that a column can fill, linked records by their names."""
    required = {field.key for field in planning.required_fields(actor, type_key)}
    return tuple(
        TargetView(field.key, str(field.label), field.key in required, field.type)
        for field in planning.fields_by_key(actor, type_key).values()
    )


def set_plan(actor: Actor, batch: ImportBatch, changes: Mapping[int, Mapping[str, Any]]) -> ImportBatch:
    """Change how sheets are read; `changes` maps a sheet's index to any of:

    `type_key` (None leaves the sheet out), `header_row`, `columns` {column index: field key or None}, `values`
    {column index: {text: option key, member's primary key, "invite" or "skip"}}. A new type or header proposes the columns
    anew. Raises ExchangeError for a sheet, column, field or value that does not exist, or while a job works on the batch.
    """
    _demand_open(batch)
    by_index = {sheet["index"]: sheet for sheet in batch.plan["sheets"]}
    for index, change in changes.items():
        if int(index) not in by_index:
            raise ExchangeError(_("文件里没有第 %(sheet)s 张表。") % {"sheet": int(index) + 1})
        mending.change_sheet(actor, batch, by_index[int(index)], change)
    batch.state, batch.result = State.MAPPING, {}
    batch.save(update_fields=["plan", "state", "result"])
    return batch


def set_mode(actor: Actor, batch: ImportBatch, *, mode: str, blank_keeps: bool = True) -> ImportBatch:
    """Choose add, update or both, and whether blank cells leave old values alone when updating."""
    _demand_open(batch)
    batch.mode, batch.blank_keeps = _known_mode(mode), blank_keeps
    batch.save(update_fields=["mode", "blank_keeps"])
    return batch


def check(actor: Actor, batch: ImportBatch) -> Job:
    """Start the dry run as a job. Raises ExchangeError when the plan is not complete or rows came in already."""
    _demand_open(batch)
    demand_ready(actor, batch)
    return _start(actor, batch, tasks.CHECK, State.CHECKING, title=_("试算 %(file)s") % {"file": batch.file_name})


def run(actor: Actor, batch: ImportBatch) -> Job:
    """Start the import as a job; what a cancelled or failed run has done already is not done again."""
    demand_ready(actor, batch)
    return _start(actor, batch, tasks.IMPORT, State.RUNNING, title=_("导入 %(file)s") % {"file": batch.file_name})


def _start(actor: Actor, batch: ImportBatch, kind: str, state: str, *, title: str) -> Job:
    with transaction.atomic():
        free = ImportBatch.objects.filter(pk=batch.pk, state__in=_OPEN)
        if not free.update(state=state):
            raise ExchangeError(_("这次导入正在进行或者已经结束，请刷新页面。"))
        job = jobs.start(actor, kind, {"batch": batch.pk}, title=title[:200], action=str(batch.action))
        batch.state, batch.job_pk = state, job.pk
        ImportBatch.objects.filter(pk=batch.pk).update(job_pk=job.pk)
    return job


def undo(actor: Actor, batch: ImportBatch) -> int:
    """Take the import back as a whole; how many records that concerned (IMX-09).

    Raises ExchangeError with the reasons when one of its records was changed or is used since, or nothing was imported.
    """
    if batch.state not in {State.DONE, State.FAILED, State.CANCELLED}:
        raise ExchangeError(_("这次导入没有完成或者已经撤回，不能撤回。"))
    taken = records.undo(actor, str(batch.action))
    if not taken.ok:
        raise ExchangeError(_("不能撤回：%(why)s") % {"why": "".join(taken.problems[:3])})
    batch.state = State.UNDONE
    batch.save(update_fields=["state"])
    return taken.records


def _known_mode(mode: str) -> str:
    if mode not in MODES:
        raise ExchangeError(_("没有导入方式“%(mode)s”，可用：%(known)s。") % {"mode": mode, "known": "、".join(MODES)})
    return mode


def _demand_open(batch: ImportBatch) -> None:
    if batch.state not in _OPEN or batch.position:
        raise ExchangeError(_("这次导入已经开始，不能再改对应关系。"))


def demand_ready(actor: Actor, batch: ImportBatch) -> None:
    """Refuse a plan that cannot be run: no sheet, or a required field without a column. Raises ExchangeError."""
    used = planning.imported(batch.plan)
    if not used:
        raise ExchangeError(_("没有选择要导入的表，请至少给一张表选择记录类型。"))
    for sheet in used:
        view = sheet_view(actor, sheet, mode=batch.mode)
        if view.missing:
            shown = {"sheet": view.title, "fields": "、".join(view.missing)}
            raise ExchangeError(_("表“%(sheet)s”缺少必填的列：%(fields)s。") % shown)
