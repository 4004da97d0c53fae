"""From a posted form to `records.save`, and from its answer to what the form shows again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.records import Entry, SaveResult, Twin
from kezhou.records.classes import class_of
from kezhou.records.fields import Context, FieldError
from kezhou.records.layouts import LayoutSpec, layout_for
from kezhou.records.reading import context as reading_context
from kezhou.records.reading import formatting
from kezhou.records.spec import FieldSpec, FilterError, TypeSpec
from kezhou.web.records import forms, line_forms
from kezhou.web.records.forms import Form, Raw

ALLOW_TWINS = "allow_twins"
TWIN_REASON = "twin_reason"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to save a form: what was posted and what became of it."""

    raw: Raw
    texts: Mapping[str, str]
    result: SaveResult
    twins: tuple[Twin, ...] = field(default=())
    lines: line_forms.Rows = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.result.ok

    @property
    def conflict(self) -> records.Conflict | None:
        """Somebody else's save in between, if that was the reason."""
        return self.result.conflicts[0] if self.result.conflicts else None

    @property
    def errors(self) -> dict[str, tuple[str, ...]]:
        """Sentences by field; twins are shown in their own note instead."""
        found: dict[str, tuple[str, ...]] = {}
        for problem in self.result.problems:
            if problem.code not in {"twin", "conflict"}:
                found[problem.field] = (*found.get(problem.field, ()), problem.sentence)
        return found


def attempt(
    actor: Actor, spec: TypeSpec, fields: Sequence[FieldSpec], data: QueryDict, *, pk: int | None = None
) -> Attempt:
    """Save what was posted for these fields as a new record, or as a change of `pk` that began at the posted version."""
    raw = forms.posted(fields, data)
    texts = lookup_texts(fields, data)
    lines = line_forms.posted(actor, spec, data)
    change: dict[str, Any] = {**raw, **line_forms.changes(lines)}
    allow = bool(data.get(ALLOW_TWINS))
    if pk is not None:
        change |= {"pk": pk, "version": data.get("version") or None}
    elif allow and data.get(TWIN_REASON) and any(spec_.key == "remark" for spec_ in fields):
        reason = _("与已有记录相似，仍然新建：%(reason)s") % {"reason": data[TWIN_REASON]}
        change["remark"] = "\n".join(filter(None, (str(change.get("remark") or ""), reason)))
    result = records.save(actor, spec, [change], twins="allow" if allow else "ask")
    return Attempt(raw, texts, result, result.twins, lines)


def untried(actor: Actor, spec: TypeSpec, fields: Sequence[FieldSpec], data: QueryDict) -> Attempt:
    """What was posted, as if it had been tried and nothing were wrong: the form is only drawn anew (another record class)."""
    whole = forms.with_kept(data)
    lines = line_forms.posted(actor, spec, data)
    return Attempt(forms.posted(fields, whole), lookup_texts(fields, whole), SaveResult(action=""), lines=lines)


def lookup_texts(fields: Sequence[FieldSpec], data: QueryDict) -> dict[str, str]:
    """The texts that stand in look-ups, so that they stand there again after a refusal."""
    return {
        spec.key: str(data[f"{spec.key}{forms.TEXT_SUFFIX}"])
        for spec in fields
        if f"{spec.key}{forms.TEXT_SUFFIX}" in data
    }


def blank_form(
    actor: Actor,
    spec: TypeSpec,
    fields: Sequence[FieldSpec],
    given: Mapping[str, str],
    tried: Attempt | None = None,
    *,
    arranged: bool = True,
    opened: Collection[str] = (),
) -> Form:
    """The form of a new record: defaults, values from the address (`customer=12`, else FilterError), then what was posted.

    `arranged` by the layout of the class that these values mean, or just the fields in their order.
    """
    values: dict[str, Any] = {"owner": actor.member_pk, "department": actor.department_pk}
    context = reading_context()
    for each in fields:
        start = given.get(each.key, each.default)
        if start not in (None, ""):
            values[each.key] = _start(start, each, context)
    titles = records.titles(actor, _linked(fields, values))
    chosen = {**values, **(tried.raw if tried else {})}
    return forms.build(
        spec,
        fields,
        values=values,
        fmt=formatting(titles),
        raw=tried.raw if tried else None,
        texts=tried.texts if tried else None,
        errors=tried.errors if tried else None,
        layout=layout_for(actor, spec, class_of(spec, chosen)) if arranged else None,
        opened=opened,
    )


def _start(start: Any, spec: FieldSpec, context: Context) -> Any:
    try:
        return spec.kind.parse(start, spec, context)
    except FieldError as error:
        raise FilterError(str(error)) from error


def entry_form(
    entry: Entry,
    fields: Sequence[FieldSpec],
    tried: Attempt | None = None,
    *,
    layout: LayoutSpec | None = None,
    opened: Collection[str] = (),
) -> Form:
    """The form of an existing record, or some of its controls."""
    return forms.build(
        entry.type,
        fields,
        values=entry.values,
        fmt=entry.fmt,
        raw=tried.raw if tried else None,
        texts=tried.texts if tried else None,
        errors=tried.errors if tried else None,
        layout=layout,
        opened=opened,
    )


def _linked(fields: Sequence[FieldSpec], values: Mapping[str, Any]) -> dict[str, set[int]]:
    wanted: dict[str, set[int]] = {}
    for each in fields:
        if each.target and values.get(each.key) is not None:
            wanted.setdefault(each.target, set()).add(values[each.key])
    return wanted
