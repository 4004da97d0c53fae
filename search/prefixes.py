"""字段:words — what a prefix in the search box means for one actor: a kind, a group of fields, or whose the record is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.records import ListRequest
from kezhou.records.spec import TypeSpec, UnknownType
from search.analysis.folding import fold
from search.documents import parts_of
from search.organisation import DEPARTMENT, MEMBER, departments_below
from search.query.tree import NOTHING, OneOf, Query
from search.schema import (
    BODY_FIELDS,
    CODE_FIELDS,
    FILE_FIELDS,
    NOTE_FIELDS,
    PINYIN_FIELDS,
    RELATED_FIELDS,
    TITLE_FIELDS,
    Field,
)

MOST_PEOPLE = 50


@dataclass(frozen=True, slots=True)
class Meaning:
    """`fields` is where the words are looked for; records of `kinds` are found by their names as well."""

    fields: frozenset[Field]
    kinds: tuple[str, ...] = ()


class Prefixes:
    """The prefixes that one actor can use: titles of kinds and labels of searched fields, in the actor's language,
    simplified or traditional."""

    def __init__(self, actor: Actor, specs: Mapping[str, TypeSpec]) -> None:
        self._actor = actor
        self._specs = specs

    def meaning(self, prefix: str) -> Meaning | None:
        """What a prefix stands for; None when it names nothing here (10:30, http://…)."""
        return self._meanings.get(fold(prefix.strip()))

    def people(self, prefix: str, text: str) -> Query | None:
        """负责人:周敏 and 部门:成都 as a condition on whose the record is; None for other prefixes."""
        said = fold(prefix)
        if said == fold(str(_("负责人"))):
            return _one_of(Field.OWNER, self._called(MEMBER, text))
        if said == fold(str(_("部门"))):
            below = departments_below(self._actor)
            named = self._called(DEPARTMENT, text)
            return _one_of(Field.DEPARTMENT, {pk for one in named for pk in below.get(one, {one})})
        return None

    def _called(self, type: str, text: str) -> set[int]:
        try:
            found = records.page(self._actor, type, ListRequest(q=text, size=MOST_PEOPLE, sums=False))
        except UnknownType:
            return set()
        return {row.pk for row in found.rows}

    @cached_property
    def _meanings(self) -> Mapping[str, Meaning]:
        found: dict[str, Meaning] = {
            fold(str(_("名称"))): Meaning(TITLE_FIELDS | PINYIN_FIELDS),
            fold(str(_("编号"))): Meaning(CODE_FIELDS),
            fold(str(_("电话"))): Meaning(CODE_FIELDS),
            fold(str(_("正文"))): Meaning(BODY_FIELDS),
            fold(str(_("附件"))): Meaning(FILE_FIELDS),
            fold(str(_("评论"))): Meaning(NOTE_FIELDS),
        }
        for spec in self._specs.values():
            parts = parts_of(spec, self._actor)
            groups = (
                (parts.title, TITLE_FIELDS | PINYIN_FIELDS), (parts.codes, CODE_FIELDS), (parts.related, RELATED_FIELDS),
                (parts.body, BODY_FIELDS), (parts.files, FILE_FIELDS),
            )  # fmt: skip
            for fields, meant in groups:
                for field in fields:
                    held = found.get(label := fold(str(field.label)), Meaning(frozenset()))
                    found[label] = Meaning(held.fields | meant, held.kinds)
        for key, spec in self._specs.items():
            held = found.get(label := fold(str(spec.title)), Meaning(RELATED_FIELDS))
            found[label] = Meaning(held.fields | RELATED_FIELDS, (*held.kinds, key))
        return found


def _one_of(field: Field, pks: set[int]) -> Query:
    return OneOf(field, tuple(sorted(pks))) if pks else NOTHING
