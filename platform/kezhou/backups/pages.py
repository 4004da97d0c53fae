"""设置 › 备份 (BAK-01): the list, making one now, checking, download, deleting; administrators only."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import parameters
from kezhou.backups import making
from kezhou.backups.models import Backup
from kezhou.backups.parameters import EVERY, KEPT
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.parameters import declared
from tenants.states import Need

HERE = "/settings/backups"
SHOWN = 100


@page("settings/backups", access=ADMIN, methods=("GET", "POST"), needs=Need.READ, name="settings-backups")
def backups(request: PageRequest) -> HttpResponse:
    """Every backup with time, size and what the last check said; also in a company that is read-only."""
    if request.method == "POST":
        try:
            making.start(request.actor)
        except making.BackupRunning as error:
            toast(request, str(error), kind="no")
        else:
            toast(request, _("开始备份，做好后在这里下载。"))
        return HttpResponseRedirect(HERE)
    making.end_stopped()
    rows = list(Backup.objects.order_by("-made_at", "-pk")[:SHOWN])
    job = making.making_job()
    every = dict(declared()[EVERY].options)[str(parameters.value(EVERY, request.actor))]
    context: dict[str, Any] = {
        "crumbs": ({"title": _("设置"), "url": "/settings/"}, {"title": TITLE}),
        "active": "settings",
        "settings_active": "backups",
        "backups": rows,
        "making": job,
        "message": job.message if job else "",
        "every": every,
        "kept": parameters.whole(KEPT, request.actor),
        "parameters": (EVERY.replace(".", "-"), KEPT.replace(".", "-")),
    }
    return render(request, "kezhou/backups/backups.html", context)


TITLE = gettext_lazy("备份")


@page("settings/backups/<int:pk>", access=ADMIN, methods=("POST",), needs=Need.READ, name="settings-backup")
def backup(request: PageRequest, pk: int) -> HttpResponse:
    """Check one again, or delete it."""
    row = Backup.objects.filter(pk=pk).exclude(state=Backup.State.MAKING).first()
    if row is None:
        raise Http404(_("没有这份备份。"))
    if request.POST.get("do") == "remove":
        making.remove(row)
        toast(request, _("备份已删除。"))
    elif row.file is not None:
        making.check_again(request.actor, pk)
        toast(request, _("正在检查，稍后刷新看结果。"))
    return HttpResponseRedirect(HERE)
