"""Two people changed one record (PLT-15): original, theirs, mine and the result, field by field; nothing is lost.

What only one side changed is merged; what collides must be chosen. The values of mine that were not chosen are written and taken
back in the same act, so that the history keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from kezhou import records
from kezhou.records import Conflict, Entry, SaveResult
from kezhou.records.fields import FieldError, Format
from kezhou.records.reading import context as reading_context
from kezhou.records.spec import FieldSpec
from kezhou.web.pages import PageRequest, on, page, toast
from kezhou.web.records import drafting, forms, line_forms
from kezhou.web.records.saving import Attempt

BOTH = frozenset({"multi_choice", "long_text"})
MINE, THEIRS, BOTH_KEPT = "mine", "theirs", "both"


@dataclass(frozen=True, slots=True)
class Collision:
    """One field that both changed; `raw` is what I typed, kept in hidden inputs."""

    field: FieldSpec
    original: Markup
    theirs: Markup
    mine: Markup
    raw: tuple[str, ...]
    both: bool
    picked: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """One field that only one side changed; `raw` is empty when it was theirs."""

    field: FieldSpec
    original: Markup
    theirs: Markup | None
    mine: Markup | None
    raw: tuple[str, ...] = ()


def conflict_answer(
    request: PageRequest, entry: Entry, tried: Attempt, *, picked: Mapping[str, str] | None = None
) -> HttpResponse:
    """The comparison in place of the form, 409."""
    conflict = tried.conflict
    assert conflict is not None
    known = {field.key: field for field in forms.writable(request.actor, request.type)}
    fmt = _format(request, entry, conflict, known)
    collisions = [
        _collision(known[part.field], part, fmt, tried, (picked or {}).get(part.field, ""))
        for part in conflict.fields
        if part.field in known
    ]
    line_clashes = line_forms.clashes(request.actor, entry, request.POST, tried.lines)
    context = {
        "active": entry.type.key,
        "spec": entry.type,
        "entry": entry,
        "who": conflict.changed_by or _("别人"),
        "version": conflict.version,
        "collisions": collisions,
        "line_clashes": line_clashes,
        "collided": len(collisions) + len(line_clashes),
        "merged": [*_theirs(entry, conflict, fmt), *_mine(entry, known, tried, conflict)],
        "crumbs": (
            {"title": entry.type.title, "url": reverse("record-list", args=[entry.type.key])},
            {"title": entry.title, "url": reverse("record", args=[entry.type.key, entry.pk])},
            {"title": _("对比")},
        ),
    }
    return render(request, "kezhou/records/conflict.html", context, status=409)


@page("r/<str:type_key>/<int:pk>/merge", access=on("update"), name="record-merge", methods=("POST",))
def merge(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """Save what was chosen, on top of the version that was compared; a third save in between compares anew."""
    entry = records.get(request.actor, request.type, pk)
    fields = forms.writable(request.actor, request.type)
    raw = forms.posted(fields, request.POST)
    picked = {key: request.POST.get(f"pick.{key}", MINE) for key in raw}
    lines = line_forms.posted(request.actor, request.type, request.POST)
    mine = {key: rows for key, rows in lines.items() if request.POST.get(f"pick.{key}") == MINE}
    result = _save(request, entry, raw, picked, line_forms.changes(mine))
    if result.ok:
        drafting.forget(request.actor, request.type, "edit", record=pk)
        toast(request, _("已合好并保存，没选上的值在变更记录里"))
        return HttpResponseRedirect(reverse("record", args=[type_key, pk]))
    if result.conflicts:
        return conflict_answer(request, entry, Attempt(raw, {}, result, lines=lines), picked=picked)
    toast(request, result.sentence, kind="no")
    return HttpResponseRedirect(reverse("record-edit", args=[type_key, pk]))


def _save(
    request: PageRequest, entry: Entry, raw: forms.Raw, picked: Mapping[str, str], lines: Mapping[str, Any]
) -> SaveResult:
    known = {field.key: field for field in forms.writable(request.actor, request.type)}
    final = {key: _kept(known[key], value, entry, picked[key]) for key, value in raw.items() if picked[key] != THEIRS}
    passed = {key: value for key, value in raw.items() if picked[key] == THEIRS}
    version = request.POST.get("version") or None
    action = records.new_action()
    with transaction.atomic():
        if passed:
            tried = records.save(
                request.actor,
                request.type,
                [{"pk": entry.pk, "version": version, **passed}],
                action=action,
                twins="allow",
            )
            if not tried.ok:
                return tried
            version = str(tried.saved[0].version)
            final |= {key: _raw_of(known[key], entry) for key in passed}
        result = records.save(
            request.actor,
            request.type,
            [{"pk": entry.pk, "version": version, **final, **lines}],
            action=action,
            twins="allow",
        )
        if not result.ok:
            transaction.set_rollback(True)
        return result


def _raw_of(field: FieldSpec, entry: Entry) -> Any:
    value = entry.values.get(field.key)
    if value is None:
        return ""
    return list(value) if isinstance(value, tuple) else field.kind.edited(value, field, entry.fmt)


def _kept(field: FieldSpec, mine: Any, entry: Entry, pick: str) -> Any:
    """Mine, or both: the union of a multiple choice, two texts one after the other."""
    if pick != BOTH_KEPT:
        return mine
    theirs = _raw_of(field, entry)
    if field.type == "multi_choice":
        return list(dict.fromkeys([*theirs, *mine])) if theirs else mine
    return "\n".join(part for part in (str(theirs), str(mine)) if part)


def _collision(field: FieldSpec, part: Any, fmt: Format, tried: Attempt, picked: str) -> Collision:
    return Collision(
        field,
        field.kind.cell(part.original, field, fmt),
        field.kind.cell(part.theirs, field, fmt),
        field.kind.cell(part.mine, field, fmt),
        _raws(tried.raw.get(field.key, "")),
        field.type in BOTH,
        picked,
    )


def _theirs(entry: Entry, conflict: Conflict, fmt: Format) -> list[Merged]:
    found = []
    for part in conflict.others:
        field = entry.field(part.field)
        if field is not None and not field.system:
            found.append(
                Merged(
                    field, field.kind.cell(part.original, field, fmt), field.kind.cell(part.theirs, field, fmt), None
                )
            )
    return found


def _mine(entry: Entry, known: Mapping[str, FieldSpec], tried: Attempt, conflict: Conflict) -> list[Merged]:
    """What I changed and nobody else did."""
    told = {part.field for part in (*conflict.fields, *conflict.others)}
    context = reading_context()
    found = []
    for key, raw in tried.raw.items():
        field = known[key]
        if key in told:
            continue
        try:
            value = field.kind.parse(raw, field, context)
        except FieldError:
            continue
        value = None if value == () else value
        if value != entry.values.get(key):
            found.append(Merged(field, entry.cell(key), None, field.kind.cell(value, field, entry.fmt), _raws(raw)))
    return found


def _raws(raw: Any) -> tuple[str, ...]:
    return tuple(map(str, raw)) if isinstance(raw, list) else (str(raw),)


def _format(request: PageRequest, entry: Entry, conflict: Conflict, known: Mapping[str, FieldSpec]) -> Format:
    """The entry's format with the titles of everything that either side linked."""
    wanted: dict[str, set[int]] = {}
    for part in (*conflict.fields, *conflict.others):
        field = known.get(part.field)
        if field is not None and field.target:
            linked = {value for value in (part.original, part.theirs, part.mine) if isinstance(value, int)}
            wanted.setdefault(field.target, set()).update(linked)
    return replace(entry.fmt, titles={**entry.fmt.titles, **records.titles(request.actor, wanted)})
