"""Export from a list, and the files that took time (POR-18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from inspect import unwrap
from io import BytesIO

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _

from kezhou.files.pages import download
from kezhou.jobs.models import Job
from kezhou.pages import SIGNED_IN, on
from kezhou.records.spec import NotAllowed
from portal import acts, exporting
from portal.pages.shell import PREVIEWED, PortalRequest, portal_page, show
from tenants.states import Need

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MINE = "/portal/exports"


@dataclass(frozen=True, slots=True)
class Made:
    """One export as its page lists it."""

    pk: int
    title: str
    at: datetime
    told: str
    percent: int | None
    is_ready: bool


@portal_page(
    "r/<str:type_key>/export", access=on("export"), name="portal-export", methods=("GET", "POST"), needs=Need.READ
)
def export(request: PortalRequest, type_key: str) -> HttpResponseBase:
    """What the list shows as a file; where there is much of it, a job that is begun on a page of its own."""
    _demand_own(request)
    q = (request.POST if request.method == "POST" else request.GET).get("q", "").replace("\x00", "")[:200]
    if exporting.is_short(request.actor, request.type, q):
        return _at_once(request, q)
    context = {"spec": request.type, "q": q, "most": exporting.AT_ONCE}
    if request.method == "GET":
        return show(request, "export", context, active=type_key)
    try:
        exporting.start(request.actor, request.type, q)
    except exporting.Enough as enough:
        return show(request, "export", {**context, "problem": enough}, active=type_key, status=422)
    _note(request)
    return HttpResponseRedirect(MINE)


def _at_once(request: PortalRequest, q: str) -> HttpResponseBase:
    target = BytesIO()
    exporting.write(target, request.actor, request.type, q)
    target.seek(0)
    _note(request)
    name = exporting.file_name(request.type)
    return FileResponse(target, as_attachment=True, filename=name, content_type=MEDIA)


def _note(request: PortalRequest) -> None:
    actor = request.actor
    acts.note("exported", user=actor.user_pk, name=actor.name, told=str(request.type.title), request=request)


@portal_page("exports", access=SIGNED_IN, name="portal-exports", needs=Need.READ)
def exports(request: PortalRequest) -> HttpResponse:
    """The own exports, while their files are kept."""
    made = tuple(_made(row) for row in exporting.own(request.actor))
    waiting = any(one.percent is not None for one in made)
    return show(request, "exports", {"exports": made, "waiting": waiting}, active="me")


def _made(row: Job) -> Made:
    ready = row.state == Job.State.DONE and row.file is not None
    said = row.message if row.is_over else _("正在准备…")
    return Made(row.pk, row.title, row.created_at, said, None if row.is_over else row.percent or 0, ready)


@portal_page("exports/<int:pk>", access=SIGNED_IN, name="portal-export-file", needs=Need.READ)
def export_file(request: PortalRequest, pk: int) -> HttpResponseBase:
    """One exported file, for the person who had it made."""
    _demand_own(request)
    row = next((row for row in exporting.own(request.actor) if row.pk == pk and row.file is not None), None)
    if row is None:
        raise Http404
    answer: HttpResponseBase = unwrap(download)(request, row.file)
    acts.note("downloaded", user=request.actor.user_pk, name=request.actor.name, told=row.title, request=request)
    return answer


def _demand_own(request: PortalRequest) -> None:
    if request.actor.preview:
        raise NotAllowed(str(PREVIEWED))
