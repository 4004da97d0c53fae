"""Export of a list and the download centre (IMX-06): columns, the present filter and order, as a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.exchange import exports
from kezhou.exchange.line_sheets import line_kinds
from kezhou.exchange.models import ExportLog
from kezhou.exchange.pages_parts import ENDED, job_of, thousands
from kezhou.exchange.views import ExchangeError
from kezhou.pages import SIGNED_IN, PageRequest, on, page, toast
from kezhou.records import fields_for
from kezhou.records.spec import Purpose
from tenants.states import Need

FORMATS = (("xlsx", "Excel (.xlsx)"), ("csv", "CSV (.csv)"))
CONDITIONS = ("filter", "sort", "q")


@dataclass(frozen=True, slots=True)
class ShownExport:
    """One line of the download centre."""

    pk: int
    name: str
    conditions: str
    rows: str
    created_at: Any
    state: str
    ready: bool


@page("exchange/export/<str:type_key>", access=on("export"), methods=("GET", "POST"), name="export", needs=Need.READ)
def export(request: PageRequest, type_key: str) -> HttpResponse:
    """Choose columns and format; the list's filter, order and search words come along in the address."""
    source = request.POST if request.method == "POST" else request.GET
    kept = {name: source.get(name, "") for name in CONDITIONS}
    if request.method == "POST":
        chosen = tuple(request.POST.getlist("columns"))
        along = tuple(request.POST.getlist("lines"))
        wanted = request.POST.get("format", "xlsx")
        try:
            if not chosen:
                raise ExchangeError(_("至少选一列。"))
            exports.start(request.actor, type_key, columns=chosen, lines=along, format=wanted, **kept)
        except ExchangeError as error:
            return _form(request, kept, chosen, wanted, str(error), along)
        return HttpResponseRedirect("/exchange/exports")
    asked = tuple(key for key in request.GET.get("columns", "").split(",") if key)
    return _form(request, kept, asked or _default(request), "xlsx", "")


def _default(request: PageRequest) -> tuple[str, ...]:
    readable = {field.key for field in fields_for(request.type, request.actor, Purpose.LIST)}
    return tuple(key for key in request.type.columns if key in readable)


def _form(
    request: PageRequest,
    kept: dict[str, str],
    chosen: tuple[str, ...],
    wanted: str,
    problem: str,
    along: tuple[str, ...] = (),
) -> HttpResponse:
    title = str(request.type.title)
    narrowed = any(kept.values())
    back = f"/r/{request.type.key}/"
    context = {
        "heading": _("导出%(type)s") % {"type": title},
        "crumbs": ({"title": title, "url": back}, {"title": _("导出")}),
        "active": request.type.key,
        "here": f"/exchange/export/{request.type.key}",
        "conditions": _("按列表现在的筛选和排序导出你能看到的记录") if narrowed else _("导出你能看到的全部记录"),
        "columns": tuple(
            (column, column.key in chosen) for column in exports.exportable(request.actor, request.type.key)
        ),
        "lines": tuple(
            (lines.key, lines.title, lines.key in along) for lines in line_kinds(request.actor, request.type)
        ),
        "formats": FORMATS,
        "format": wanted,
        "kept": tuple((name, value) for name, value in kept.items() if value),
        "problem": problem,
        "button": _("导出"),
        "back": back,
    }
    return render(request, "kezhou/exchange/export.html", context, status=422 if problem else 200)


@page("exchange/exports", access=SIGNED_IN, name="exports")
def recent(request: PageRequest) -> HttpResponse:
    """The files exported so far, while they may be fetched."""
    shown = tuple(shown_export(request, log) for log in exports.recent(request.actor)[:50])
    waiting = any(not item.ready and item.state == _("正在导出") for item in shown)
    context = {"exports": shown, "waiting": waiting, "crumbs": ({"title": _("导出与下载")},), "active": "exports"}
    return render(request, "kezhou/exchange/exports.html", context)


def shown_export(request: PageRequest, log: ExportLog) -> ShownExport:
    """One export as the download centre lists it."""
    ready = log.file_pk is not None and (log.expires_at is None or log.expires_at > timezone.now())
    return ShownExport(
        log.pk,
        log.file_name or _("%(type)s.%(format)s") % {"type": log.type_label, "format": log.format},
        log.sentence,
        thousands(log.rows),
        log.created_at,
        _state(request, log, ready=ready),
        ready,
    )


def _state(request: PageRequest, log: ExportLog, *, ready: bool) -> str:
    if ready:
        return _("可下载")
    if log.file_pk is not None:
        return _("已过期")
    job = job_of(request.actor, log.job_pk)
    if job is not None and job.state in ENDED:
        return job.message or _("没有导出成功")
    return _("正在导出")


@page("exchange/exports/<int:pk>", access=SIGNED_IN, name="export-file")
def download(request: PageRequest, pk: int) -> HttpResponseBase:
    """One exported file, for the person who made it (or an administrator)."""
    found = next((log for log in exports.recent(request.actor) if log.pk == pk), None)
    if found is None or found.file_pk is None:
        raise Http404
    return HttpResponseRedirect(f"/files/{found.file_pk}")


@page("exchange/import/template/<str:type_key>", access=on("import"), name="import-template")
def template(request: PageRequest, type_key: str) -> HttpResponse:
    """A workbook whose columns import without mapping (IMX-04)."""
    try:
        file = exports.template(request.actor, type_key)
    except ExchangeError as error:
        toast(request, str(error), kind="no")
        return HttpResponseRedirect(f"/exchange/import/?type={type_key}")
    return HttpResponseRedirect(f"/files/{file.pk}")
