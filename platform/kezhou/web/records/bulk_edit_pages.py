"""Changing fields of many records at once: counts and examples before, a job with progress where there are many."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.records import ListRequest, bulk
from kezhou.records.fields import FieldError
from kezhou.records.reading import formatting
from kezhou.records.spec import FieldSpec, FilterError
from kezhou.web.pages import PageRequest, on, page, toast
from kezhou.web.records import forms
from kezhou.web.records.bulk_job import sentence, start_edit
from kezhou.web.records.forms import FormField
from kezhou.web.records.looking import Look, look
from kezhou.web.records.saving import lookup_texts

AT_ONCE = 100
"""So many records are changed while the person waits; more are a job."""


@dataclass(frozen=True, slots=True)
class Line:
    """One field of the dialog: what may be done with it, and the control for its value."""

    number: int
    field: FieldSpec | None
    how: str
    hows: tuple[tuple[str, str], ...]
    control: FormField | None


@page("r/<str:type_key>/bulk/edit", access=on("update"), name="bulk-edit", methods=("POST",))
def bulk_edit(request: PageRequest, type_key: str) -> HttpResponse:
    """The dialog, made anew with every change in it (counts and examples follow); with `sure` it is done."""
    here = look(request.actor, request.type, request.GET)
    asked = chosen_request(request, here)
    edits, errors = _edits(request, here)
    if "sure" in request.POST and edits and not errors:
        return _do(request, here, asked, edits)
    return _dialog(request, here, asked, edits, errors)


def chosen_request(request: PageRequest, here: Look) -> ListRequest:
    """The ticked records, or everything that the list finds, as a request of its own."""
    if request.POST.get("all"):
        tree = here.conditions
        return ListRequest(filter=json.dumps(tree) if tree else "", q=here.asked.q, sums=False)
    pks = sorted({int(pk) for pk in request.POST.getlist("pk") if pk.isdecimal() and len(pk) < 19})
    return ListRequest(filter=json.dumps(["pk", "in", pks]), sums=False)


def _edits(request: PageRequest, here: Look) -> tuple[list[bulk.Edit], dict[str, tuple[str, ...]]]:
    """What was asked for, and the sentences of what cannot be read."""
    given = request.POST
    errors: dict[str, tuple[str, ...]] = {}
    edits: list[bulk.Edit] = []
    for key, how in _pairs(request)[: bulk.MOST_EDITS]:
        field = here.spec.by_key.get(key)
        raw = forms.posted((field,), given).get(key) if field is not None else None
        if (field is not None and key in given and not _blank(raw)) or how == bulk.CLEAR or "sure" in given:
            try:
                edits.append(bulk.edit_of(request.actor, request.type, key, how, raw))
            except FieldError as error:
                errors[key] = (str(error),)
    return edits, errors


def _blank(raw: Any) -> bool:
    return raw in (None, "", [], {}) or (isinstance(raw, dict) and not any(raw.values()))


def _pairs(request: PageRequest) -> list[tuple[str, str]]:
    """Fields and what is to be done with them; each field once."""
    keys = request.POST.getlist("field")
    said = dict.fromkeys(key for key in keys if key)
    return [(key, request.POST.get(f"how-{key}") or bulk.SET) for key in said]


def _dialog(
    request: PageRequest, here: Look, asked: ListRequest, edits: list[bulk.Edit], errors: dict[str, tuple[str, ...]]
) -> HttpResponse:
    found = bulk.preview(request.actor, request.type, asked, edits)
    lines = _lines(request, here, errors)
    context = {
        "active": request.type.key,
        "crumbs": ({"title": request.type.title, "url": reverse("record-list", args=[request.type.key])},),
        "spec": request.type,
        "lines": lines,
        "fields": bulk.editable_fields(request.actor, request.type),
        "full": len(lines) > bulk.MOST_EDITS,
        "found": found,
        "ready": bool(edits) and not errors and found.change > 0,
        "edits": edits,
        "pks": [] if request.POST.get("all") else request.POST.getlist("pk"),
        "everything": request.POST.get("all", ""),
        "query": here.address.text,
        "back": f"{reverse('record-list', args=[request.type.key])}?{here.address.text}",
        "as_job": found.change > AT_ONCE,
    }
    bare = request.headers.get("X-Kezhou-Dialog")
    name = "kezhou/records/bulk_edit.html" if bare else "kezhou/records/bulk_edit_page.html"
    return render(request, name, context, status=422 if errors and "sure" in request.POST else 200)


def _lines(request: PageRequest, here: Look, errors: dict[str, tuple[str, ...]]) -> list[Line]:
    labels = {bulk.SET: _("设为"), bulk.CLEAR: _("清空"), bulk.ADD: _("增加"), bulk.REMOVE: _("去掉")}
    lines = []
    for number, (key, how) in enumerate(_pairs(request), 1):
        field = here.spec.by_key.get(key)
        if field is None or key not in {each.key for each in bulk.editable_fields(request.actor, request.type)}:
            raise FilterError(_("“%(key)s”不能批量修改。") % {"key": key[:40]})
        possible = bulk.hows(field)
        how = how if how in possible else possible[0]
        control = None if how == bulk.CLEAR else _control(request, field, errors)
        lines.append(Line(number, field, how, tuple((each, labels[each]) for each in possible), control))
    if len(lines) < bulk.MOST_EDITS and ("more" in request.POST or not lines):
        lines.append(Line(len(lines) + 1, None, "", (), None))
    return lines


def _control(request: PageRequest, field: FieldSpec, errors: dict[str, tuple[str, ...]]) -> FormField:
    raw = forms.posted((field,), request.POST)
    texts = lookup_texts((field,), request.POST)
    made = forms.build(request.type, (field,), values={}, fmt=formatting(), raw=raw or None, texts=texts, errors=errors)
    return made.fields[0]


def _do(request: PageRequest, here: Look, asked: ListRequest, edits: list[bulk.Edit]) -> HttpResponse:
    back = f"{reverse('record-list', args=[request.type.key])}?{here.address.text}"
    total, _may = bulk.allowed(request.actor, request.type, asked, "update")
    if total > bulk.MOST_RECORDS:
        raise FilterError(_("一次最多处理 %(most)s 条，请先用筛选收窄。") % {"most": f"{bulk.MOST_RECORDS:,}"})
    if total <= AT_ONCE:
        done = bulk.run(
            request.actor,
            request.type.key,
            bulk.keys(request.actor, request.type, asked),
            edits,
            into=bulk.Outcome(records.new_action()),
        )
        undo = reverse("action-undo", args=[done.action])
        toast(request, sentence(done), kind="no" if done.skipped else "ok", label=_("撤销"), url=f"post:{undo}")
        return HttpResponseRedirect(back)
    title = _("批量修改%(type)s") % {"type": request.type.title}
    started = start_edit(request.actor, request.type, asked, edits, title=title)
    toast(request, started.title, kind="job", url=reverse("job", args=[started.pk]))
    return HttpResponseRedirect(back)
