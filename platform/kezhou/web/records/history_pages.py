"""The history of a record (LOG-02): one entry per act, old and new, that day's state, undo where it is possible."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.records.spec import FilterError, RecordNotFound
from kezhou.web.pages import PageRequest, on, page, toast
from kezhou.web.records import detail
from kezhou.web.records.detail_pages import frame_of

PAGE = 50


@page("r/<str:type_key>/<int:pk>/history", access=on("read"), name="record-history", visitors=True)
def record_history(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """Acts, newest first; on the right the record as it was on a chosen day."""
    entry = records.get(request.actor, request.type, pk)
    before = request.GET.get("before", "")
    changes = records.history(
        request.actor, request.type, pk, limit=PAGE + 1, before=int(before) if before.isdecimal() else None
    )
    shown = changes[:PAGE]
    context = {
        **frame_of(request, entry, "history"),
        "days": detail.days(shown),
        "older_url": f"?before={shown[-1].pk}" if len(changes) > PAGE else "",
        "newest": entry.version,
        "may_undo": "update" in entry.operations,
        **_that_day(request, entry),
    }
    return render(request, "kezhou/records/history.html", context)


def _that_day(request: PageRequest, entry: records.Entry) -> dict[str, object]:
    today = timezone.localdate()
    presets = (
        (_("昨天"), today - timedelta(days=1)),
        (_("上月末"), today.replace(day=1) - timedelta(days=1)),
        (_("一年前"), today - timedelta(days=365)),
    )
    day = request.GET.get("day", "")
    context: dict[str, object] = {
        "day": day,
        "presets": presets,
        "today": today,
        "that_day": None,
        "that_day_missing": False,
    }
    if not day:
        return context
    try:
        moment = detail.moment_of_day(day)
    except ValueError as error:
        raise FilterError(_("日期“%(day)s”应写成 2026-04-01。") % {"day": day}) from error
    try:
        then = records.as_of(request.actor, entry.type, entry.pk, moment)
    except RecordNotFound:
        return {**context, "that_day_missing": True}
    return {**context, "that_day": then, "differences": detail.differences(then, entry)}


@page("r/<str:type_key>/<int:pk>/undo/<uuid:action>", access=on("update"), name="record-undo", methods=("POST",))
def undo(request: PageRequest, type_key: str, pk: int, action: object) -> HttpResponse:
    """Take a whole act back; where something stands in the way, say what."""
    records.get(request.actor, request.type, pk)
    done = records.undo(request.actor, str(action))
    if done.ok:
        toast(request, _("已撤销这一次操作，共 %(n)s 条记录") % {"n": done.records})
    else:
        toast(request, "".join(done.problems[:2]), kind="no")
    try:
        records.get(request.actor, request.type, pk)
    except RecordNotFound:
        return HttpResponseRedirect(reverse("record-list", args=[type_key]))
    return HttpResponseRedirect(reverse("record-history", args=[type_key, pk]))
