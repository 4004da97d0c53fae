"""Moving a card of a board: where it may go and why not elsewhere, what a move still needs, and the move itself.

On the field of a type's states the ways are those of the record page (`records.moves`); on any other choice the rules and the
state of the record decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.policy import policy_for
from kezhou.records import Entry
from kezhou.records.spec import FieldSpec, FilterError, NotAllowed
from kezhou.records.states.moving import barred
from kezhou.web.pages import PageRequest, on, page
from kezhou.web.records import forms
from kezhou.web.records.looking import NOTHING, Look, groupable, look
from kezhou.web.records.saving import Attempt, attempt, entry_form, lookup_texts
from kezhou.web.records.standing import standing


@dataclass(frozen=True, slots=True)
class Target:
    """One column for one card: it may go there, or the `reason` why not; `asks` names the fields that must be filled for it."""

    allowed: bool
    reason: str = ""
    asks: tuple[str, ...] = ()


def board_field(here: Look) -> FieldSpec:
    """The field of the columns: as asked, else the states of the type, else its first choice. Raises FilterError."""
    choices = [field for field in groupable(here.actor, here.spec) if field.options]
    if not choices:
        raise FilterError(_("“%(type)s”没有单选字段，不能看成看板。") % {"type": here.spec.title})
    wanted = here.group
    if wanted is not None and wanted.options:
        return wanted
    states = here.spec.states.field if here.spec.states is not None else ""
    return next((field for field in choices if field.key == states), choices[0])


def movable(here: Look, by: FieldSpec) -> bool:
    """True when cards can be moved at all: states by the rights of their ways, other fields by the right to change them."""
    if _by_states(here, by):
        ways = here.spec.states.transitions if here.spec.states is not None else ()
        policy = policy_for(here.actor, here.spec.key)
        return any(not way.action and policy.allows(way.operation) for way in ways)
    return by.editable and "update" in here.spec.operations


def _by_states(here: Look, by: FieldSpec) -> bool:
    return here.spec.states is not None and here.spec.states.field == by.key


@page("r/<str:type_key>/board/ways", access=on("read"), name="board-ways")
def ways(request: PageRequest, type_key: str) -> HttpResponse:
    """Asked when a card is taken up: for each other column whether it may go there, why not, what will be asked."""
    here = look(request.actor, request.type, _without(request, "pk"))
    by = board_field(here)
    entry = records.get(request.actor, request.type, _number(request.GET.get("pk", "")))
    found = targets(here, by, entry) if movable(here, by) else {}
    return JsonResponse({value: asdict(target) for value, target in found.items()})


def targets(here: Look, by: FieldSpec, entry: Entry) -> Mapping[str, Target]:
    """Every column but the card's own."""
    now = entry.values.get(by.key)
    others = [option.key for option in by.options if option.key != now]
    if _by_states(here, by):
        known = {way.target: way for way in records.moves(here.actor, here.spec, entry)}
        reasons = barred(here.actor, here.spec, entry, [key for key in (*others, "") if key not in known])
        possible = {
            key: Target(way.allowed, way.reason, tuple(str(field.label) for field in way.asks if field.required))
            for key, way in known.items()
        }
        return possible | {key or NOTHING: Target(False, reason) for key, reason in reasons.items()}
    return {key: Target(not why, why) for key, why in _reasons(here, by, entry, others).items()}


def _reasons(here: Look, by: FieldSpec, entry: Entry, others: Sequence[str]) -> Mapping[str, str]:
    """Why the value cannot become each of the others; nothing where it can."""
    stands = standing(here.actor, entry)
    whole = stands.locked.get(by.key, "")
    if "update" not in entry.operations:
        whole = _("你没有权限修改这一条。")
    left = stands.options.get(by.key)
    narrowed = _("由规则限定，这一条现在不能选“%(value)s”。")
    found = {
        key: whole or (narrowed % {"value": _label(by, key)} if left is not None and key not in left else "")
        for key in others
    }
    required = _("请填写%(label)s。") % {"label": by.label} if by.required else ""
    return {**found, NOTHING: whole or required} if entry.values.get(by.key) else found


def _label(by: FieldSpec, key: str) -> str:
    option = by.option(key)
    return str(option.label) if option is not None else _("未填")


@page("r/<str:type_key>/board/move", access=on("read"), name="board-move", methods=("POST",))
def move(request: PageRequest, type_key: str) -> HttpResponse:
    """Give one card another value. 200 with the new version; 422 with a form for what is still missing; 409 with the reason why
    it stays where it is."""
    here = look(request.actor, request.type, request.GET)
    by = board_field(here)
    if not movable(here, by):
        raise NotAllowed(_("你不能修改“%(field)s”。") % {"field": by.label})
    entry = records.get(request.actor, request.type, _number(request.POST.get("pk", "")))
    if _by_states(here, by) and request.POST.get("to") != NOTHING:
        return _move_state(request, here, by, entry)
    return _move_value(request, here, by, entry)


def _move_state(request: PageRequest, here: Look, by: FieldSpec, entry: Entry) -> HttpResponse:
    """As on the record page: the same right, the same questions."""
    target = request.POST.get("to", "")
    way = next((way for way in records.moves(here.actor, here.spec, entry) if way.target == target), None)
    if way is None or not way.allowed:
        reason = way.reason if way is not None else barred(here.actor, here.spec, entry, [target]).get(target, "")
        return _refused(reason or _("没有这一列。"))
    if way.asks and not request.POST.getlist("asked"):
        return _ask(request, here, by, entry, way.asks, None)
    raw = forms.posted(way.asks, request.POST)
    version = _number(request.POST.get("version", "")) or None
    result = records.move(here.actor, here.spec, entry, target, raw, version=version)
    tried = Attempt(raw, lookup_texts(way.asks, request.POST), result)
    return _answered(request, here, by, entry, tried, way.asks)


def _move_value(request: PageRequest, here: Look, by: FieldSpec, entry: Entry) -> HttpResponse:
    asked = tuple(field for field in _writable(here, request.POST.getlist("asked")) if field.key != by.key)
    data = request.POST.copy()
    data[by.key] = "" if data.get("to") == NOTHING else data.get("to", "")
    tried = attempt(here.actor, here.spec, (by, *asked), data, pk=entry.pk)
    missing = _missing(here, tried.errors, by)
    return _answered(request, here, by, entry, tried, missing)


def _answered(
    request: PageRequest, here: Look, by: FieldSpec, entry: Entry, tried: Attempt, fields: Sequence[FieldSpec]
) -> HttpResponse:
    """The answer to a try: the new version, the reason, or the form of what is missing (only where it can be filled there)."""
    if tried.ok:
        saved = tried.result.saved[0]
        undo = reverse("action-undo", args=[tried.result.action])
        return JsonResponse({"pk": entry.pk, "version": saved.version, "undo": undo})
    if tried.conflict is not None:
        who = {"name": tried.conflict.changed_by}
        return _refused(_("%(name)s刚改过这条记录，已按最新的显示，请再拖一次。") % who)
    if not tried.errors or not set(tried.errors) <= {field.key for field in fields}:
        return _refused(tried.result.sentence)
    return _ask(request, here, by, entry, fields, tried)


def _ask(
    request: HttpRequest,
    here: Look,
    by: FieldSpec,
    entry: Entry,
    fields: Sequence[FieldSpec],
    tried: Attempt | None,
) -> HttpResponse:
    context = {
        "spec": here.spec,
        "entry": entry,
        "to": request.POST.get("to", ""),
        "target": _label(by, request.POST.get("to", "")),
        "query": here.address.text,
        "version": request.POST.get("version", ""),
        "asked": [field.key for field in fields],
        "form": entry_form(entry, fields, tried if tried is not None and request.POST.getlist("asked") else None),
    }
    return render(request, "kezhou/records/board_ask.html", context, status=422)


def _refused(sentence: str) -> HttpResponse:
    return JsonResponse({"sentence": sentence}, status=409)


def _writable(here: Look, keys: Sequence[str]) -> tuple[FieldSpec, ...]:
    writable = {field.key: field for field in records.fields_for(here.spec, here.actor, "write")}
    return tuple(writable[key] for key in dict.fromkeys(keys) if key in writable)


def _missing(here: Look, errors: Mapping[str, tuple[str, ...]], by: FieldSpec) -> tuple[FieldSpec, ...]:
    """The fields that must be filled first; none when something else stands in the way."""
    fields = _writable(here, list(errors))
    return fields if len(fields) == len(errors) and by.key not in errors else ()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _without(request: PageRequest, name: str) -> Any:
    query = request.GET.copy()
    query.pop(name, None)
    return query
