"""Going to another state and doing an action: a dialog that asks what is missing, then the deed; without scripts a page of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.records import Entry, Move, Offer, SaveResult
from kezhou.records.actions.offering import asked, bulk_actions
from kezhou.records.reading import formatting
from kezhou.records.spec import FieldSpec
from kezhou.web.pages import PageRequest, on, page, toast
from kezhou.web.records import forms
from kezhou.web.records.saving import Attempt, lookup_texts


@page("r/<str:type_key>/<int:pk>/move/<str:target>", access=on("read"), name="record-move", methods=("GET", "POST"))
def move(request: PageRequest, type_key: str, pk: int, target: str) -> HttpResponse:
    """Take the record to another state. What is missing is asked for; what forbids it is told."""
    entry = records.get(request.actor, request.type, pk)
    way = next((way for way in records.moves(request.actor, request.type, entry) if way.target == target), None)
    if way is None:
        raise Http404(_("从现在的状态不能到“%(target)s”，或者你没有这个权限。") % {"target": target})
    if request.method == "GET":
        return _ask_move(request, entry, way)
    tried = _tried(request, way.asks, lambda raw: _move(request, entry, way, raw))
    if not tried.ok:
        return _ask_move(request, entry, way, tried)
    toast(request, _("已改为“%(state)s”") % {"state": _state(entry, target)}, label=_("撤销"), url=_undo(tried.result))
    return _done(request, entry)


def _move(request: PageRequest, entry: Entry, way: Move, raw: Mapping[str, Any]) -> SaveResult:
    version = request.POST.get("version", "")
    seen = int(version) if version.isdecimal() and len(version) < 10 else None
    return records.move(request.actor, request.type, entry, way.target, raw, version=seen)


def _ask_move(request: PageRequest, entry: Entry, way: Move, tried: Attempt | None = None) -> HttpResponse:
    context = {
        "deed_url": reverse("record-move", args=[entry.type.key, entry.pk, way.target]),
        "deed_title": way.title,
        "deed_icon": "arrow-right",
        "reason": way.reason,
        "question": "",
        "danger": False,
    }
    return _ask(request, entry, way.asks, context, tried)


@page("r/<str:type_key>/<int:pk>/act/<str:key>", access=on("read"), name="record-act", methods=("GET", "POST"))
def act(request: PageRequest, type_key: str, pk: int, key: str) -> HttpResponse:
    """Do an action with one record."""
    entry = records.get(request.actor, request.type, pk)
    offer = next((offer for offer in records.actions(request.actor, request.type, entry) if offer.key == key), None)
    if offer is None:
        raise Http404(_("这条记录没有“%(key)s”这个操作，或者你没有这个权限。") % {"key": key})
    if request.method == "GET":
        return _ask_act(request, entry, offer)
    version = request.POST.get("version", "")
    seen = {pk: int(version)} if version.isdecimal() and len(version) < 10 else None
    tried = _tried(
        request,
        offer.fields,
        lambda raw: records.act(request.actor, request.type, key, [pk], raw, versions=seen),
    )
    if not tried.ok:
        return _ask_act(request, entry, offer, tried)
    undoable = not offer.action.plugin  # what a plugin does with records of others lies outside their history
    way = {"label": _("撤销"), "url": _undo(tried.result)} if undoable else {}
    toast(request, _("已%(action)s") % {"action": offer.action.title}, **way)
    return _done(request, entry)


def _ask_act(request: PageRequest, entry: Entry, offer: Offer, tried: Attempt | None = None) -> HttpResponse:
    context = {
        "deed_url": reverse("record-act", args=[entry.type.key, entry.pk, offer.key]),
        "deed_title": str(offer.action.title),
        "deed_icon": offer.action.icon,
        "reason": offer.reason,
        "question": str(offer.action.confirm),
        "danger": offer.action.danger,
    }
    return _ask(request, entry, offer.fields, context, tried)


def _tried(request: PageRequest, fields: Sequence[FieldSpec], deed: Any) -> Attempt:
    raw = forms.posted(fields, request.POST)
    return Attempt(raw, lookup_texts(fields, request.POST), deed(raw))


def _ask(
    request: PageRequest, entry: Entry, fields: Sequence[FieldSpec], context: dict[str, Any], tried: Attempt | None
) -> HttpResponse:
    """The dialog: its questions with what was typed, and the sentences of a refusal."""
    form = forms.build(
        entry.type,
        fields,
        values={**{field.key: field.default for field in fields}, **entry.values},
        fmt=entry.fmt,
        raw=tried.raw if tried else None,
        texts=tried.texts if tried else None,
        errors=_errors(tried) if tried else None,
    )
    lines = {lines.key for lines in entry.type.lines}
    told = [p.sentence for p in tried.result.problems if p.field.partition(".")[0] in lines] if tried else []
    bare = request.headers.get("X-Kezhou-Dialog") or request.headers.get("HX-Request")
    whole = {
        **context,
        "active": entry.type.key,
        "spec": entry.type,
        "entry": entry,
        "form": form,
        "errors": (*form.errors, *told),
        "back": reverse("record", args=[entry.type.key, entry.pk]),
        "crumbs": (
            {"title": entry.type.title, "url": reverse("record-list", args=[entry.type.key])},
            {"title": entry.title},
        ),
    }
    name = "kezhou/records/deed.html" if bare else "kezhou/records/deed_page.html"
    return render(request, name, whole, status=422 if tried is not None else 200)


def _errors(tried: Attempt) -> dict[str, tuple[str, ...]]:
    """Sentences by field; that somebody saved in between concerns the whole record."""
    found: dict[str, tuple[str, ...]] = {}
    for problem in tried.result.problems:
        key = "" if problem.code == "conflict" else problem.field
        found[key] = (*found.get(key, ()), problem.sentence)
    return found


def _state(entry: Entry, target: str) -> str:
    states = entry.type.states
    option = entry.type.by_key[states.field].option(target) if states else None
    return str(option.label) if option else target


def _undo(result: SaveResult) -> str:
    return f"post:{reverse('action-undo', args=[result.action])}"


def _done(request: PageRequest, entry: Entry) -> HttpResponse:
    """Back to the record, or to the list when the deed took it out of sight."""
    here = reverse("record", args=[entry.type.key, entry.pk])
    if entry.pk not in records.get_many(request.actor, entry.type, (entry.pk,)):
        here = reverse("record-list", args=[entry.type.key])
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(here)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = here
    return response


def bulk_act(request: PageRequest, key: str, pks: Sequence[int], back: str) -> HttpResponse:
    """The same for many ticked records: asked with their number, all or nothing."""
    spec = request.type
    action = next((each for each in bulk_actions(request.actor, spec) if each.key == key), None)
    if action is None:
        raise Http404(_("没有“%(key)s”这个批量操作，或者你没有这个权限。") % {"key": key})
    fields = asked(request.actor, spec, action)
    tried = None
    if "sure" in request.POST:
        raw = forms.posted(fields, request.POST)
        tried = Attempt(raw, lookup_texts(fields, request.POST), records.act(request.actor, spec, key, pks, raw))
        if tried.ok:
            done = _("已对 %(n)d 条%(action)s") % {"n": len(pks), "action": action.title}
            toast(request, done, label=_("撤销"), url=_undo(tried.result))
            return HttpResponseRedirect(back)
    form = forms.build(
        spec, fields, values={}, fmt=formatting(), raw=tried.raw if tried else None,
        texts=tried.texts if tried else None, errors=_told(request, tried, pks) if tried else None,
    )  # fmt: skip
    context = {
        "active": spec.key, "spec": spec, "form": form, "action": action, "pks": pks, "back": back, "errors": form.errors,
        "address": request.GET.urlencode(),
    }  # fmt: skip
    bare = request.headers.get("X-Kezhou-Dialog")
    name = "kezhou/records/bulk_act.html" if bare else "kezhou/records/bulk_act_page.html"
    return render(request, name, context, status=422 if tried is not None else 200)


def _told(request: PageRequest, tried: Attempt, pks: Sequence[int]) -> dict[str, tuple[str, ...]]:
    """Sentences by field; those about one record name it (at most five)."""
    found: dict[str, tuple[str, ...]] = {}
    about = [problem for problem in tried.result.problems if problem.code in {"state", "not_allowed", "refused"}]
    names = records.titles(request.actor, {request.type.key: [pks[problem.position] for problem in about[:5]]})
    for problem in about[:5]:
        title = names.get((request.type.key, pks[problem.position])) or f"#{pks[problem.position]}"
        found[""] = (*found.get("", ()), _("“%(title)s”：%(why)s") % {"title": title, "why": problem.sentence})
    for problem in tried.result.problems:
        if problem not in about:
            found[problem.field] = (*found.get(problem.field, ()), problem.sentence)
    return found
