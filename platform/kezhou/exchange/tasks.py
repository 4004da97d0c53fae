"""The kinds of jobs of import and export."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.access.actor import Actor
from kezhou.exchange import checking, exporting, running, whole
from kezhou.exchange.models import ExportLog, ImportBatch
from kezhou.exchange.views import ExchangeError
from kezhou.files.storage import FileNotFound, FileRefused
from kezhou.jobs.control import progress
from kezhou.jobs.models import Job
from kezhou.jobs.registry import JobCancelled, JobFailed, JobResult, job
from kezhou.records.spec import RecordError
from tenants.files import StoreAway

CHECK = "exchange.check"
IMPORT = "exchange.import"
EXPORT = "exchange.export"

State = ImportBatch.State


@job(CHECK, resumable=True, title=gettext_lazy("试算导入"))
def check_job(actor: Actor, row: Job, params: dict[str, Any]) -> JobResult:
    """The dry run of an import; after a kill it starts over, since it writes nothing."""
    batch = ImportBatch.objects.get(pk=params["batch"])
    _guarded(batch, lambda: checking.run_check(actor, batch, _teller(row)))
    return JobResult(result=batch.counts)


@job(IMPORT, resumable=True, title=gettext_lazy("导入"))
def import_job(actor: Actor, row: Job, params: dict[str, Any]) -> JobResult:
    """The import; after a kill it goes on behind the last batch that was committed."""
    batch = ImportBatch.objects.get(pk=params["batch"])
    _guarded(batch, lambda: running.run_import(actor, batch, _teller(row)))
    counts = batch.counts
    said = _("新增 %(new)s 条，更新 %(update)s 条，重复 %(twin)s 行，错误 %(wrong)s 行。") % counts
    return JobResult(result=counts, message=said, action=str(batch.action))


@job(EXPORT, resumable=True, title=gettext_lazy("导出"))
def export_job(actor: Actor, row: Job, params: dict[str, Any]) -> JobResult:
    """The export; after a kill it starts over with a new file."""
    log = ExportLog.objects.get(pk=params["export"])
    try:
        rest = exporting.run_export(actor, log, _teller(row))
    except (RecordError, ExchangeError) as refused:
        raise JobFailed(str(refused)) from refused
    said = exporting.cut_short(log.rows or 0) if rest else _("导出了 %(rows)s 行。") % {"rows": log.rows}
    return JobResult(result={"rows": log.rows}, file=log.file_pk, message=said)


@job(whole.WHOLE, resumable=True, title=gettext_lazy("导出公司数据"))
def whole_job(actor: Actor, row: Job, params: dict[str, Any]) -> JobResult:
    """Everything that the company has, as a zip; after a kill it starts over with a new file."""
    log = ExportLog.objects.get(pk=params["export"])
    try:
        whole.run_whole(actor, log, _teller(row))
    except (RecordError, ExchangeError, FileRefused) as refused:
        raise JobFailed(str(refused)) from refused
    except StoreAway as away:
        raise JobFailed(_("文件存储现在没有响应，没有导出。请过一会儿再试。")) from away
    said = _("导出了 %(rows)s 条记录和全部附件。") % {"rows": f"{log.rows or 0:,}"}
    return JobResult(result={"rows": log.rows}, file=log.file_pk, message=said)


def _teller(row: Job) -> Callable[[int, int, str], None]:
    def tell(done: int, total: int, message: str) -> None:
        progress(row, done, total, message)

    return tell


def _guarded(batch: ImportBatch, work: Callable[[], None]) -> None:
    """Leave the batch in a state that says how the work ended."""
    try:
        work()
    except JobCancelled:
        _stop(batch, State.CANCELLED)
        raise
    except (RecordError, FileNotFound) as refused:
        sentence = str(refused) if isinstance(refused, RecordError) else _("上传的文件已经不在了，请重新上传。")
        _stop(batch, State.FAILED, error=sentence)
        raise JobFailed(sentence) from refused
    except Exception:
        _stop(batch, State.FAILED, error=_("出错了，已经导入的行保留，其余没有导入。"))
        raise


def _stop(batch: ImportBatch, state: str, *, error: str = "") -> None:
    """Close the batch with what is committed: what memory holds of a batch that was rolled back does not count."""
    batch.refresh_from_db()
    running.finish(batch, state, error=error)
