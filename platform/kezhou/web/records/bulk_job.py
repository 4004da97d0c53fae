"""The job behind a bulk change of many records: progress, what was left with its reason, one action to take it all back."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import files, jobs, records
from kezhou.access.actor import Actor
from kezhou.jobs.models import Job
from kezhou.jobs.registry import JobResult, job
from kezhou.records import ListRequest, bulk

BULK_EDIT = "records.bulk_edit"


def start(actor: Actor, type: str, asked: ListRequest, edits: list[bulk.Edit], *, title: str) -> Job:
    """Let a worker do it. The values are kept in storage form: they are what was asked for, not data of the records."""
    kept = [{"field": edit.field.key, "how": edit.how, "value": _stored(edit)} for edit in edits]
    params = {"type": type, "filter": asked.filter, "q": asked.q, "edits": kept}
    action = records.new_action()
    row: Job = jobs.start(actor, BULK_EDIT, params, title=title, action=action)
    return row


def _stored(edit: bulk.Edit) -> Any:
    return None if edit.value is None else edit.field.kind.rest(edit.value, edit.field)


@job(BULK_EDIT, resumable=True, title=gettext_lazy("批量修改"))
def bulk_edit_job(actor: Actor, row: Job, params: dict[str, Any]) -> JobResult:
    """Change what the list finds; what was left stands in a file with the reasons. After a kill it begins anew: what is done is the same."""
    spec = records.type_of(actor, params["type"])
    asked = ListRequest(filter=params["filter"], q=params["q"], sums=False)
    edits = [bulk.edit_of(actor, spec, each["field"], each["how"], each["value"]) for each in params["edits"]]

    def tell(done: int, total: int) -> None:
        jobs.progress(row, done, total, _("已处理 %(done)s 条") % {"done": f"{done:,}"})

    outcome = bulk.run(actor, spec.key, bulk.keys(actor, spec, asked), edits, action=row.action, tell=tell)
    file = _left(actor, outcome) if outcome.skipped else None
    result = {"changed": outcome.changed, "same": outcome.same, "skipped": len(outcome.skipped)}
    return JobResult(result=result, file=file, message=sentence(outcome), action=row.action)


def _left(actor: Actor, outcome: bulk.Outcome) -> int:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow([_("编号"), _("名称"), _("没有改的原因")])
    lines.writerows([pk, _plain(title), reason] for pk, title, reason in outcome.skipped)
    stream = io.BytesIO(text.getvalue().encode("utf-8-sig"))
    return int(files.store(actor, _("没有改的记录.csv"), stream, purpose="export").pk)


def _plain(text: str) -> str:
    """A title that a spreadsheet would take for a formula is quoted."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def sentence(outcome: bulk.Outcome) -> str:
    """What was done, in one line."""
    shown = {"changed": f"{outcome.changed:,}", "skipped": f"{len(outcome.skipped):,}"}
    if not outcome.skipped:
        return _("已修改 %(changed)s 条") % shown
    shown["why"] = outcome.skipped[0][2]
    return _("已修改 %(changed)s 条，%(skipped)s 条没有改：%(why)s") % shown
