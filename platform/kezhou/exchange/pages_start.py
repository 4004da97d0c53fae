"""The import wizard's first page and list (designs 09, 27)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import files
from kezhou.access.actor import MemberActor
from kezhou.exchange import imports
from kezhou.exchange.models import ImportBatch
from kezhou.exchange.pages_parts import HUES, heading_of, importable, steps, thousands
from kezhou.exchange.views import ExchangeError
from kezhou.files import FileRefused
from kezhou.pages import SIGNED_IN, PageRequest, page
from kezhou.records.spec import NotAllowed

RECENT = 20
State = ImportBatch.State

MODES = (
    ("add", gettext_lazy("只新增"), gettext_lazy("名称或信用代码相同的跳过，列出来给你看")),
    ("update", gettext_lazy("只更新"), gettext_lazy("找到同一条的改，找不到的跳过")),
    ("both", gettext_lazy("新增并更新"), gettext_lazy("没有的新增，已有的按文件更新")),
)


@dataclass(frozen=True, slots=True)
class PastImport:
    """One line of the list of imports."""

    pk: int
    file_name: str
    state: str
    hue: str
    summary: str
    member: str
    created_at: Any


@page("exchange/import/", access=SIGNED_IN, methods=("GET", "POST"), name="import")
def start(request: PageRequest) -> HttpResponse:
    """Choose what to import and a file; below it the imports so far."""
    if not importable(request.actor):
        raise NotAllowed(_("你的角色不能导入任何记录。管理员可以在“角色与权限”里放开。"))
    if request.method == "POST":
        return _upload(request)
    return _form(request, {"type": request.GET.get("type", ""), "mode": "add"})


@page("exchange/import/<int:pk>/", access=SIGNED_IN, name="import-batch")
def batch(request: PageRequest, pk: int) -> HttpResponse:
    """Go on where this import stands."""
    found = imports.batch(request.actor, pk)
    return HttpResponseRedirect(f"/exchange/import/{pk}/{_place(found)}")


def _place(found: ImportBatch) -> str:
    state = ImportBatch.State
    if found.state == state.MAPPING:
        return "map"
    return "check" if found.state in {state.CHECKING, state.CHECKED} else "result"


def _upload(request: PageRequest) -> HttpResponse:
    values = {"type": request.POST.get("type", ""), "mode": request.POST.get("mode", "add")}
    upload = request.FILES.get("file")
    if upload is None:
        return _form(request, values, errors={"file": _("请选一个 xlsx 或 csv 文件。")}, status=422)
    if values["type"] not in dict(importable(request.actor)):
        return _form(request, values, problem=_("请选要导入什么。"), status=422)
    try:
        found = _begin(request.actor, upload, values)
    except (ExchangeError, FileRefused) as error:
        return _form(request, values, problem=str(error), status=422)
    return HttpResponseRedirect(f"/exchange/import/{found.pk}/map")


def _begin(actor: MemberActor, upload: UploadedFile[Any], values: dict[str, str]) -> ImportBatch:
    """Keep the file and read it; one that cannot be read is not kept. Raises ExchangeError and FileRefused."""
    file = files.store(actor, upload.name or "", upload, purpose="import")
    try:
        return imports.begin(actor, file, type_key=values["type"], mode=values["mode"])
    except ExchangeError:
        files.remove(actor, file.pk)
        raise


def _form(
    request: PageRequest,
    values: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    types = importable(request.actor)
    if values["type"] not in dict(types):
        values = values | {"type": types[0][0]}
    title = heading_of(dict(types)[values["type"]])
    context = {
        "heading": title,
        "crumbs": ({"title": dict(types)[values["type"]], "url": f"/r/{values['type']}/"}, {"title": _("导入")}),
        "active": values["type"],
        "steps": steps(1),
        "types": types,
        "modes": MODES,
        "values": values,
        "errors": errors or {},
        "problem": problem,
        "batches": tuple(map(_past, imports.batches(request.actor)[:RECENT])),
        "back": f"/r/{values['type']}/",
        "template_url": f"/exchange/import/template/{values['type']}",
        "template_label": _("下载%(type)s的导入模板") % {"type": dict(types)[values["type"]]},
    }
    return render(request, "kezhou/exchange/start.html", context, status=status)


def _past(found: ImportBatch) -> PastImport:
    counts = found.counts
    done = found.state == ImportBatch.State.DONE
    summary = _("新增 %(new)s，更新 %(update)s，错误 %(wrong)s") % {
        key: thousands(value) for key, value in counts.items()
    }
    return PastImport(
        found.pk,
        found.file_name,
        found.get_state_display(),
        HUES[State(found.state)],
        summary if done else "",
        found.member_name,
        found.created_at,
    )
