"""Dictionaries: the values that choice fields offer, the tenant's own from the day they were seeded (PLT-10).

A value's key never changes and is what records keep; label, hue, order and aliases (what an import may call it) can. A value
in use is switched off, not deleted: old records go on showing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kezhou.records import shape
from kezhou.records.catalogue import shaped
from kezhou.records.models import Dictionary, DictionaryValue
from kezhou.records.spec import NotAllowed, RecordError
from kezhou.sdk.hooks import DictionarySeed

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

HUES = ("grey", "blue", "teal", "green", "amber", "orange", "red", "violet", "pink")
LONGEST_LABEL = 60
MOST_VALUES = 500


class DictionaryError(RecordError):
    """A dictionary refuses a change; `str()` is a full sentence."""


@dataclass(frozen=True, slots=True)
class DictionaryInfo:
    """A dictionary in an overview: how many values, and the fields that offer them as (type title, field label)."""

    key: str
    title: str
    count: int
    used_in: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a dictionary as it is edited."""

    key: str
    label: str
    hue: str
    enabled: bool
    position: int
    aliases: tuple[str, ...]


def seed(seeds: Iterable[DictionarySeed], *, plugin: str) -> None:
    """Make dictionaries that are not there yet, with their first values; what a tenant has is left as it is."""
    wanted = {str(item.key): item for item in seeds}
    there = set(Dictionary.objects.filter(key__in=wanted).values_list("key", flat=True))
    fresh = [item for key, item in wanted.items() if key not in there]
    Dictionary.objects.bulk_create([Dictionary(key=s.key, title=str(s.title), plugin=plugin) for s in fresh])
    DictionaryValue.objects.bulk_create(
        [
            DictionaryValue(
                dictionary_id=item.key,
                key=option.key,
                label=str(option.label),
                hue=option.hue,
                position=(place + 1) * 10,
                aliases=list(option.aliases),
                enabled=not option.closed,
            )
            for item in fresh
            for place, option in enumerate(item.options)
        ]
    )


def all(actor: Actor) -> tuple[DictionaryInfo, ...]:
    """Every dictionary of the tenant, by title."""
    counts: dict[str, int] = {}
    for key in DictionaryValue.objects.filter(enabled=True).values_list("dictionary_id", flat=True):
        counts[key] = counts.get(key, 0) + 1
    uses: dict[str, list[tuple[str, str]]] = {}
    for spec in shaped(actor).types.values():
        for field in spec.fields:
            if field.dictionary:
                uses.setdefault(field.dictionary, []).append((str(spec.title), str(field.label)))
    return tuple(
        DictionaryInfo(row.key, row.title, counts.get(row.key, 0), tuple(uses.get(row.key, ())))
        for row in Dictionary.objects.order_by("title", "key")
    )


def values(actor: Actor, dictionary: str) -> tuple[Value, ...]:
    """The values of a dictionary in their order, switched-off ones included. Raises DictionaryError for an unknown key."""
    _demand(dictionary)
    rows = DictionaryValue.objects.filter(dictionary_id=dictionary).order_by("position", "id")
    return tuple(Value(r.key, r.label, r.hue, r.enabled, r.position, tuple(r.aliases)) for r in rows)


def _demand(dictionary: str) -> None:
    if not Dictionary.objects.filter(key=dictionary).exists():
        raise DictionaryError(_("没有名为“%(key)s”的字典。") % {"key": dictionary})


def demand_admin(actor: Actor) -> None:
    """Refuse everybody but administrators. Raises NotAllowed."""
    if not actor.is_admin:
        raise NotAllowed(_("只有管理员可以修改公司的设置。"))


def make(actor: Actor, key: str, title: str, options: Sequence[Mapping[str, object]]) -> None:
    """Make a dictionary of a tenant's own field, from options with label and optionally hue and aliases."""
    demand_admin(actor)
    with transaction.atomic():
        Dictionary.objects.create(key=key, title=title)
        for option in options:
            add(
                actor,
                key,
                str(option["label"]),
                hue=str(option.get("hue") or "grey"),
                aliases=_texts(option.get("aliases")),
            )
        shape.bump()


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


def add(
    actor: Actor, dictionary: str, label: str, *, key: str = "", hue: str = "grey", aliases: Sequence[str] = ()
) -> str:
    """Add a value at the end; answers its key (made when none is given). Raises DictionaryError and NotAllowed."""
    demand_admin(actor)
    _demand(dictionary)
    label = _checked(dictionary, label, hue)
    with transaction.atomic():
        there = list(DictionaryValue.objects.filter(dictionary_id=dictionary))
        if len(there) >= MOST_VALUES:
            raise DictionaryError(_("一个字典最多 %(limit)s 个值。") % {"limit": MOST_VALUES})
        key = key or _free_key(there)
        DictionaryValue.objects.create(
            dictionary_id=dictionary,
            key=key,
            label=label,
            hue=hue,
            position=max((row.position for row in there), default=0) + 10,
            aliases=list(aliases),
        )
        shape.bump()
    return key


def _free_key(there: Sequence[DictionaryValue]) -> str:
    numbers = [int(row.key[1:]) for row in there if re.fullmatch(r"v\d{1,9}", row.key)]
    return f"v{max(numbers, default=0) + 1}"


def _checked(dictionary: str, label: str, hue: str, *, but: str = "") -> str:
    label = label.strip()
    if not label or len(label) > LONGEST_LABEL:
        raise DictionaryError(_("名称要有 1 到 %(limit)s 个字。") % {"limit": LONGEST_LABEL})
    if hue not in HUES:
        raise DictionaryError(_("没有颜色“%(hue)s”，可用：%(known)s。") % {"hue": hue, "known": "、".join(HUES)})
    if DictionaryValue.objects.filter(dictionary_id=dictionary, label=label).exclude(key=but).exists():
        raise DictionaryError(_("已有名为“%(label)s”的值。") % {"label": label})
    return label


def change(
    actor: Actor,
    dictionary: str,
    key: str,
    *,
    label: str | None = None,
    hue: str | None = None,
    enabled: bool | None = None,
    aliases: Sequence[str] | None = None,
) -> None:
    """Change a value; what is None stays. Raises DictionaryError and NotAllowed."""
    demand_admin(actor)
    with transaction.atomic():
        row = DictionaryValue.objects.select_for_update().filter(dictionary_id=dictionary, key=key).first()
        if row is None:
            raise DictionaryError(_("字典“%(dictionary)s”里没有值“%(key)s”。") % {"dictionary": dictionary, "key": key})
        row.hue = hue or row.hue
        row.label = _checked(dictionary, row.label if label is None else label, row.hue, but=key)
        row.enabled = row.enabled if enabled is None else enabled
        row.aliases = row.aliases if aliases is None else list(aliases)
        row.save()
        shape.bump()


def disable(actor: Actor, dictionary: str, key: str) -> None:
    """Offer a value no longer; records that have it keep it."""
    change(actor, dictionary, key, enabled=False)


def reorder(actor: Actor, dictionary: str, keys: Sequence[str]) -> None:
    """Put the values into this order; those not named follow."""
    demand_admin(actor)
    with transaction.atomic():
        rows = {
            row.key: row for row in DictionaryValue.objects.filter(dictionary_id=dictionary).order_by("position", "id")
        }
        named = [key for key in dict.fromkeys(keys) if key in rows]
        for place, key in enumerate([*named, *(key for key in rows if key not in named)]):
            rows[key].position = (place + 1) * 10
        DictionaryValue.objects.bulk_update(rows.values(), ["position"])
        shape.bump()


def use_counts(actor: Actor, dictionary: str) -> dict[str, int]:
    """How many records have each value of a dictionary, over all fields that offer it; values without any are missing."""
    counts: dict[str, int] = {}
    for spec in shaped(actor).types.values():
        for field in spec.fields:
            if field.dictionary != dictionary:
                continue
            expression = field.kind.expression(field, "t")
            if field.type == "multi_choice":
                expression = (
                    f"jsonb_array_elements_text(COALESCE(t.custom->'{field.key}', '[]'))"
                    if field.custom
                    else f"unnest({expression})"
                )
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {expression} AS v, count(*) FROM {spec.rows} t GROUP BY 1")
                for value, number in cursor.fetchall():
                    if value:
                        counts[value] = counts.get(value, 0) + number
    return counts
