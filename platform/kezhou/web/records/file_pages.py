"""Files of a record: the tab, upload, download, preview, renaming, recycle bin (BAS-05).

Scripts send one file as the body of a request, which is written to its place as it arrives; a form without scripts sends several.
"""

from __future__ import annotations

import csv
import io
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import entrances, records
from kezhou.access.entitlements import NotEntitled, entitled
from kezhou.files import attachments
from kezhou.files.attachments import Attached
from kezhou.files.serving import response_of
from kezhou.files.storage import PART, FileRefused
from kezhou.records.spec import FilterError
from kezhou.web.pages import PageRequest, on, page, toast
from kezhou.web.records.detail_pages import frame_of

SHOWN = 64 * 1024
LINES = 100
DEEDS = ("rename", "remove", "restore", "release", "withhold")


@page("r/<str:type_key>/<int:pk>/files", access=on("read"), name="record-files")
def tab(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """All files of a record, and what lies in its recycle bin for those who may change it."""
    entry = records.get(request.actor, request.type, pk)
    context = frame_of(request, entry, "files")
    may = bool(context["may_edit"])
    context |= {
        "files": attachments.of(entry),
        "binned": attachments.of(entry, deleted=True) if may else (),
        "may_attach": may,
        "may_release": may and entrances.outsiders(),
        "largest": attachments.largest(request.actor),
        "space": entitled("storage", 0) if may else None,
        "bin_days": attachments.bin_days(request.actor),
    }
    return render(request, "kezhou/records/files.html", context)


@page("r/<str:type_key>/<int:pk>/files/add", access=on("update"), name="record-upload", methods=("POST",))
def upload(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """One file as the body (answered in JSON), or the files of a form."""
    if request.content_type != "multipart/form-data":
        return _upload_body(request, pk)
    given = request.FILES.getlist("file")
    kept = 0
    try:
        for each in given:
            attachments.attach(request.actor, request.type, pk, each.name or "", each, size=each.size)
            kept += 1
    except (FileRefused, NotEntitled) as error:
        toast(request, str(error), kind="no")
    if kept or not given:
        toast(
            request, _("已上传 %(n)s 个文件") % {"n": kept} if given else _("没有选文件。"), kind="ok" if kept else "no"
        )
    return HttpResponseRedirect(reverse("record-files", args=[type_key, pk]))


def _upload_body(request: PageRequest, pk: int) -> HttpResponse:
    name = unquote(request.headers.get("X-File-Name", ""))
    size = request.headers.get("Content-Length", "")
    try:
        found = attachments.attach(
            request.actor, request.type, pk, name, _parts(request), size=int(size) if size.isdigit() else None
        )
    except (FileRefused, NotEntitled) as error:
        return JsonResponse({"problem": str(error)}, status=422)
    except UnreadablePostError:
        return JsonResponse({"problem": _("上传断了，什么也没有留下。请再传一次。")}, status=400)
    shown = {"pk": found.pk, "name": found.name, "size": found.size, "icon": found.icon}
    return JsonResponse(shown, status=201)


def _parts(request: HttpRequest):  # type: ignore[no-untyped-def]  # a generator of bytes
    while part := request.read(PART):
        yield part


@page("r/<str:type_key>/<int:pk>/files/<int:file>", access=on("read"), name="record-file")
def download(request: PageRequest, type_key: str, pk: int, file: int) -> HttpResponseBase:
    """The content, always as an attachment."""
    found = attachments.get(request.actor, request.type, pk, file)
    if link := attachments.link(found):
        return HttpResponseRedirect(link)
    return response_of(found, attachments.open(request.actor, request.type, pk, file))


@page("r/<str:type_key>/<int:pk>/files/<int:file>/view", access=on("read"), name="record-file-view")
def view(request: PageRequest, type_key: str, pk: int, file: int) -> HttpResponseBase:
    """A picture or a PDF for the browser itself to show; anything else is downloaded."""
    found = attachments.get(request.actor, request.type, pk, file)
    content = attachments.open(request.actor, request.type, pk, file)
    return response_of(found, content, inline=True)


@page("r/<str:type_key>/<int:pk>/files/<int:file>/preview", access=on("read"), name="record-file-preview")
def preview(request: PageRequest, type_key: str, pk: int, file: int) -> HttpResponse:
    """A dialog (a page without scripts) with the picture, the beginning of a text or table, or why there is none."""
    found = attachments.get(request.actor, request.type, pk, file)
    context = {"file": found, "spec": request.type, "pk": pk, "may_attach": "update" in request.type.operations}
    if found.preview in {"text", "table"}:
        with attachments.open(request.actor, request.type, pk, file) as content:
            context |= _beginning(found, content.read(SHOWN + 1))
    bare = request.headers.get("HX-Request")
    return render(request, "kezhou/records/file_preview.html" if bare else "kezhou/records/file_page.html", context)


def _beginning(found: Attached, raw: bytes) -> dict[str, object]:
    text = _decoded(raw[:SHOWN]).replace("\x00", "")
    cut = len(raw) > SHOWN
    if found.preview == "text":
        return {"text": text, "cut": cut}
    delimiter = "\t" if found.name.lower().endswith(".tsv") else ","
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    return {"rows": rows[:LINES], "cut": cut or len(rows) > LINES}


def _decoded(raw: bytes) -> str:
    """UTF-8, or what Chinese programs write otherwise; a character cut in half at the end is left out."""
    for encoding in ("utf-8-sig", "gb18030"):
        for lost in range(4):
            try:
                return raw[: len(raw) - lost].decode(encoding)
            except UnicodeDecodeError:
                continue
    return raw.decode("utf-8", "replace")


@page(
    "r/<str:type_key>/<int:pk>/files/<int:file>/change",
    access=on("update"),
    name="record-file-change",
    methods=("POST",),
)
def change(request: PageRequest, type_key: str, pk: int, file: int) -> HttpResponse:
    """Rename, throw away, bring back, release to customers and partners."""
    deed = request.POST.get("do", "")
    back = reverse("record-files", args=[type_key, pk])
    if deed not in DEEDS:
        records.get(request.actor, request.type, pk)
        raise FilterError(_("文件没有“%(deed)s”这个操作。") % {"deed": deed[:40]})
    try:
        if deed == "rename":
            attachments.rename(request.actor, request.type, pk, file, request.POST.get("name", ""))
            toast(request, _("文件名已改"))
        elif deed in {"release", "withhold"}:
            released = deed == "release"
            attachments.release(request.actor, request.type, pk, file, released=released)
            toast(request, _("客户和合作伙伴在门户里能打开它了") if released else _("文件不再对门户开放"))
        elif deed == "remove":
            attachments.remove(request.actor, request.type, pk, file)
            toast(request, _("文件已移到回收站"))
        else:
            attachments.restore(request.actor, request.type, pk, file)
            toast(request, _("文件已恢复"))
    except FileRefused as error:
        toast(request, str(error), kind="no")
    return HttpResponseRedirect(back)
