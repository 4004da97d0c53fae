"""Assigning one record or many, and what becomes of an assignment: dialogs, and pages of their own without scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import assignments, records
from kezhou.assignments import AssignmentRefused
from kezhou.assignments.assigning import Assigned
from kezhou.records.spec import RecordNotFound
from kezhou.web.home.pages import back as back_of
from kezhou.web.inbox.forms import Answers, form_of, read
from kezhou.web.pages import SIGNED_IN, PageRequest, on, page, toast
from kezhou.web.records.bulk_pages import chosen

DEEDS = {
    "take": assignments.take,
    "withdraw": assignments.withdraw,
    "done": assignments.finish,
    "return": assignments.hand_back,
}
ANSWERED = frozenset({"done", "return"})


@page("r/<str:type_key>/<int:pk>/assign", access=on("update"), name="record-assign", methods=("GET", "POST"))
def assign(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """Give one record to somebody."""
    entry = records.get(request.actor, request.type, pk)
    back = reverse("record", args=[type_key, pk])
    if request.method == "GET":
        return _ask(request, [pk], back, title=entry.title)
    return _assign(request, [pk], back, title=entry.title)


@page("r/<str:type_key>/bulk/assign", access=on("update"), name="bulk-assign", methods=("POST",))
def assign_many(request: PageRequest, type_key: str) -> HttpResponse:
    """Give the ticked records, or all that the list finds, to somebody."""
    pks = chosen(request)
    back = f"{reverse('record-list', args=[type_key])}?{request.GET.urlencode()}"
    if not pks:
        toast(request, _("还没有选中任何记录"), kind="no")
        return HttpResponseRedirect(back)
    return _assign(request, pks, back) if "sure" in request.POST else _ask(request, pks, back)


def _assign(request: PageRequest, pks: Sequence[int], back: str, title: str = "") -> HttpResponse:
    answers = read(request.actor, request.POST)
    if answers.errors:
        return _ask(request, pks, back, answers=answers, title=title)
    try:
        result = assignments.assign(
            request.actor, request.type, pks, member=answers.member, department=answers.department, due=answers.due,
            note=answers.note, owner=answers.owner,
        )  # fmt: skip
    except AssignmentRefused as error:
        return _ask(request, pks, back, answers=answers.refused(str(error), error.field), title=title)
    if not result.pks:
        return _ask(request, pks, back, answers=answers.refused(result.left[0][1], ""), title=title)
    _say(request, result)
    return _gone(request, pks, back)


def _gone(request: PageRequest, pks: Sequence[int], back: str) -> HttpResponse:
    """Back to where it was asked, or to the list when the record went out of sight with its owner."""
    if len(pks) == 1 and not records.get_many(request.actor, request.type, pks):
        back = reverse("record-list", args=[request.type.key])
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(back)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = back
    return response


def _say(request: PageRequest, result: Assigned) -> None:
    undo = (
        {"label": _("撤销改负责人"), "url": f"post:{reverse('action-undo', args=[result.action])}"}
        if result.action
        else {}
    )
    if result.left:
        shown = {"done": len(result.pks), "left": len(result.left), "why": result.left[0][1]}
        toast(request, _("指派了 %(done)d 条，%(left)d 条没有：%(why)s") % shown, kind="no", **undo)
    else:
        toast(request, _("已指派 %(n)d 条，对方会收到通知") % {"n": len(result.pks)}, **undo)


def _ask(
    request: PageRequest, pks: Sequence[int], back: str, *, answers: Answers | None = None, title: str = ""
) -> HttpResponse:
    many = title == ""
    key = request.type.key
    where = f"{reverse('bulk-assign', args=[key])}?{request.GET.urlencode()}"
    form = form_of(request.type, answers)
    context = {
        "active": key,
        "spec": request.type,
        "crumbs": ({"title": request.type.title, "url": reverse("record-list", args=[key])}, {"title": _("指派")}),
        "form": form,
        "errors": form.errors,
        "pks": pks if many else (),
        "count": len(pks),
        "title": title,
        "url": where if many else reverse("record-assign", args=[key, pks[0]]),
        "back": back,
    }
    bare = request.headers.get("X-Kezhou-Dialog") or request.headers.get("HX-Request")
    name = "kezhou/inbox/assign.html" if bare else "kezhou/inbox/assign_page.html"
    return render(request, name, context, status=422 if answers else 200)


@page("assignments/<int:pk>/<str:deed>", access=SIGNED_IN, name="assignment", methods=("GET", "POST"))
def close(request: PageRequest, pk: int, deed: str) -> HttpResponse:
    """Take it, finish it, hand it back, take it back; who may do it is asked where it is done."""
    if deed not in DEEDS:
        raise Http404(_("指派没有“%(deed)s”这个操作。") % {"deed": deed[:20]})
    back = back_of(request, fallback=reverse("inbox"))
    if request.method == "GET":
        return _ask_answer(request, pk, deed, back)
    text = request.POST.get("answer", "")
    try:
        row = DEEDS[deed](request.actor, pk, text) if deed in ANSWERED else DEEDS[deed](request.actor, pk)
    except AssignmentRefused as error:
        if deed in ANSWERED and error.field:
            return _ask_answer(request, pk, deed, back, problem=str(error), text=text)
        toast(request, str(error), kind="no")
    else:
        toast(request, _said(deed, row))
    return _redirected(request, back)


def _redirected(request: PageRequest, back: str) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(back)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = back
    return response


def _said(deed: str, row: Any) -> str:
    sentences = {
        "take": _("你接手了，已告诉指派的人"),
        "done": _("已完成，%(name)s 会收到通知"),
        "return": _("已退回，%(name)s 会收到通知"),
        "withdraw": _("已收回，%(receiver)s 会收到通知"),
    }
    return sentences[deed] % {"name": row.by_name, "receiver": row.receiver}


def _ask_answer(
    request: PageRequest, pk: int, deed: str, back: str, *, problem: str = "", text: str = ""
) -> HttpResponse:
    row = assignments.Assignment.objects.filter(pk=pk).first()
    if row is None or not assignments.may_answer(request.actor, row) or deed not in ANSWERED:
        raise RecordNotFound(_("没有指派给你的这件事。"))
    context = {
        "active": "inbox",
        "crumbs": ({"title": _("通知"), "url": reverse("inbox")}, {"title": _("指派")}),
        "row": row,
        "deed": deed,
        "back": back,
        "problem": problem,
        "text": text,
    }
    bare = request.headers.get("X-Kezhou-Dialog") or request.headers.get("HX-Request")
    name = "kezhou/inbox/answer.html" if bare else "kezhou/inbox/answer_page.html"
    return render(request, name, context, status=422 if problem else 200)
