"""The timeline's pieces: filter and earlier entries, comments, the picker behind @, and what is new while a page is open."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from kezhou import comments, drafts, records
from kezhou.access.actor import MemberActor
from kezhou.comments import CommentRefused
from kezhou.comments.writing import Written
from kezhou.records.spec import FilterError, TypeSpec
from kezhou.timeline.news import News, news_of
from kezhou.web.pages import PageRequest, on, page, toast
from kezhou.web.records import stream

DEEDS = ("edit", "remove", "pin", "unpin")


@page("r/<str:type_key>/<int:pk>/stream", access=on("read"), name="record-stream", visitors=True)
def show(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """One kind of entries, or the earlier ones; without scripts the record page shows them."""
    entry = records.get(request.actor, request.type, pk)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"{reverse('record', args=[type_key, pk])}?{request.GET.urlencode()}")
    return render(request, "kezhou/records/stream.html", stream.context(request.actor, entry, request.GET.dict()))


@page("r/<str:type_key>/<int:pk>/comments", access=on("read"), name="record-comment", methods=("POST",))
def comment(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """Say something, or answer; a refused text stands in its box again with the sentence below it."""
    answered = _number(request.POST.get("reply_to", ""))
    try:
        written = comments.write(
            request.actor,
            request.type,
            pk,
            request.POST.get("text", ""),
            reply_to=answered,
            chosen=[int(each) for each in request.POST.getlist("mention") if _number(each)],
            files=[int(each) for each in request.POST.getlist("file") if _number(each)],
        )
    except CommentRefused as error:
        return _again(request, pk, str(error), answered)
    if answered is None:
        drafts.drop(request.actor, type_key, "comment", record=pk)
    _tell(request, written)
    return _done(request, type_key, pk)


@page("r/<str:type_key>/<int:pk>/comments/<int:comment>", access=on("read"), name="comment", methods=("GET", "POST"))
def one_comment(request: PageRequest, type_key: str, pk: int, comment: int) -> HttpResponse:
    """Another wording, taking back, pinning: the right is asked where it is done. GET gives the box for the other wording."""
    if request.method == "GET":
        return _edit_box(request, pk, comment)
    records.get(request.actor, request.type, pk)
    deed = request.POST.get("do", "")
    if deed not in DEEDS:
        raise FilterError(_("评论没有“%(deed)s”这个操作。") % {"deed": deed[:40]})
    try:
        _act(request, pk, comment, deed)
    except CommentRefused as error:
        return _edit_box(request, pk, comment, problem=str(error))
    return _done(request, type_key, pk)


def _act(request: PageRequest, pk: int, comment: int, deed: str) -> None:
    if deed == "edit":
        _tell(request, comments.edit(request.actor, request.type, pk, comment, request.POST.get("text", "")))
    elif deed == "remove":
        comments.remove(request.actor, request.type, pk, comment)
    else:
        comments.pin(request.actor, request.type, pk, comment, pinned=deed == "pin")


@page("r/<str:type_key>/<int:pk>/mention", access=on("read"), name="mention")
def mention(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """Members and departments for what was typed behind the @."""
    records.get(request.actor, request.type, pk)
    found = comments.suggestions(request.actor, request.GET.get("q", "").strip()[:40])
    return render(request, "kezhou/records/mention.html", {"found": found})


def news(actor: MemberActor, spec: TypeSpec, pk: int, version: str, since: str) -> News | None:
    """What others did to the record since the page was made, or None: one statement. Raises RecordNotFound and FilterError."""
    seen, moment = _number(version), parse_datetime(since.replace(" ", "+"))
    if seen is None or moment is None or moment.tzinfo is None:
        raise FilterError(_("“有没有新内容”要说明从哪个版本、什么时候算起。"))
    return news_of(actor, spec, pk, version=seen, since=moment)


def _tell(request: PageRequest, written: Written) -> None:
    if written.blind:
        names = "、".join(written.blind)
        toast(request, _("%(names)s 看不到这条记录，没有通知到。") % {"names": names}, kind="no")


def _number(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else None


def _done(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"{reverse('record', args=[type_key, pk])}#kz-stream")
    entry = records.get(request.actor, request.type, pk)
    context = {**stream.context(request.actor, entry, {"show": request.POST.get("show", "")}), "with_toasts": True}
    return render(request, "kezhou/records/stream.html", context)


def _again(request: PageRequest, pk: int, problem: str, answered: int | None) -> HttpResponse:
    entry = records.get(request.actor, request.type, pk)
    context = {
        **stream.context(request.actor, entry, {}),
        "draft_text": request.POST.get("text", ""),
        "problem": problem,
        "answered": answered,
    }
    bare = request.headers.get("HX-Request")
    name = "kezhou/records/stream.html" if bare else "kezhou/records/stream_page.html"
    return render(request, name, context, status=422)


def _edit_box(request: PageRequest, pk: int, comment: int, problem: str = "") -> HttpResponse:
    text = comments.own_text(request.actor, request.type, pk, comment)
    context = {"spec": request.type, "pk": pk, "comment": comment, "problem": problem,
               "text": request.POST.get("text", text)}  # fmt: skip
    bare = request.headers.get("HX-Request")
    name = "kezhou/records/comment_edit.html" if bare else "kezhou/records/comment_edit_page.html"
    return render(request, name, context, status=422 if problem else 200)
