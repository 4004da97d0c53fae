"""The recycle bin, for administrators (BAS-04), and taking an act back from a toast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import jobs, records
from kezhou.records import ListRequest
from kezhou.records.spec import TypeSpec
from kezhou.records.undoing import size_of
from kezhou.web.home.pages import back
from kezhou.web.pages import ADMIN, SIGNED_IN, PageRequest, on, page, toast
from kezhou.web.records.bulk_job import start_undo
from kezhou.web.records.bulk_pages import MOST
from kezhou.web.settings import menu as settings_menu
from kezhou.web.settings.shell import shell

SHOWN = 50

settings_menu.register(
    settings_menu.Entry(
        "recycle-bin",
        gettext_lazy("回收站"),
        gettext_lazy("找回删除的记录，或彻底删除"),
        icon="trash",
        url="/settings/recycle-bin",
        group="services",
        order=90,
        words=gettext_lazy("恢复 删除 找回"),
    )
)


@dataclass(frozen=True, slots=True)
class Bin:
    """The deleted records of one type."""

    spec: TypeSpec
    rows: tuple[tuple[int, str, str, datetime | None], ...]
    total: int | None


@page("settings/recycle-bin", access=ADMIN, name="recycle-bin")
def recycle_bin(request: PageRequest) -> HttpResponse:
    """Deleted records by type, newest first, each with its way back."""
    kinds = list(records.types(request.actor).values())
    wanted = request.GET.get("type", "")
    shown = [spec for spec in kinds if not wanted or spec.key == wanted]
    bins = [found for spec in shown if (found := _bin(request, spec)).rows]
    context = {**shell("recycle-bin", _("回收站")), "bins": bins}
    return render(request, "kezhou/records/recycle_bin.html", context)


def _bin(request: PageRequest, spec: TypeSpec) -> Bin:
    columns = tuple(key for key in ("changed_by", "changed_at") if key in spec.by_key)
    asked = ListRequest(
        columns=columns or (spec.title_field,), deleted=True, size=SHOWN, sums=False, sort=("-changed_at",)
    )
    found = records.page(request.actor, spec, asked)
    places = {field.key: place for place, field in enumerate(found.columns)}
    rows = []
    for row in found.rows:
        by = row.texts[places["changed_by"]] if "changed_by" in places else ""
        at = row.values[places["changed_at"]] if "changed_at" in places else None
        rows.append((row.pk, row.title, by, at))
    return Bin(spec, tuple(rows), found.total)


@page("r/<str:type_key>/<int:pk>/restore", access=on("delete"), name="bin-restore", methods=("POST",))
def restore(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """Bring a record back, with what went along with it: an administrator from the bin, or whoever just deleted it."""
    result = records.restore(request.actor, request.type, [pk])
    if result.ok:
        along = sum(number for _key, number in result.cascaded)
        text = _("已恢复，连同另外 %(n)s 条") % {"n": along} if along else _("已恢复")
        toast(request, text, label=_("打开"), url=reverse("record", args=[type_key, pk]))
    else:
        toast(request, result.problems[0].sentence, kind="no")
    return HttpResponseRedirect(back(request, reverse("record-list", args=[type_key])))


@page("r/<str:type_key>/<int:pk>/purge", access=ADMIN, name="bin-purge", methods=("POST",))
def purge(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """Remove a record from the bin for good."""
    result = records.purge(request.actor, request.type, [pk])
    toast(request, _("已彻底删除") if result.ok else result.problems[0].sentence, kind="ok" if result.ok else "no")
    return HttpResponseRedirect(reverse("recycle-bin"))


@page("actions/<uuid:action>/undo", access=SIGNED_IN, name="action-undo", methods=("POST",))
def undo_action(request: PageRequest, action: object) -> HttpResponse:
    """Take back what was done to many records at once; the engine asks for every right again."""
    if size_of(request.actor, str(action)) > MOST:
        started = start_undo(request.actor, str(action))
        toast(request, started.title, kind="job", url=reverse("job", args=[started.pk]))
        return HttpResponseRedirect(back(request, "/"))
    done = records.undo(request.actor, str(action))
    if done.ok:
        jobs.mark_undone(str(action))
    text = _("已撤销，共 %(n)s 条记录") % {"n": done.records} if done.ok else "".join(done.problems[:2])
    toast(request, text, kind="ok" if done.ok else "no")
    return HttpResponseRedirect(back(request, "/"))
