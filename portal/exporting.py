"""Taking one's own records along as a workbook: at once where they are few, as a job where it takes time (POR-18)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import parameters, records
from kezhou.access.actor import Actor, System
from kezhou.exchange.exporting import KEPT, SIZE, Tell, Written, cut_short, sheet_rows
from kezhou.exchange.sheets import write_workbook
from kezhou.files import storage as files
from kezhou.jobs import control as jobs
from kezhou.jobs.models import Job
from kezhou.jobs.registry import JobFailed, JobResult, job
from kezhou.records import ListRequest, fields_for
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec, UnknownType
from portal.actor import PortalActor, actor_from, facts_of_account
from portal.door import is_open

KIND = "portal.export"
AT_ONCE = 1_000
"""Rows that a page takes the time for: well below a second."""
MOST = 20
"""Files that wait for one person: nobody outside fills the disk or the queue."""
OPEN = (Job.State.QUEUED, Job.State.RUNNING)


class Enough(Exception):
    """As many files as one person may have wait already; ``str()`` says so."""


def is_short(actor: PortalActor, spec: TypeSpec, q: str) -> bool:
    """Whether the file is made while somebody waits for the page."""
    total = records.page(actor, spec, ListRequest(columns=(spec.title_field,), q=q, size=1, sums=False)).total
    return total is not None and total <= AT_ONCE


def write(target: IO[bytes], actor: PortalActor, spec: TypeSpec, q: str, tell: Tell | None = None) -> Written:
    """What the list shows, with every field that is given."""
    fields = fields_of(actor, spec)
    asked = ListRequest(columns=tuple(field.key for field in fields), q=q, size=SIZE, sums=False)
    total = records.count(actor, spec, asked) if tell is not None else 0
    written = Written(total, tell or _quiet)
    write_workbook(target, [(str(spec.title), sheet_rows(actor, spec, fields, asked, written))])
    return written


def fields_of(actor: PortalActor, spec: TypeSpec) -> tuple[FieldSpec, ...]:
    """The columns of an export: what is given and stands on pages."""
    shown = actor.shown(spec.key)
    return tuple(field for field in fields_for(spec.key, actor, Purpose.EXPORT) if field.key in shown)


def file_name(spec: TypeSpec) -> str:
    """The name of a file of today."""
    return _("%(type)s %(day)s.xlsx") % {"type": spec.title, "day": timezone.localdate().isoformat()}


def start(actor: PortalActor, spec: TypeSpec, q: str) -> Job:
    """Let a worker make the file; the same wish twice is one job. Raises Enough."""
    wanted = {**_by(actor), "type": spec.key, "q": q}
    running = Job.objects.filter(kind=KIND, state__in=OPEN, params=wanted).first()
    title = _("导出%(type)s") % {"type": spec.title}
    if running is None and _exports(actor).filter(Q(state__in=OPEN) | Q(file__isnull=False)).count() >= MOST:
        words = {"most": MOST, "days": parameters.whole(KEPT)}
        raise Enough(_("已有 %(most)d 份导出的文件，请先用它们，%(days)d 天后自动删除。") % words)
    return running or jobs.start(System(f"{actor.name}: {title}"), KIND, wanted, title=title)


def _by(actor: PortalActor) -> dict[str, Any]:
    """Whose an export is; who went over to another partner leaves what was exported for the earlier one behind."""
    return {"account": actor.account_pk, "partner": f"{actor.partner.type}:{actor.partner.pk}"}


def own(actor: PortalActor) -> tuple[Job, ...]:
    """What this person had exported for the present partner, newest first, for as long as files are kept."""
    return tuple(_exports(actor).order_by("-pk")[: 2 * MOST])


def _exports(actor: PortalActor) -> QuerySet[Job]:
    return Job.objects.filter(kind=KIND, params__contains=_by(actor), created_at__gt=timezone.now() - _kept())


@job(KIND, resumable=True, title=gettext_lazy("门户里的导出"))
def export_job(actor: Actor, row: Job, params: dict[str, Any]) -> JobResult:
    """The file of one person, with the rights that this person has by now; after a kill it starts over."""
    person, spec = _whose(params)

    def tell(done: int, total: int, message: str) -> None:
        jobs.progress(row, done, total, message)

    with TemporaryDirectory(prefix="kezhou-export-") as folder:
        path = Path(folder) / "export"
        with path.open("wb") as target:
            written = write(target, person, spec, params["q"], tell)
        with path.open("rb") as stream:
            file = files.store(person, file_name(spec), stream, purpose="export", expires=_kept())
    said = cut_short(written.rows) if written.rest else _("导出了 %(rows)s 行。") % {"rows": f"{written.rows:,}"}
    return JobResult(result={"rows": written.rows}, file=file.pk, message=said)


def _whose(params: dict[str, Any]) -> tuple[PortalActor, TypeSpec]:
    facts = facts_of_account(params["account"]) if is_open() else None
    person = actor_from(facts) if facts is not None else None
    if person is None or not _by(person).items() <= params.items():
        raise JobFailed(_("这个账号现在不能进入门户，没有导出。"))
    try:
        spec = records.type_of(person, params["type"])
    except UnknownType as gone:
        raise JobFailed(_("要导出的内容已不再对你开放。")) from gone
    if "export" not in spec.operations:
        raise JobFailed(_("要导出的内容已不再对你开放。"))
    return person, spec


def _kept() -> timedelta:
    return timedelta(days=parameters.whole(KEPT))


def _quiet(done: int, total: int, message: str) -> None:
    """Nobody waits for news."""
