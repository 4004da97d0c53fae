"""Twins: records that are the same thing twice. Found by folded forms that each row keeps, for a whole batch in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou.access.policy import policy_for
from kezhou.records.catalogue import shaped
from kezhou.records.drafting import Batch, Work
from kezhou.records.rows import run
from kezhou.records.saved import Twin
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql, quoted

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


def twin_keys(spec: TypeSpec, fields: Mapping[str, FieldSpec], values: Mapping[str, Any]) -> list[str]:
    """The forms by which a record with these values is found again, one per declared group whose fields are all given."""
    found = []
    for group in spec.twins:
        keys = [fields[key].kind.twin_key(values.get(key), fields[key]) for key in group if key in fields]
        if len(keys) == len(group) and all(keys):
            found.append(f"{'+'.join(group)}:{'|'.join(map(str, keys))}")
    return found


def find(actor: Actor, type: str | TypeSpec, rows: Sequence[Mapping[str, Any]]) -> tuple[Twin, ...]:
    """The twins that rows of typed values would have if they were saved as new; `position` is the index in `rows`."""
    spec = shaped(actor).types[type if isinstance(type, str) else type.key]
    fields = {field.key: field for field in spec.fields}
    wanted = {position: twin_keys(spec, fields, row) for position, row in enumerate(rows)}
    return tuple(_matches(actor, spec, wanted))


def find_in(batch: Batch) -> list[tuple[Work, Twin]]:
    """For every new record of the batch its twins: rows that stand, and earlier new ones of the same batch."""
    works = {work.position: work for work in batch.alive() if work.new}
    for work in works.values():
        work.twin_keys = twin_keys(batch.spec, batch.fields, work.given)
    wanted = {position: work.twin_keys for position, work in works.items()}
    return [(works[twin.position], twin) for twin in _matches(batch.actor, batch.spec, wanted)]


def _matches(actor: Actor, spec: TypeSpec, wanted: Mapping[int, list[str]]) -> list[Twin]:
    every = sorted({key for keys in wanted.values() for key in keys})
    if not every:
        return []
    standing = _standing(actor, spec, every)
    first: dict[str, int] = {}
    found = []
    for position, keys in wanted.items():
        for key in keys:
            group = tuple(key.partition(":")[0].split("+"))
            if key in standing:
                pk, title, owner = standing[key]
                found.append(Twin(position, pk, group, title, owner))
            elif first.setdefault(key, position) != position:
                found.append(Twin(position, 0, group, None, None, same_as=first[key]))
    return found


def _standing(actor: Actor, spec: TypeSpec, keys: Sequence[str]) -> dict[str, tuple[int, str | None, str | None]]:
    """Rows by twin key, also those the actor may not see: of these only that they exist is told."""
    condition = policy_for(actor, spec.key).condition.sql("t")
    title = quoted(str(spec.by_key[spec.title_field].column))
    # One look into the index per key: an overlap (&&) with hundreds of keys is planned as a scan of the whole table.
    rows = run(
        Sql(
            f"SELECT k.key, t.id, t.title, t.seen, m.name FROM unnest(%s::text[]) k(key) CROSS JOIN LATERAL ("
            f"SELECT t.id, t.owner_id, t.{title}::text AS title, {condition.text} AS seen FROM {spec.rows} t "
            "WHERE t.twin_keys @> ARRAY[k.key] AND t.deleted_at IS NULL OFFSET 0) t "
            "LEFT JOIN access_member m ON m.id = t.owner_id ORDER BY t.id DESC",
            (list(keys), *condition.params),
        )
    )
    return {key: (pk, name if seen else None, owner) for key, pk, name, seen, owner in rows}


def settle(batch: Batch, found: Sequence[tuple[Work, Twin]], twins: str) -> tuple[Twin, ...]:
    """Do with the twins as the caller said: ask (a problem), skip, update the standing one, or allow."""
    if twins == "allow":
        return ()
    taken = {work.pk for work in batch.works if work.pk is not None}
    for work, twin in found:
        if not work.alive or not work.new:
            continue
        if twins == "skip" or (twins == "update" and (twin.same_as is not None or twin.pk in taken)):
            work.skipped = True
        elif twins == "update" and twin.title is not None:
            work.pk = twin.pk
            taken.add(twin.pk)
        else:
            work.refuse(_sentence(batch, twin), field=twin.fields[0], code="twin")
    return tuple(twin for _work, twin in found)


def _sentence(batch: Batch, twin: Twin) -> str:
    labels = "、".join(str(batch.fields[key].label) for key in twin.fields)
    if twin.same_as is not None:
        return _("与本批第 %(row)s 条的%(labels)s相同。") % {"row": twin.same_as + 1, "labels": labels}
    if twin.title is None:
        return _("已有%(labels)s相同的%(type)s，负责人是%(owner)s，你无权查看。") % {
            "labels": labels,
            "type": batch.spec.title,
            "owner": twin.owner or _("未分配"),
        }
    return _("已有%(labels)s相同的%(type)s“%(title)s”。") % {
        "labels": labels,
        "type": batch.spec.title,
        "title": twin.title,
    }
