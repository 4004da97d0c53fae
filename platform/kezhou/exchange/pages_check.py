"""Step 3: the dry run, its four counts as filters, and the cells to mend (design 09)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou import jobs
from kezhou.exchange import imports
from kezhou.exchange.models import ImportBatch
from kezhou.exchange.pages_parts import ENDED, heading_of, importable, job_of, steps, thousands, waiting
from kezhou.exchange.pages_rows import KINDS, View, cards, pills, places_of, shown_range, shown_row, title_column
from kezhou.exchange.views import ExchangeError
from kezhou.files import FileRefused
from kezhou.pages import SIGNED_IN, PageRequest, page, toast

State = ImportBatch.State


@page("exchange/import/<int:pk>/check", access=SIGNED_IN, methods=("GET", "POST"), name="import-check")
def check(request: PageRequest, pk: int) -> HttpResponse:
    """The result of the dry run; while it runs, its progress."""
    batch = imports.batch(request.actor, pk)
    if request.method == "POST":
        return _act(request, batch)
    if batch.state == State.CHECKING:
        return _running(request, batch)
    if batch.state not in {State.CHECKED, State.CANCELLED, State.FAILED} or not batch.sheet_counts:
        return HttpResponseRedirect(f"/exchange/import/{pk}/")
    return _show(request, batch)


@page("exchange/import/<int:pk>/progress", access=SIGNED_IN, name="import-progress")
def progress(request: PageRequest, pk: int) -> HttpResponse:
    """The progress panel alone, asked for again and again; leads on when the job has ended."""
    batch = imports.batch(request.actor, pk)
    if batch.state not in {State.CHECKING, State.RUNNING}:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = f"/exchange/import/{pk}/"
        return response
    return render(request, "kezhou/exchange/_progress.html", _progress(request, batch))


def _act(request: PageRequest, batch: ImportBatch) -> HttpResponse:
    here = f"/exchange/import/{batch.pk}/check"
    wanted = request.POST.get("do", "")
    try:
        if wanted == "run":
            imports.run(request.actor, batch)
            return HttpResponseRedirect(f"/exchange/import/{batch.pk}/result")
        if wanted == "check":
            imports.check(request.actor, batch)
        elif wanted == "cancel" and batch.job_pk:
            jobs.cancel(request.actor, batch.job_pk)
            return HttpResponseRedirect(f"/exchange/import/{batch.pk}/")
        elif wanted in {"fix", "replace"}:
            view = _view(request, batch)
            _mend(request, batch, view, wanted)
            return HttpResponseRedirect(here + view.query())
    except ExchangeError as error:
        batch.refresh_from_db()
        return _show(request, batch, problem=str(error))
    return HttpResponseRedirect(here)


def _mend(request: PageRequest, batch: ImportBatch, view: View, wanted: str) -> None:
    """Change one cell, or one value in all rows. The counts stand until the next dry run; `mended` says what waits for it."""
    post = request.POST
    column, mended = _number(post.get("column", "0")), 1
    if wanted == "fix":
        row, text = _number(post.get("row", "0")), post.get("text", "")
        imports.fix(request.actor, batch, sheet=view.sheet, row=row, column=column, text=text)
    else:
        old, new = post.get("from", ""), post.get("to", "")
        mended = imports.replace(request.actor, batch, sheet=view.sheet, column=column, old=old, new=new)
        toast(request, _("换好了 %(rows)s 行。") % {"rows": thousands(mended)})
    batch.result["mended"] = batch.result.get("mended", 0) + mended
    batch.save(update_fields=["result"])


def _running(request: PageRequest, batch: ImportBatch) -> HttpResponse:
    context = _base(request, batch, 3) | _progress(request, batch) | {"waiting": True}
    return render(request, "kezhou/exchange/progress.html", context)


def _progress(request: PageRequest, batch: ImportBatch) -> dict[str, Any]:
    job = job_of(request.actor, batch.job_pk)
    title = _("正在试算") if batch.state == State.CHECKING else _("正在导入")
    return {
        "job": waiting(job, title) if job is not None else None,
        "ended": job is None or job.state in ENDED,
        "progress_url": f"/exchange/import/{batch.pk}/progress",
        "here": f"/exchange/import/{batch.pk}/{'check' if batch.state == State.CHECKING else 'result'}",
    }


def _base(request: PageRequest, batch: ImportBatch, step: int) -> dict[str, Any]:
    title = dict(importable(request.actor)).get(batch.type_key, "")
    names = {3: _("试算"), 4: _("导入"), 5: _("结果"), 6: _("结果")}
    return {
        "heading": heading_of(title),
        "crumbs": (
            {"title": title, "url": f"/r/{batch.type_key}/"},
            {"title": _("导入"), "url": "/exchange/import/"},
            {"title": names[step]},
        ),
        "active": batch.type_key,
        "steps": steps(step),
        "batch": batch,
    }


def _view(request: PageRequest, batch: ImportBatch) -> View:
    counts = batch.sheet_counts
    sheet = _number(request.GET.get("sheet", "0"))
    sheet = sheet if 0 <= sheet < len(counts) else 0
    kind = request.GET.get("kind", "")
    if kind not in KINDS:
        kind = next(
            (name for name in ("wrong", "twin", "new", "update") if counts and getattr(counts[sheet], name)), "new"
        )
    return View(
        sheet,
        kind,
        request.GET.get("error", ""),
        max(1, _number(request.GET.get("page", "1"))),
        "1" if request.GET.get("all") == "1" else "",
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def _show(request: PageRequest, batch: ImportBatch, problem: str = "") -> HttpResponse:
    view = _view(request, batch)
    here = f"/exchange/import/{batch.pk}/check"
    counts = batch.sheet_counts
    found = imports.problems(
        request.actor, batch, sheet=view.sheet, kind=view.kind, error=view.error or None, page=view.page
    )
    width = len(found.rows[0].cells) if found.rows else 0
    places = (
        places_of(found, title_column(request, counts[view.sheet], found))
        if view.kind == "wrong" and not view.all
        else range(width)
    )
    total = batch.counts
    to_import = total["new"] + total["update"]
    context = _base(request, batch, 3) | {
        "here": here,
        "again": here + view.query(),
        "problem": problem,
        "file_facts": _("%(count)d 张表，%(rows)s 行")
        % {"count": len(counts), "rows": thousands(sum(sheet.rows for sheet in counts))},
        "mode_facts": {"add": _("只新增"), "update": _("只更新"), "both": _("新增并更新")}[batch.mode]
        + (_("，空格不覆盖旧值") if batch.blank_keeps and batch.mode != "add" else ""),
        "tabs": tuple(
            {
                "title": sheet.title,
                "rows": thousands(sheet.rows),
                "on": place == view.sheet,
                "url": here + f"?sheet={place}",
            }
            for place, sheet in enumerate(counts)
        ),
        "cards": cards(counts[view.sheet], view, here, batch.mode),
        "pills": pills(request, batch, view, here, counts[view.sheet]),
        "heads": tuple(found.rows[0].cells[place].title for place in places) if found.rows else (),
        "rows": tuple(shown_row(row, places) for row in found.rows),
        "columns_url": here + view.query(all="" if view.all else "1") if len(places) < width or view.all else "",
        "columns_label": _("只看有问题的列") if view.all else _("显示全部 %(count)d 列") % {"count": width},
        "explained": any(row.sentence or row.advice for row in found.rows),
        "range": shown_range(found),
        "previous_url": here + view.query(page=found.page - 1) if found.page > 1 else "",
        "next_url": here + view.query(page=found.page + 1) if found.page < found.pages else "",
        "errors_url": f"/exchange/import/{batch.pk}/errors" if total["wrong"] else "",
        "foot": _("将导入 %(in)s 行，跳过 %(out)s 行，没被用到之前可整批撤回")
        % {"in": thousands(to_import), "out": thousands(total["twin"] + total["wrong"] + total["same"])},
        "to_import": to_import,
        "mended": batch.result.get("mended", 0),
        "mended_label": _("改了 %(rows)s 处，还没算进上面的数字") % {"rows": thousands(batch.result.get("mended", 0))},
        "run_label": _("导入 %(rows)s 行") % {"rows": thousands(to_import)},
        "empty_title": _("没有这样的行"),
        "empty_text": _("点上面的数字看其他行。"),
    }
    return render(request, "kezhou/exchange/check.html", context, status=422 if problem else 200)


@page("exchange/import/<int:pk>/errors", access=SIGNED_IN, name="import-errors")
def errors(request: PageRequest, pk: int) -> HttpResponse:
    """The wrong rows as a file: as they were, with the reason beside them; mended, it can be imported again."""
    batch = imports.batch(request.actor, pk)
    try:
        file = imports.error_file(request.actor, batch)
    except (ExchangeError, FileRefused) as error:
        toast(request, str(error), kind="no")
        return HttpResponseRedirect(f"/exchange/import/{pk}/")
    return HttpResponseRedirect(f"/files/{file.pk}")
