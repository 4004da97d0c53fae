"""The form of an assignment: made of the same field types as every other form, read with the same sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kezhou.access.actor import MemberActor
from kezhou.assignments.assigning import LONGEST
from kezhou.records.fields import FieldError
from kezhou.records.linking import Links
from kezhou.records.reading import context, formatting
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.web.records import forms
from kezhou.web.records.saving import lookup_texts

FIELDS = (
    FieldSpec(
        key="member", type="member", label=_("指派给成员"), target="core.member",
        help=_("选一位成员，或在下面选一个部门"),
    ),
    FieldSpec(
        key="department", type="department", label=_("或指派给部门"), target="core.department",
        help=_("由部门里先接手的人来做"),
    ),
    FieldSpec(key="due", type="date", label=_("完成期限")),
    FieldSpec(key="note", type="text", label=_("要做什么"), max_length=LONGEST),
    FieldSpec(
        key="owner", type="yes_no", label=_("同时改由他负责"),
        help=_("只用于指派给成员；改了以后你可能不再看得到"),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answers:
    """What was posted, as typed and as values, and the sentences of what cannot be read."""

    raw: Mapping[str, Any]
    texts: Mapping[str, str]
    values: Mapping[str, Any]
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def member(self) -> int | None:
        return self.values.get("member")

    @property
    def department(self) -> int | None:
        return self.values.get("department")

    @property
    def due(self) -> date | None:
        return self.values.get("due")

    @property
    def note(self) -> str:
        return self.values.get("note") or ""

    @property
    def owner(self) -> bool:
        return bool(self.values.get("owner"))

    def refused(self, sentence: str, key: str) -> Answers:
        """The same with one more sentence, at a field or for the whole."""
        return replace(self, errors={**self.errors, key: (*self.errors.get(key, ()), sentence)})


def read(actor: MemberActor, data: QueryDict) -> Answers:
    """The posted answers."""
    raw = forms.posted(FIELDS, data)
    links = Links(actor, context())
    links.collect((spec, raw[spec.key]) for spec in FIELDS if spec.key in raw)
    values: dict[str, Any] = {}
    errors: dict[str, tuple[str, ...]] = {}
    for spec in FIELDS:
        given = raw.get(spec.key)
        try:
            values[spec.key] = None if given in (None, "") else spec.kind.parse(given, spec, links.context)
            spec.kind.check(values[spec.key], spec)
        except FieldError as error:
            errors[spec.key] = (str(error),)
    return Answers(raw, lookup_texts(FIELDS, data), values, errors)


def form_of(spec: TypeSpec, answers: Answers | None) -> forms.Form:
    """The form, with what was typed and what is wrong with it."""
    return forms.build(
        spec, FIELDS, values={}, fmt=formatting(), raw=answers.raw if answers else None,
        texts=answers.texts if answers else None, errors=answers.errors if answers else None,
    )  # fmt: skip
