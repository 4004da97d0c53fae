"""The export itself: pages of 500 rows as the list gives them, streamed into the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import parameters, records
from kezhou.access.actor import Actor
from kezhou.exchange.line_sheets import line_kinds, line_rows
from kezhou.exchange.matching import naming_field
from kezhou.exchange.models import ExportLog
from kezhou.exchange.paging import exported, pages
from kezhou.exchange.sheets import write_delimited, write_workbook
from kezhou.exchange.views import ExchangeError
from kezhou.files import storage as files
from kezhou.records import ListRequest
from kezhou.records.spec import FieldSpec, NotAllowed, Purpose, TypeSpec

KEPT = "exchange.export_days"
parameters.declare(
    parameters.Parameter(
        key=KEPT,
        group="data",
        title=gettext_lazy("导出文件保留"),
        help=gettext_lazy("导出的文件过这么多天自动删除。已经导出的不变。"),
        type="number",
        default=7,
        minimum=1,
        maximum=90,
        unit=gettext_lazy("天"),
        words=gettext_lazy("下载 过期"),
    )
)
SIZE = 500
MOST = 1_000_000
"""Rows of one file: a sheet of a workbook holds 1,048,576. What is beyond is told in the file and by the job."""
Tell = Callable[[int, int, str], None]


def export_fields(actor: Actor, type_key: str) -> tuple[FieldSpec, ...]:
    """The fields that the actor may export, in the order of the record."""
    return records.fields_for(type_key, actor, Purpose.EXPORT)


def demand_export(actor: Actor, type_key: str) -> TypeSpec:
    """The type, when the actor may export it. Raises UnknownType, NotAllowed."""
    spec = records.type_of(actor, type_key)
    if "export" not in spec.operations:
        raise NotAllowed(_("你没有导出%(type)s的权限。") % {"type": spec.title})
    return spec


def run_export(actor: Actor, log: ExportLog, tell: Tell) -> bool:
    """Write the file of an export and note it in the log; whether there was more than a file holds. Raises NotAllowed, FilterError, ExchangeError."""
    spec = demand_export(actor, log.type_key)
    known = {field.key: field for field in export_fields(actor, log.type_key)}
    columns = [known[key] for key in log.columns if key in known]
    if not columns:
        raise ExchangeError(_("没有可以导出的列。"))
    request = ListRequest(
        columns=tuple(field.key for field in columns),
        filter=log.conditions.get("filter", ""),
        sort=tuple(filter(None, log.conditions.get("sort", "").split(","))),
        q=log.conditions.get("q", ""),
        size=SIZE,
        sums=False,
    )
    request = _with_name(spec, known, log, request)
    written = Written(records.count(actor, spec.key, request), tell)
    columns = [known[key] for key in request.columns]
    sheets = [(str(spec.title), sheet_rows(actor, spec, columns, request, written))]
    sheets += [
        (str(lines.title), line_rows(actor, spec, lines, request)) for lines in line_kinds(actor, spec, log.lines)
    ]
    with TemporaryDirectory(prefix="kezhou-export-") as folder:
        path = Path(folder) / "export"
        if log.format == "csv":
            # Spreadsheet programs take text without the mark for their own country's encoding.
            with path.open("w", encoding="utf-8-sig", newline="") as text:
                write_delimited(text, sheets[0][1])
        else:
            with path.open("wb") as target:
                write_workbook(target, sheets)
        kept = timedelta(days=parameters.whole(KEPT))
        with path.open("rb") as stream:
            file = files.store(actor, log.file_name, stream, purpose="export", expires=kept)
    log.rows, log.file_pk, log.expires_at = written.rows, file.pk, timezone.now() + kept
    if written.rest:
        log.sentence = f"{log.sentence}；{cut_short(written.rows)}"
    log.save(update_fields=["rows", "file_pk", "expires_at", "sentence"])
    return written.rest


def _with_name(spec: TypeSpec, known: Mapping[str, FieldSpec], log: ExportLog, request: ListRequest) -> ListRequest:
    """With lines, the records name themselves as the sheets of their lines do, so that a later import finds both."""
    name = naming_field(spec)
    if not log.lines or name in request.columns or name not in known:
        return request
    return replace(request, columns=(name, *request.columns))


class Written:
    """How many rows were written, told on."""

    def __init__(self, total: int, tell: Tell) -> None:
        self.total, self.tell, self.rows, self.rest = total, tell, 0, False

    def add(self, rows: int) -> None:
        self.rows += rows
        total = max(self.total, self.rows)
        self.tell(self.rows, total, _("已导出 %(rows)s 行") % {"rows": self.rows})


def sheet_rows(
    actor: Actor, spec: TypeSpec, columns: Sequence[FieldSpec], request: ListRequest, written: Written
) -> Iterator[list[Any]]:
    """The sheet of what a list shows, its head first; after the last row that a file may hold it says that there is more."""
    yield [str(field.label) for field in columns]
    for page in pages(actor, spec, request):
        if written.rows >= MOST:
            written.rest = True
            yield [cut_short(written.rows)]
            return
        for row in page.rows:
            yield [exported(field, value, page.fmt) for field, value in zip(page.columns, row.values, strict=True)]
        written.add(len(page.rows))


def cut_short(rows: int) -> str:
    """What the file, the job and the log say when there was more than a file holds."""
    return _("只导出了前 %(rows)s 行，后面还有。请加筛选条件，分几次导出。") % {"rows": f"{rows:,}"}
