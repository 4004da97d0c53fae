"""Steps 4 and 5: the import while it runs, what came of it, and taking it back as a whole (IMX-09)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou import jobs
from kezhou.exchange import imports
from kezhou.exchange.models import ImportBatch
from kezhou.exchange.pages_check import _base, _progress
from kezhou.exchange.pages_parts import thousands
from kezhou.exchange.views import ExchangeError
from kezhou.pages import SIGNED_IN, PageRequest, page, toast

State = ImportBatch.State


@page("exchange/import/<int:pk>/result", access=SIGNED_IN, methods=("GET", "POST"), name="import-result")
def result(request: PageRequest, pk: int) -> HttpResponse:
    """Progress while it runs, the result afterwards."""
    batch = imports.batch(request.actor, pk)
    if request.method == "POST":
        return _act(request, batch)
    if batch.state == State.RUNNING:
        context = _base(request, batch, 4) | _progress(request, batch) | {"waiting": True}
        return render(request, "kezhou/exchange/progress.html", context)
    if batch.state not in {State.DONE, State.FAILED, State.CANCELLED, State.UNDONE}:
        return HttpResponseRedirect(f"/exchange/import/{pk}/")
    return _show(request, batch)


def _act(request: PageRequest, batch: ImportBatch) -> HttpResponse:
    wanted = request.POST.get("do")
    try:
        if wanted == "ask":
            return _show(request, batch, asked=True)
        if wanted == "cancel" and batch.job_pk:
            jobs.cancel(request.actor, batch.job_pk)
        elif wanted == "undo":
            taken = imports.undo(request.actor, batch)
            toast(request, _("已撤回 %(rows)s 条记录。") % {"rows": thousands(taken)})
    except ExchangeError as error:
        return _show(request, batch, problem=str(error))
    return HttpResponseRedirect(f"/exchange/import/{batch.pk}/result")


def _show(request: PageRequest, batch: ImportBatch, *, problem: str = "", asked: bool = False) -> HttpResponse:
    counts = batch.counts
    written = counts["new"] + counts["update"]
    undoable = written > 0 and batch.state in {State.DONE, State.FAILED, State.CANCELLED}
    context = _base(request, batch, 6) | {
        "here": f"/exchange/import/{batch.pk}/result",
        "outcome": _outcome(batch),
        "problem": problem,
        "lines": tuple(
            {
                "title": sheet.title,
                "created": thousands(sheet.new),
                "updated": thousands(sheet.update),
                "twins": thousands(sheet.twin),
                "wrong": thousands(sheet.wrong),
                "is_wrong": sheet.wrong > 0,
                "url": f"/r/{sheet.type_key}/",
            }
            for sheet in batch.sheet_counts
        ),
        "notes": tuple(str(note) for note in batch.result.get("notes", ())),
        "errors_url": f"/exchange/import/{batch.pk}/errors" if counts["wrong"] or counts["twin"] else "",
        "errors_label": _("下载没导入的 %(rows)s 行") % {"rows": thousands(counts["wrong"] + counts["twin"])},
        "list_url": f"/r/{batch.type_key}/",
        "list_label": _("看列表"),
        "can_undo": undoable,
        "asked": asked,
        "undo_note": _("只要这批记录还没有被别的记录用到、也没有改过，就可以整批撤回；改过的旧记录恢复原值。"),
        "undo_label": _("撤回 %(rows)s 条记录") % {"rows": thousands(written)},
    }
    return render(request, "kezhou/exchange/result.html", context, status=422 if problem else 200)


def _outcome(batch: ImportBatch) -> dict[str, Any]:
    counts = {key: thousands(value) for key, value in batch.counts.items()}
    said = _("新增 %(new)s 条，更新 %(update)s 条，重复跳过 %(twin)s 行，错误 %(wrong)s 行。") % counts
    took = _("用时 %(seconds).1f 秒。") % {"seconds": batch.seconds} if batch.seconds is not None else ""
    looks = {
        State.DONE: ("circle-check", "grn", _("导入完成"), said + took),
        State.FAILED: ("alert-circle", "rd1", _("导入没有做完"), str(batch.result.get("error", "")) or said),
        State.CANCELLED: ("player-stop", "gry", _("导入停下了"), _("停下之前的已经导入。") + said),
        State.UNDONE: ("arrow-back-up", "gry", _("这次导入已撤回"), _("记录进了回收站，改过的旧值恢复了。")),
    }
    icon, hue, title, sentence = looks[State(batch.state)]
    return {"icon": icon, "hue": hue, "title": title, "sentence": sentence}
