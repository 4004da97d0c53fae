"""What the export pages call; see the package's docstring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.exchange import planning, tasks
from kezhou.exchange.exporting import demand_export, export_fields
from kezhou.exchange.line_sheets import line_kinds, line_titles
from kezhou.exchange.models import ExportLog
from kezhou.exchange.sheets import write_workbook
from kezhou.exchange.views import ExchangeError
from kezhou.exchange.whole import EVERYTHING
from kezhou.files import storage as files
from kezhou.files.models import File
from kezhou.jobs import control as jobs
from kezhou.jobs.models import Job
from kezhou.records import ListRequest
from kezhou.records.spec import Purpose, TypeSpec
from kezhou.records.structure import LinesSpec

FORMATS = ("xlsx", "csv")
_TEMPLATE_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Column:
    """One column that may be exported; `personal` when it holds data about people."""

    key: str
    label: str
    personal: bool


def exportable(actor: Actor, type_key: str) -> tuple[Column, ...]:
    """Every column that the actor may export. Raises UnknownType, NotAllowed."""
    demand_export(actor, type_key)
    return tuple(Column(field.key, str(field.label), field.personal) for field in export_fields(actor, type_key))


def start(
    actor: Actor,
    type_key: str,
    *,
    columns: Sequence[str] = (),
    lines: Sequence[str] = (),
    filter: str = "",
    sort: str = "",
    q: str = "",
    format: str = "xlsx",
) -> Job:
    """Export as a job what the list with these parameters shows; the columns as chosen, else the list's own.

    `lines` are kinds of lines that go along, each on a sheet of its own.

    Raises UnknownType, NotAllowed, FilterError for parameters that the list would refuse, ExchangeError.
    """
    spec = demand_export(actor, type_key)
    if format not in FORMATS:
        raise ExchangeError(
            _("没有导出格式“%(format)s”，可用：%(known)s。") % {"format": format, "known": "、".join(FORMATS)}
        )
    known = {column.key: column for column in exportable(actor, type_key)}
    if unknown := [key for key in columns if key not in known]:
        raise ExchangeError(_("没有可以导出的列“%(column)s”。") % {"column": unknown[0]})
    chosen = list(dict.fromkeys(columns)) or [key for key in spec.columns if key in known]
    along = _lines(actor, spec, lines, format)
    split = tuple(part for part in sort.split(",") if part)
    records.page(actor, type_key, ListRequest(filter=filter, sort=split, q=q, size=1, sums=False))
    stamp = timezone.localtime().strftime("%Y%m%d-%H%M")
    with transaction.atomic():
        log = ExportLog.objects.create(
            type_key=type_key,
            type_label=str(spec.title),
            format=format,
            columns=chosen,
            conditions={"filter": filter, "sort": sort, "q": q, "lines": [each.key for each in along]},
            sentence=_sentence([known[key] for key in chosen], along, filter, sort, q),
            file_name=f"{spec.title}-{stamp}.{format}",
            member_pk=actor.member_pk,
            member_name=actor.name[:100],
        )
        job = jobs.start(actor, tasks.EXPORT, {"export": log.pk}, title=_("导出%(type)s") % {"type": spec.title})
        log.job_pk = job.pk
        log.save(update_fields=["job_pk"])
    return job


def _lines(actor: Actor, spec: TypeSpec, wanted: Sequence[str], format: str) -> tuple[LinesSpec, ...]:
    offered = line_kinds(actor, spec)
    if unknown := [key for key in wanted if key not in {lines.key for lines in offered}]:
        raise ExchangeError(_("没有可以导出的明细“%(lines)s”。") % {"lines": unknown[0][:40]})
    if wanted and format == "csv":
        raise ExchangeError(_("CSV 只有一张表，放不下明细。请选 Excel，或者不带明细。"))
    return tuple(lines for lines in offered if lines.key in wanted)


def _sentence(chosen: Sequence[Column], along: Sequence[LinesSpec], filter: str, sort: str, q: str) -> str:
    """What was exported; personal data are named apart, so that the log tells who took them out."""
    parts = [_("列：%(labels)s") % {"labels": "、".join(column.label for column in chosen)}]
    personal = [column.label for column in chosen if column.personal]
    parts += [_("含个人信息：%(labels)s") % {"labels": "、".join(personal)}] if personal else []
    parts += [_("明细：%(lines)s") % {"lines": "、".join(str(lines.title) for lines in along)}] if along else []
    parts += [_("关键词：%(q)s") % {"q": q}] if q else []
    parts += [_("筛选：%(filter)s") % {"filter": filter}] if filter else []
    parts += [_("排序：%(sort)s") % {"sort": sort}] if sort else []
    return "；".join(parts)


def recent(actor: Actor) -> tuple[ExportLog, ...]:
    """Exports, newest first: the actor's own, all for administrators (IMX-09). Of everything there is: to administrators, whoever made it."""
    rows = ExportLog.objects.all()
    own = rows.filter(member_pk=actor.member_pk or 0).exclude(type_key=EVERYTHING)
    return tuple((rows if actor.is_admin else own)[:100])


def template(actor: Actor, type_key: str) -> File:
    """An empty workbook with a column for every field that the actor may import; filled, it maps by itself."""
    spec = records.type_of(actor, type_key)
    if "import" not in spec.operations:
        raise ExchangeError(_("你没有导入%(type)s的权限。") % {"type": spec.title})
    labels = [str(field.label) for field in planning.fields_by_key(actor, type_key).values()]
    sheets = [(str(spec.title), [labels])]
    for lines in spec.lines:
        sheets.append((str(lines.title), [line_titles(actor, spec, lines, Purpose.IMPORT)]))
    target = BytesIO()
    write_workbook(target, sheets)
    target.seek(0)
    name = _("%(type)s导入模板.xlsx") % {"type": spec.title}
    return files.store(actor, name, target, purpose="export", expires=_TEMPLATE_KEPT)
