"""The full form: new and edit (BAS-03, UIX-10). It works without scripts; with them it warns, keeps drafts and checks twins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import drafts, records
from kezhou.pages import admit
from kezhou.records import Entry
from kezhou.records.classes import class_of
from kezhou.records.layouts import at_once, layout_for
from kezhou.records.layouts.spec import Kind
from kezhou.records.spec import FieldSpec, NotAllowed
from kezhou.records.states.locking import locks
from kezhou.web.pages import PageRequest, on, page, toast
from kezhou.web.records import drafting, forms, line_forms
from kezhou.web.records.conflict_pages import conflict_answer
from kezhou.web.records.forms import Form
from kezhou.web.records.rule_pages import initial
from kezhou.web.records.saving import Attempt, attempt, blank_form, entry_form, untried
from kezhou.web.records.twinning import twins_of

RELAID = "relaid"
OPENED = "open"
DRAFT = "draft"


@page("r/<str:type_key>/new", access=on("create"), name="record-new", methods=("GET", "POST"))
def new_record(request: PageRequest, type_key: str) -> HttpResponse:
    """An empty form, or the same form with every refused value still in it."""
    fields = forms.writable(request.actor, request.type)
    tried = _tried(request, fields)
    if tried is not None and tried.ok and RELAID not in request.POST:
        drafting.forget(request.actor, request.type, "new", "quick")
        return _after_new(request, tried)
    given = {name: value for name, value in request.GET.dict().items() if name != DRAFT}
    again = None if tried else _taken(request, fields, "quick" if request.GET.get(DRAFT) == "quick" else "new")
    form = blank_form(request.actor, request.type, fields, given, tried or again, opened=_opened(request))
    title = _("新建%(title)s") % {"title": request.type.title}
    crumbs = ({"title": request.type.title, "url": _list(request)}, {"title": title})
    offered = None if tried or again else drafting.offer(request.actor, request.type, "new")
    return _shown(request, form, title, tried, again, crumbs=crumbs, draft=offered)


@page("r/<str:type_key>/<int:pk>/edit", access=on("update"), name="record-edit", methods=("GET", "POST"))
def edit_record(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """The form of a record; when somebody saved in between, the comparison (PLT-15)."""
    entry = editable(request, pk, only=at_once(request.actor, request.type, Kind.FORM))
    fields = forms.writable(request.actor, request.type)
    tried = _tried(request, fields, pk)
    if tried is not None and tried.ok and RELAID not in request.POST:
        drafting.forget(request.actor, request.type, "edit", record=pk)
        changed = tried.result.saved[0].kind != "same"
        toast(request, _("已保存“%(title)s”") % {"title": entry.title} if changed else _("没有改动，不用保存"))
        return HttpResponseRedirect(reverse("record", args=[type_key, pk]))
    if tried is not None and tried.conflict is not None:
        return conflict_answer(request, records.get(request.actor, request.type, pk), tried)
    opened = _opened(request)
    again = None if tried else _taken(request, fields, "edit", pk)
    shown = tried or again
    layout = layout_for(request.actor, request.type, class_of(request.type, _chosen(entry, shown)))
    if (opened or shown is not None) and any(part.lazy for part in layout.sections(Kind.FORM)):
        entry = records.get(request.actor, request.type, pk)
    crumbs = (
        {"title": request.type.title, "url": _list(request)},
        {"title": entry.title, "url": reverse("record", args=[type_key, pk])},
        {"title": _("编辑")},
    )
    title = _("编辑%(title)s") % {"title": entry.title}
    offered = None if shown else drafting.offer(request.actor, request.type, "edit", entry)
    version = request.POST.get("version") or _version_of(request, pk, again) or entry.version
    form = entry_form(entry, fields, shown, layout=layout, opened=opened)
    more = {"crumbs": crumbs, "entry": entry, "version": version, "draft": offered}
    return _shown(request, form, title, tried, again, **more)


def _taken(request: PageRequest, fields: Sequence[FieldSpec], place: str, pk: int = 0) -> Attempt | None:
    """The draft that the address asks for, in the place of a refused save."""
    if DRAFT not in request.GET:
        return None
    found = drafts.of(request.actor, request.type.key, place, record=pk)
    return untried(request.actor, request.type, fields, drafting.post_of(found)) if found is not None else None


def _version_of(request: PageRequest, pk: int, again: Attempt | None) -> int | None:
    """The version on which a draft began: whoever saved since is told of and compared with."""
    found = drafts.of(request.actor, request.type.key, "edit", record=pk) if again is not None else None
    return found.version if found is not None else None


def editable(request: PageRequest, pk: int, *, only: frozenset[str] | None = None) -> Entry:
    """The record, for its form. Raises RecordNotFound, and NotAllowed when it may only be seen."""
    entry = records.get(request.actor, request.type, pk, only=only)
    if "update" not in entry.operations:
        raise NotAllowed(_("你可以查看这条%(title)s，但不能修改它。") % {"title": request.type.title})
    return entry


def _tried(request: PageRequest, fields: Sequence[FieldSpec], pk: int | None = None) -> Attempt | None:
    """The try to save what was posted; nothing is saved when the form only asks for the fields of another class."""
    if request.method != "POST":
        return None
    if RELAID in request.POST:
        return untried(request.actor, request.type, fields, request.POST)
    return attempt(request.actor, request.type, fields, request.POST, pk=pk)


def _chosen(entry: Entry, tried: Attempt | None) -> dict[str, Any]:
    return {**entry.values, **(tried.raw if tried else {})}


def _opened(request: PageRequest) -> tuple[str, ...]:
    """Closed sections that the address names as open, for pages without scripts."""
    return tuple(filter(None, request.GET.get(OPENED, "").split(",")))


@page("r/<str:type_key>/twins", access=on("create"), name="twins")
def twin_check(request: PageRequest, type_key: str) -> HttpResponse:
    """The note about records that look the same as what is typed so far; empty when there are none."""
    fields = forms.writable(request.actor, request.type)
    found = twins_of(request.actor, request.type, forms.posted(fields, request.GET))
    return render(request, "kezhou/records/twins.html", {"twins": found, "spec": request.type})


def _shown(
    request: PageRequest, form: Form, title: str, tried: Attempt | None, again: Attempt | None, **more: Any
) -> HttpResponse:
    """The form as it was refused, as a draft left it, or as the record is."""
    entry, filled = more.get("entry"), tried or again
    lines = line_forms.tables(
        request.actor,
        request.type,
        entry,
        rows=filled.lines if filled else None,
        errors=tried.errors if tried else None,
        locks=locks(entry.type, entry.values) if entry else None,
    )
    raw = filled.raw if filled is not None else request.GET.dict()
    context = initial(request.actor, request.type, entry.pk if entry else None, raw) | {
        "active": request.type.key,
        "spec": request.type,
        "form": form,
        "line_forms": lines,
        "wrong": (*form.wrong, *(cell for table in lines for cell in table.wrong)),
        "form_title": title,
        "refilled": again is not None,
        "tried": tried is not None and RELAID not in request.POST,
        "class_field": request.type.class_field,
        "twins": tried.twins if tried else (),
        "draft_url": drafting.url_of(
            request.type.key, "edit" if more.get("entry") else "new", more["entry"].pk if more.get("entry") else 0
        ),
        "cancel_url": more["entry"] and reverse("record", args=[request.type.key, more["entry"].pk])
        if more.get("entry")
        else _list(request),
        **more,
    }
    return render(
        request, "kezhou/records/form.html", context, status=422 if tried is not None and not tried.ok else 200
    )


def _after_new(request: PageRequest, tried: Attempt) -> HttpResponse:
    admit(request.type, "read")
    key = request.type.key
    url = reverse("record", args=[key, tried.result.pk])
    toast(request, _("已新建%(title)s") % {"title": request.type.title}, label=_("打开"), url=url)
    return HttpResponseRedirect(reverse("record-new", args=[key]) if "again" in request.POST else url)


def _list(request: PageRequest) -> str:
    return reverse("record-list", args=[request.type.key])
