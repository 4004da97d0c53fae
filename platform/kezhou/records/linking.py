"""Links in a batch: finding records by their titles, and checking that what is linked exists and may be seen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kezhou.access.policy import policy_for
from kezhou.records.catalogue import shaped
from kezhou.records.fields import Context
from kezhou.records.fields.reading import clean_line, narrow
from kezhou.records.rows import run
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql, quoted

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


class Links:
    """Titles given for link fields, looked up once per batch in one statement."""

    def __init__(self, actor: Actor, context: Context) -> None:
        self._actor = actor
        self._outer = context.resolve
        self._known: dict[tuple[str, str], int] = {}
        self._within: dict[tuple[str, str, int, str], int] = {}
        self.context = replace(context, resolve=self._resolve)

    def collect(self, given: Iterable[tuple[FieldSpec, Any]]) -> None:
        """Look up every text that is given for a link and is no primary key."""
        wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
        for field, value in given:
            if field.target and isinstance(value, str) and value.strip() and not value.strip().isdigit():
                wanted[field.target, field.within[1] if field.within else ""].add(narrow(clean_line(value)))
        if self._outer is None and wanted:
            self._keep(_named(self._actor, wanted))

    def _keep(self, found: Sequence[tuple[str, str, str, int | None, int, int]]) -> None:
        many = Counter((target, title, by) for target, by, title, _leader, _pk, _number in found)
        for target, by, title, leader, pk, number in found:
            if number == 1 and leader is not None:
                self._within[target, by, leader, title] = pk
            if number == 1 and many[target, title, by] == 1:
                self._known[target, title] = pk

    def context_for(self, field: FieldSpec, values: Mapping[str, Any]) -> Context:
        """How a text of this field is read: of several namesakes the one that belongs to the record chosen beside it."""
        leader = values.get(field.within[0]) if field.within else None
        if field.within is None or leader is None:
            return self.context
        by = field.within[1]

        def resolve(target: str, texts: Sequence[str]) -> Mapping[str, int]:
            nearest = {text: self._within.get((target, by, leader, text.strip())) for text in texts}
            return {**self._resolve(target, texts), **{text: pk for text, pk in nearest.items() if pk is not None}}

        return replace(self.context, resolve=resolve)

    def _resolve(self, target: str, texts: Sequence[str]) -> Mapping[str, int]:
        if self._outer is not None:
            return self._outer(target, texts)
        return {text: self._known[target, text.strip()] for text in texts if (target, text.strip()) in self._known}


def by_title(actor: Actor, wanted: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], int]:
    """Records by (type key, title), where exactly one visible record has that title: one statement."""
    found = _named(actor, {(key, ""): texts for key, texts in wanted.items()})
    return {(key, title): pk for key, _by, title, _leader, pk, number in found if number == 1}


def _named(
    actor: Actor, wanted: Mapping[tuple[str, str], Iterable[str]]
) -> Sequence[tuple[str, str, str, int | None, int, int]]:
    """For each (type key, link to what its records belong to) and title: key, link, title, belongs to, one record, how many."""
    present = shaped(actor).types
    parts = [
        _by_title(actor, present[key], by, sorted(set(texts)))
        for (key, by), texts in sorted(wanted.items())
        if key in present
    ]
    if not parts:
        return ()
    return run(Sql(" UNION ALL ".join(p.text for p in parts), tuple(param for p in parts for param in p.params)))


def by_number(actor: Actor, spec: TypeSpec, numbers: Iterable[str]) -> dict[str, int]:
    """Records of a type by their number, where the actor may see them: one statement."""
    texts = sorted(set(numbers))
    if not texts:
        return {}
    found = run(_by_text(actor, shaped(actor).types[spec.key], "number", "", texts))
    return {text: pk for _key, _by, text, _leader, pk, number in found if number == 1}


def _by_title(actor: Actor, spec: TypeSpec, by: str, texts: list[str]) -> Sql:
    return _by_text(actor, spec, spec.title_field, by, texts)


def _by_text(actor: Actor, spec: TypeSpec, key: str, by: str, texts: list[str]) -> Sql:
    column = quoted(str(spec.by_key[key].column))
    leader = f"t.{quoted(str(spec.by_key[by].column))}" if by else "NULL::bigint"
    condition = policy_for(actor, spec.key).condition.sql("t")
    return Sql(
        f"SELECT %s, %s, t.{column}::text, {leader}, min(t.id), count(*) FROM {spec.rows} t "
        f"WHERE t.{column} = ANY(%s) AND t.deleted_at IS NULL AND {condition.text} GROUP BY t.{column}, {leader}",
        (spec.key, by, texts, *condition.params),
    )


def existing(actor: Actor, wanted: Mapping[str, Iterable[int]]) -> Mapping[tuple[str, int], bool]:
    """Those of the records that exist, are not deleted, and that the actor may see, and whether each is still in use: one statement."""
    present = shaped(actor).types
    parts = [_existing(actor, present[key], sorted(set(pks))) for key, pks in sorted(wanted.items()) if key in present]
    if not parts:
        return {}
    rows = run(Sql(" UNION ALL ".join(p.text for p in parts), tuple(param for p in parts for param in p.params)))
    return {(row[0], row[1]): row[2] for row in rows}


def _existing(actor: Actor, spec: TypeSpec, pks: list[int]) -> Sql:
    condition = policy_for(actor, spec.key).condition.sql("t")
    in_use = f"t.{quoted(str(spec.by_key[spec.retired].column))} IS NOT TRUE" if spec.retired else "TRUE"
    return Sql(
        f"SELECT %s, t.id, {in_use} FROM {spec.rows} t WHERE t.id = ANY(%s) AND t.deleted_at IS NULL AND {condition.text}",
        (spec.key, pks, *condition.params),
    )
