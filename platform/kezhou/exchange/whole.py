"""Everything that a company has, as one zip for its administrator: a workbook per kind of record, the files, and an index (BAS-05).

表格/客户.xlsx holds the records of a kind with all their columns, and a sheet for each kind of their lines; 附件/ the files by kind
and record; 目录.xlsx says which workbook holds how many records and where the file of which record lies.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import parameters, records
from kezhou.access.actor import Actor, System
from kezhou.exchange.exporting import KEPT, Tell, export_fields
from kezhou.exchange.line_sheets import line_kinds, line_rows
from kezhou.exchange.models import ExportLog
from kezhou.exchange.paging import exported, pages
from kezhou.exchange.sheets import write_workbook
from kezhou.exchange.views import ExchangeError
from kezhou.files import storage
from kezhou.files.carrying import Carried, carried, weight
from kezhou.jobs import control as jobs
from kezhou.jobs.models import Job
from kezhou.records import ListRequest
from kezhou.records.rows import run_one
from kezhou.records.spec import FieldSpec, NotAllowed, TypeSpec
from kezhou.records.sql import Sql
from tenants.context import current

WHOLE = "exchange.whole"
EVERYTHING = "*"
"""The type key of a log entry that concerns every kind of record."""
NOBODYS = "everything of a company belongs to whoever is an administrator when it is opened"
MOST_ROWS = 1_000_000
"""Rows of one sheet; further ones stand on a second."""
SIZE = 500
LARGEST = 1024 * 1024 * 1024 * 1024
_ENDED = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)


def demand_administrator(actor: Actor) -> None:
    """Only who administers the company carries all of it away. Raises NotAllowed."""
    if not actor.is_admin:
        raise NotAllowed(_("只有管理员可以导出公司的全部数据。"))


def kinds(actor: Actor) -> tuple[TypeSpec, ...]:
    """The kinds of records that get a workbook: those with records of their own, lines stand with their records."""
    return tuple(spec for spec in records.types(actor).values() if spec.parent is None or not spec.parent.key)


def start(actor: Actor) -> Job:
    """Export everything as a job. Raises NotAllowed, ExchangeError while another one is under way."""
    demand_administrator(actor)
    stamp = timezone.localtime().strftime("%Y%m%d-%H%M")
    with transaction.atomic():
        run_one(
            Sql("SELECT pg_advisory_xact_lock(hashtextextended(current_schema(), 13))::text")
        )  # two presses at once
        if under_way() is not None:
            raise ExchangeError(_("正在导出公司数据，等它完成或取消后再来。"))
        log = ExportLog.objects.create(
            type_key=EVERYTHING,
            type_label=_("公司数据"),
            format="zip",
            sentence=_("全部数据：每类记录一个表格，连同附件和目录；含个人信息"),
            file_name=_("公司数据-%(at)s.zip") % {"at": stamp},
            member_pk=actor.member_pk,
            member_name=actor.name[:100],
        )
        job = jobs.start(actor, WHOLE, {"export": log.pk}, title=_("导出公司数据"))
        log.job_pk = job.pk
        log.save(update_fields=["job_pk"])
    return job


def under_way() -> Job | None:
    """The export of everything that is not ended yet."""
    latest = ExportLog.objects.filter(type_key=EVERYTHING).order_by("-pk")
    pks = [pk for pk in latest.values_list("job_pk", flat=True)[:5] if pk]
    return Job.objects.filter(pk__in=pks).exclude(state__in=_ENDED).first()


def run_whole(actor: Actor, log: ExportLog, tell: Tell) -> None:
    """Write the zip and note it in the log. Raises NotAllowed, ExchangeError."""
    demand_administrator(actor)
    with TemporaryDirectory(prefix="kezhou-whole-") as folder:
        demand_room(Path(folder))
        path = Path(folder) / "whole.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=1) as target:
            written = _Writing(actor, target, Path(folder), tell)
            for spec in kinds(actor):
                written.add_kind(spec)
            written.add_files()
            written.add_index()
        kept = timedelta(days=parameters.whole(KEPT))
        with path.open("rb") as stream:
            file = storage.store(
                System(NOBODYS), log.file_name, stream, purpose="export", expires=kept, largest=LARGEST
            )
    log.rows, log.file_pk, log.expires_at = written.done, file.pk, timezone.now() + kept
    log.save(update_fields=["rows", "file_pk", "expires_at"])


def demand_room(folder: Path) -> None:
    """Refuse before anything is written when the disk could not hold the zip twice: here and in the store."""
    count, size = weight()
    free = shutil.disk_usage(folder).free
    if size * 2 > free:
        raise ExchangeError(
            _("附件有 %(count)s 个、%(size)s MB，服务器的磁盘放不下导出的文件。请联系管理服务器的人。")
            % {"count": f"{count:,}", "size": f"{size // (1024 * 1024):,}"}
        )


class _Writing:
    """The zip that is being written, and what its index will say."""

    def __init__(self, actor: Actor, target: zipfile.ZipFile, folder: Path, tell: Tell) -> None:
        self.actor, self.target, self.folder, self._tell = actor, target, folder, tell
        self.done = 0
        self.kinds: list[list[Any]] = []
        self.files: list[list[Any]] = []
        self._names: set[str] = set()

    def add_kind(self, spec: TypeSpec) -> None:
        """The workbook of one kind of record."""
        columns, before = export_fields(self.actor, spec.key), self.done
        if not columns:
            return
        request = ListRequest(columns=tuple(f.key for f in columns), sort=("created_at",), size=SIZE, sums=False)
        head = [str(field.label) for field in columns]
        sheets = [parted(str(spec.title), head, self._records(spec, columns, request))]
        for lines in line_kinds(self.actor, spec):
            rows = line_rows(self.actor, spec, lines, request, most=None)
            sheets.append(parted(str(lines.title), next(rows), rows))
        place = self._free(f"{_('表格')}/{plain(spec.title)}.xlsx")
        self._workbook(place, chain.from_iterable(sheets))
        personal = "、".join(str(field.label) for field in columns if field.personal)
        self.kinds.append([str(spec.title), place, self.done - before, personal])

    def _records(self, spec: TypeSpec, columns: Sequence[FieldSpec], request: ListRequest) -> Iterator[list[Any]]:
        for page in pages(self.actor, spec, request):
            for row in page.rows:
                yield [exported(field, value, page.fmt) for field, value in zip(columns, row.values, strict=True)]
            self.done += len(page.rows)
            self.tell(str(spec.title))

    def tell(self, what: str) -> None:
        """Say how far it is; nobody knows beforehand how many records there are."""
        said = {"what": what, "rows": f"{self.done:,}", "files": f"{len(self.files):,}"}
        self._tell(self.done, self.done + 1, _("正在写“%(what)s”：已导出 %(rows)s 条记录、%(files)s 个文件") % said)

    def add_files(self) -> None:
        """The files on records, each in the folder of its record."""
        titles = {key: plain(spec.title) for key, spec in records.types(self.actor).items()}
        for place, file in enumerate(carried(self.actor)):
            self.files.append(self._file(titles[file.type], file))
            if place % 50 == 0:
                self.tell(_("附件"))

    def _file(self, kind: str, file: Carried) -> list[Any]:
        path = file.path
        holder = plain(" ".join(filter(None, (file.number or str(file.record), file.title))))
        place = self._free(f"{_('附件')}/{kind}/{holder}/{plain(file.name)}", alone=file.pk)
        if path is not None:
            self.target.write(path, place)
        state = place if path is not None else _("（内容不见了）")
        return [
            kind,
            file.number,
            file.title,
            file.field,
            file.name,
            state,
            file.author,
            self._local(file.at),
            file.size,
            file.digest,
        ]

    def _local(self, at: datetime) -> datetime:
        """In the company's time, without a zone: sheets know none."""
        return at.astimezone(current().zone).replace(tzinfo=None)

    def add_index(self) -> None:
        """Where everything lies."""
        tables = [[_("记录"), _("表格"), _("条数"), _("含个人信息的列")], *self.kinds]
        heads = (
            _("对象"), _("编号"), _("记录"), _("字段"), _("文件名"), _("位置"), _("上传人"), _("时间"), _("字节"), _("SHA-256"),
        )  # fmt: skip
        files = parted(_("文件"), list(heads), self.files)
        self._workbook(f"{_('目录')}.xlsx", chain([(_("记录"), iter(tables))], files))

    def _workbook(self, place: str, sheets: Iterable[tuple[str, Iterable[Sequence[Any]]]]) -> None:
        path = self.folder / "sheet.xlsx"
        with path.open("wb") as target:
            write_workbook(target, sheets)
        self.target.write(path, place)
        path.unlink()

    def _free(self, place: str, *, alone: int | None = None) -> str:
        """A name that the zip does not have yet; case does not tell names apart everywhere."""
        stem, dot, ending = place.rpartition(".") if "." in place.rpartition("/")[2] else (place, "", "")
        tried, number = place, alone or 2
        while tried.casefold() in self._names:
            tried, number = f"{stem} ({number}){dot}{ending}", number + 1
        self._names.add(tried.casefold())
        return tried


def parted(
    title: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> Iterator[tuple[str, Iterator[Sequence[Any]]]]:
    """Sheets with the same head, as many as the rows need; one that is empty when there are none.

    The rows are read once: each sheet is written before the next one is asked for.
    """
    left, number = iter(rows), 1
    first = next(left, None)
    while number == 1 or first is not None:
        begun = () if first is None else (first,)
        name = title if number == 1 else f"{title[:26]} ({number})"
        yield name, chain((head,), begun, islice(left, MOST_ROWS - 1))
        first, number = next(left, None), number + 1


def plain(text: object) -> str:
    """A name for a folder or a file in the zip: no separators, no signs that some systems refuse, not too long."""
    shown = "".join("_" if sign in '<>:"/\\|?*' or ord(sign) < 32 else sign for sign in str(text)).strip(" .")
    stem, dot, ending = shown.rpartition(".")
    return (
        shown
        if len(shown) <= 80
        else f"{stem[: 79 - len(ending)]}{dot}{ending}"
        if dot and len(ending) < 10
        else shown[:80]
    )
