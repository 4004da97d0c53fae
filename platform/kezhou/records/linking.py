"""Links in a batch: finding records by their titles, and checking that what is linked exists and may be seen."""

from __future__ import annotations

from collections import defaultdict
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
        self.context = replace(context, resolve=self._resolve)

    def collect(self, given: Iterable[tuple[FieldSpec, Any]]) -> None:
        """Look up every text that is given for a link and is no primary key."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for field, value in given:
            if field.target and isinstance(value, str) and value.strip() and not value.strip().isdigit():
                wanted[field.target].add(narrow(clean_line(value)))
        if self._outer is None and wanted:
            self._known = by_title(self._actor, wanted)

    def _resolve(self, target: str, texts: Sequence[str]) -> Mapping[str, int]:
        if self._outer is not None:
            return self._outer(target, texts)
        return {text: self._known[target, text.strip()] for text in texts if (target, text.strip()) in self._known}


def by_title(actor: Actor, wanted: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], int]:
    """Records by (type key, title), where exactly one visible record has that title: one statement."""
    present = shaped(actor).types
    parts = [
        _by_title(actor, present[key], sorted(set(texts))) for key, texts in sorted(wanted.items()) if key in present
    ]
    if not parts:
        return {}
    rows = run(Sql(" UNION ALL ".join(p.text for p in parts), tuple(param for p in parts for param in p.params)))
    return {(key, title): pk for key, title, pk, number in rows if number == 1}


def _by_title(actor: Actor, spec: TypeSpec, texts: list[str]) -> Sql:
    column = quoted(str(spec.by_key[spec.title_field].column))
    condition = policy_for(actor, spec.key).condition.sql("t")
    return Sql(
        f"SELECT %s, t.{column}::text, min(t.id), count(*) FROM {spec.rows} t "
        f"WHERE t.{column} = ANY(%s) AND t.deleted_at IS NULL AND {condition.text} GROUP BY t.{column}",
        (spec.key, texts, *condition.params),
    )


def existing(actor: Actor, wanted: Mapping[str, Iterable[int]]) -> set[tuple[str, int]]:
    """Those of the records that exist, are not deleted, and that the actor may see: one statement."""
    present = shaped(actor).types
    parts = [_existing(actor, present[key], sorted(set(pks))) for key, pks in sorted(wanted.items()) if key in present]
    if not parts:
        return set()
    rows = run(Sql(" UNION ALL ".join(p.text for p in parts), tuple(param for p in parts for param in p.params)))
    return {(row[0], row[1]) for row in rows}


def _existing(actor: Actor, spec: TypeSpec, pks: list[int]) -> Sql:
    condition = policy_for(actor, spec.key).condition.sql("t")
    return Sql(
        f"SELECT %s, t.id FROM {spec.rows} t WHERE t.id = ANY(%s) AND t.deleted_at IS NULL AND {condition.text}",
        (spec.key, pks, *condition.params),
    )
