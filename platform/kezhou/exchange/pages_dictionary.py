"""A dictionary out to a spreadsheet and back."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou.exchange import dictionary_sheet
from kezhou.exchange.views import ExchangeError
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.records import dictionaries
from kezhou.records.dictionaries import DictionaryInfo
from kezhou.records.dictionary.bulk import BulkError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LARGEST = 5 * 1024 * 1024


@page("exchange/dictionaries/<str:key>", access=ADMIN, methods=("GET", "POST"), name="dictionary-sheet")
def sheet(request: PageRequest, key: str) -> HttpResponse:
    """What the sheet looks like, where to get it, and where to bring it back."""
    info = _info(request, key)
    upload = request.FILES.get("file")
    if request.method != "POST":
        return _show(request, info)
    if upload is None or (upload.size or 0) > LARGEST:
        return _show(request, info, _("请选一个 5 MB 以内的 xlsx 或 csv 文件。"), status=422)
    try:
        with TemporaryDirectory(prefix="kezhou-dictionary-") as folder:
            path = Path(folder) / "sheet"
            path.write_bytes(upload.read())
            done = dictionary_sheet.read(request.actor, info.key, path)
    except BulkError as error:
        return _show(request, info, str(error), error.problems, status=422)
    except ExchangeError as error:
        return _show(request, info, str(error), status=422)
    said = {"added": done.added, "changed": done.changed, "same": done.same}
    toast(request, _("新增 %(added)d 个，修改 %(changed)d 个，没变 %(same)d 个。") % said)
    return HttpResponseRedirect(f"/settings/dictionaries/{info.key}")


@page("exchange/dictionaries/<str:key>/file", access=ADMIN, name="dictionary-file")
def file(request: PageRequest, key: str) -> HttpResponseBase:
    """The dictionary as a workbook."""
    info, target = _info(request, key), BytesIO()
    dictionary_sheet.write(request.actor, info.key, info.title, target)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=f"{info.title}.xlsx", content_type=XLSX)


def _info(request: PageRequest, key: str) -> DictionaryInfo:
    found = next((one for one in dictionaries.all(request.actor) if one.key == key), None)
    if found is None:
        raise Http404
    return found


def _show(
    request: PageRequest,
    info: DictionaryInfo,
    error: str = "",
    problems: tuple[tuple[int, str], ...] = (),
    *,
    status: int = 200,
) -> HttpResponse:
    here = f"/settings/dictionaries/{info.key}"
    context: dict[str, Any] = {
        "dictionary": info,
        "back": here,
        "heads": dictionary_sheet.titles().values(),
        "error": error,
        "problems": problems,
        "active": "settings",
        "settings_active": "dictionaries",
        "crumbs": (
            {"title": _("设置"), "url": "/settings/"},
            {"title": info.title, "url": here},
            {"title": "Excel"},
        ),
    }
    return render(request, "kezhou/exchange/dictionary.html", context, status=status)
