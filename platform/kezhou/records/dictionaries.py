"""Dictionaries: the values that choice fields offer, the tenant's own from the day they were seeded (PLT-10).

A value's key never changes and is what records keep; label, hue, order and aliases (what an import may call it) can. A value
in use is switched off, not deleted: old records go on showing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.records import shape
from kezhou.records.catalogue import shaped
from kezhou.records.custom_specs import option_of
from kezhou.records.fields.reading import clean_line
from kezhou.records.models import Dictionary, DictionaryValue
from kezhou.records.options import DEEPEST, in_tree
from kezhou.records.spec import NotAllowed, OptionSpec, RecordError
from kezhou.sdk.hooks import DictionarySeed

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.access.actor import Actor

HUE_NAMES: Mapping[str, StrOrPromise] = {
    "grey": gettext_lazy("灰"),
    "blue": gettext_lazy("蓝"),
    "teal": gettext_lazy("青"),
    "green": gettext_lazy("绿"),
    "amber": gettext_lazy("琥珀"),
    "orange": gettext_lazy("橙"),
    "red": gettext_lazy("红"),
    "violet": gettext_lazy("紫"),
    "pink": gettext_lazy("粉"),
}
HUES = tuple(HUE_NAMES)
LONGEST_LABEL = 60
MOST_VALUES = 2_000


class DictionaryError(RecordError):
    """A dictionary refuses a change; `str()` is a full sentence."""


@dataclass(frozen=True, slots=True)
class DictionaryInfo:
    """A dictionary in an overview: how many values, and the fields that offer them as (type title, field label).

    `plugin` is the module it came with; empty for one that the company made.
    """

    key: str
    title: str
    count: int
    used_in: tuple[tuple[str, str], ...]
    plugin: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a dictionary as it is edited; `offered` is false as well below a value that is switched off."""

    key: str
    label: str
    hue: str
    enabled: bool
    position: int
    aliases: tuple[str, ...]
    parent: str = ""
    depth: int = 0
    default: bool = False
    merged: str = ""
    offered: bool = True


def seed(seeds: Iterable[DictionarySeed], *, plugin: str) -> int:
    """Make dictionaries that are not there yet, with their first values; what a tenant has is left as it is. Says how many."""
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
                parent=option.parent,
            )
            for item in fresh
            for place, option in enumerate(item.options)
        ]
    )
    return len(fresh)


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
        DictionaryInfo(row.key, row.title, counts.get(row.key, 0), tuple(uses.get(row.key, ())), row.plugin)
        for row in Dictionary.objects.order_by("title", "key")
    )


def values(actor: Actor, dictionary: str) -> tuple[Value, ...]:
    """The values of a dictionary as a tree in its order, switched-off ones included. Raises DictionaryError for an unknown key."""
    _demand(dictionary)
    rows = {row.key: row for row in DictionaryValue.objects.filter(dictionary_id=dictionary).order_by("position", "id")}
    arranged = in_tree([option_of(row) for row in rows.values()])
    return tuple(_value(rows[option.key], option) for option in arranged)


def _value(row: DictionaryValue, option: OptionSpec) -> Value:
    return Value(
        key=row.key,
        label=row.label,
        hue=row.hue,
        enabled=row.enabled,
        position=row.position,
        aliases=tuple(row.aliases),
        parent=option.parent,
        depth=option.depth,
        default=row.default,
        merged=row.merged,
        offered=option.enabled,
    )


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
    actor: Actor,
    dictionary: str,
    label: str,
    *,
    key: str = "",
    hue: str = "grey",
    aliases: Sequence[str] = (),
    parent: str = "",
) -> str:
    """Add a value at the end, under `parent` if one is named; answers its key (made when none is given).

    Raises DictionaryError and NotAllowed.
    """
    demand_admin(actor)
    with transaction.atomic():
        lock(dictionary)
        there = list(DictionaryValue.objects.filter(dictionary_id=dictionary))
        label = _checked(there, label, hue, parent)
        _demand_place(there, "", parent)
        if len(there) >= MOST_VALUES:
            raise DictionaryError(_("一个字典最多 %(limit)s 个值。") % {"limit": MOST_VALUES})
        key = _checked_key(there, key) if key else _free_key(there)
        DictionaryValue.objects.create(
            dictionary_id=dictionary,
            key=key,
            label=label,
            hue=hue,
            position=max((row.position for row in there), default=0) + 10,
            aliases=_clean(aliases),
            parent=parent,
        )
        shape.bump()
    return key


def _checked_key(there: Sequence[DictionaryValue], key: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]{0,59}", key):
        raise DictionaryError(_("编码“%(key)s”只能用小写字母、数字和下划线，最多 60 个。") % {"key": key[:60]})
    if any(row.key == key for row in there):
        raise DictionaryError(_("已有编码为“%(key)s”的值。") % {"key": key})
    return key


def _free_key(there: Sequence[DictionaryValue]) -> str:
    numbers = [int(row.key[1:]) for row in there if re.fullmatch(r"v\d{1,9}", row.key)]
    return f"v{max(numbers, default=0) + 1}"


def lock(dictionary: str) -> None:
    """Changes of one dictionary queue up, so that two administrators at once see each other's values."""
    if not Dictionary.objects.select_for_update().filter(key=dictionary).exists():
        raise DictionaryError(_("没有名为“%(key)s”的字典。") % {"key": dictionary[:80]})


def _checked(there: Iterable[DictionaryValue], label: str, hue: str, parent: str, *, but: str = "") -> str:
    label = clean_line(label).strip()
    if not label or len(label) > LONGEST_LABEL:
        raise DictionaryError(_("名称要有 1 到 %(limit)s 个字。") % {"limit": LONGEST_LABEL})
    if hue not in HUES:
        raise DictionaryError(_("没有颜色“%(hue)s”，可用：%(known)s。") % {"hue": hue, "known": "、".join(HUES)})
    if any(row.label == label and row.parent == parent and row.key != but and not row.merged for row in there):
        raise DictionaryError(_("已有名为“%(label)s”的值。") % {"label": label})
    return label


def _clean(aliases: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for alias in aliases if (word := clean_line(alias).strip()[:LONGEST_LABEL])))


def _demand_place(there: Sequence[DictionaryValue], key: str, parent: str) -> None:
    """A value may stand under one that exists, not under itself or what is below it, and not too deep."""
    above = {row.key: row.parent for row in there}
    if parent and parent not in above:
        raise DictionaryError(_("没有上级“%(key)s”，请重新选择。") % {"key": parent[:60]})
    path, at = [], parent
    while at and at not in path:
        path.append(at)
        at = above.get(at, "")
    if key and key in path:
        raise DictionaryError(_("一个值不能放到自己或自己的下级之下，请另选上级。"))
    if len(path) + _height(above, key) > DEEPEST:
        raise DictionaryError(_("字典最多 %(limit)s 级，请放高一些。") % {"limit": DEEPEST})


def _height(above: Mapping[str, str], key: str) -> int:
    """How many levels a value and what is below it take."""
    below = [each for each, parent in above.items() if key and parent == key]
    return 1 + max((_height(above, each) for each in below), default=0)


def change(
    actor: Actor,
    dictionary: str,
    key: str,
    *,
    label: str | None = None,
    hue: str | None = None,
    enabled: bool | None = None,
    aliases: Sequence[str] | None = None,
    parent: str | None = None,
    default: bool | None = None,
) -> None:
    """Change a value; what is None stays. Only one value of a dictionary is the default. Raises DictionaryError and NotAllowed."""
    demand_admin(actor)
    with transaction.atomic():
        lock(dictionary)
        there = list(DictionaryValue.objects.filter(dictionary_id=dictionary))
        row = next((each for each in there if each.key == key), None)
        if row is None:
            raise DictionaryError(
                _("字典“%(dictionary)s”里没有值“%(key)s”。") % {"dictionary": dictionary, "key": key[:60]}
            )
        if row.merged:
            raise DictionaryError(_("“%(label)s”已经并入别的值，请先拆回再修改。") % {"label": row.label})
        row.parent = row.parent if parent is None else parent
        _demand_place(there, key, row.parent)
        row.hue = hue or row.hue
        row.label = _checked(there, row.label if label is None else label, row.hue, row.parent, but=key)
        row.enabled = row.enabled if enabled is None else enabled
        row.aliases = row.aliases if aliases is None else _clean(aliases)
        row.default = row.default if default is None else default
        if default:
            DictionaryValue.objects.filter(dictionary_id=dictionary, default=True).update(default=False)
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
