"""What the rules say about a form as it stands: the page asks the evaluator that also judges the save (FLD-08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.http import HttpResponse, JsonResponse

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.records.derived import computing
from kezhou.records.derived.graph import graph_of
from kezhou.records.fields import FieldError
from kezhou.records.reading import context as reading_context
from kezhou.records.rules.outcome import Outcome, outcome
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.web.pages import PageRequest, on, page
from kezhou.web.records import forms
from kezhou.web.records.standing import by_rule
from tenants.states import Need


@page("r/<str:type_key>/rules", access=on("read"), name="record-rules", methods=("POST",), needs=Need.READ)
def states(request: PageRequest, type_key: str) -> HttpResponse:
    """JSON of what is hidden, demanded, locked and left to choose, for what was posted (`pk` names a saved record)."""
    fields = forms.writable(request.actor, request.type)
    pk = request.POST.get("pk", "")
    before = stored(request.actor, request.type, int(pk)) if pk.isdecimal() and len(pk) < 19 else None
    raw = forms.posted(fields, request.POST)
    return JsonResponse(said(outcome_of(request.actor, request.type, fields, raw, before)))


def stored(actor: Actor, spec: TypeSpec, pk: int) -> Mapping[str, Any]:
    """The values of a record that the actor may see, those of fields hidden from the actor included. Raises RecordNotFound."""
    records.get(actor, spec, pk, only=frozenset())
    return computing.values_of(spec, spec.by_key, [pk])[pk]


def outcome_of(
    actor: Actor,
    spec: TypeSpec,
    fields: Sequence[FieldSpec],
    raw: Mapping[str, Any],
    before: Mapping[str, Any] | None,
) -> Outcome:
    """The rules over what stands in a form; what cannot be read counts as it was."""
    values = dict(before or {"owner": actor.member_pk, "department": actor.department_pk})
    context, changed = reading_context(), set()
    for field in fields:
        if field.key in raw:
            try:
                values[field.key] = field.kind.parse(raw[field.key], field, context)
            except FieldError:
                continue
            changed.add(field.key)
        elif before is None and field.default not in (None, ""):
            values[field.key] = field.kind.parse(field.default, field, context)
    computing.follow(graph_of(actor), spec.key, values, changed)
    return outcome(actor, spec, values, before=before, context=context)


def said(found: Outcome) -> dict[str, Any]:
    """What the script in the page needs."""
    return {
        "hidden": sorted(found.hidden),
        "required": sorted(found.required),
        "readonly": by_rule(found.readonly),
        "options": {key: list(demand.options) for key, demand in found.options.items()},
        "problems": [list(problem) for problem in found.problems],
    }


def initial(
    actor: Actor, spec: TypeSpec, pk: int | None = None, raw: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """What a form's template needs to follow the rules; nothing for a type without any. `raw` is what was posted or asked for."""
    if not spec.rules:
        return {}
    before = stored(actor, spec, pk) if pk is not None else None
    found = outcome_of(actor, spec, forms.writable(actor, spec), raw or {}, before)
    return {"rules_pk": str(pk or ""), "rules_state": orjson.dumps(said(found)).decode()}
