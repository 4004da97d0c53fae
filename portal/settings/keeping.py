"""Changing what groups of partners are given; every change acts with the next request, also in sessions that are open (POR-18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.records import shape
from kezhou.records.spec import Level
from portal.models import Grant, GrantedField, Group
from portal.offers import OPERATIONS, Offer, offers
from portal.policies import defaults


class SettingProblem(Exception):
    """What cannot be kept; `str()` is a sentence for the administrator."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One type as the administrator wants it given; without `fields` those that its plugin declares."""

    operations: frozenset[str] = frozenset()
    link: str = ""
    classes: tuple[str, ...] = ()
    position: int = 100
    fields: Mapping[str, str] | None = None

    def level(self, offer: Offer, key: str) -> str:
        """What may be done with one field; "" for nothing."""
        return (defaults(offer) if self.fields is None else self.fields).get(key, "")


def add_group(kind: str, category: str, *, copy_of: int | None = None) -> int:
    """A group for a class of partner, and of these for one class of customers. Raises SettingProblem."""
    with transaction.atomic():
        if Group.objects.filter(kind=kind, category=category).exists():
            raise SettingProblem(_("这一类已经有设置，直接改它就行。"))
        made = Group.objects.create(kind=kind, category=category)
        if copy_of is not None:
            _copy(copy_of, made)
        shape.bump()
    return made.pk


def _copy(source: int, made: Group) -> None:
    Grant.objects.bulk_create(
        Grant(
            group=made,
            type=row.type,
            link=row.link,
            operations=row.operations,
            classes=row.classes,
            position=row.position,
        )
        for row in Grant.objects.filter(group_id=source)
    )
    GrantedField.objects.bulk_create(
        GrantedField(group=made, type=row.type, field=row.field, level=row.level)
        for row in GrantedField.objects.filter(group_id=source)
    )


def remove_group(pk: int) -> None:
    """Its partners then have what is set for all of their kind, or nothing."""
    with transaction.atomic():
        Group.objects.filter(pk=pk).delete()
        shape.bump()


def keep(pk: int, wishes: Mapping[str, Wish]) -> None:
    """Write everything of a group anew. Raises SettingProblem."""
    known = offers()
    unknown = set(wishes) - set(known)
    if unknown:
        raise SettingProblem(_("没有可以开放的“%(type)s”，请重新打开这一页。") % {"type": min(unknown)[:60]})
    rows = [row for key, wish in wishes.items() if (row := _grant(pk, known[key], wish)) is not None]
    fields = [each for key, wish in wishes.items() for each in _fields(pk, known[key], wish)]
    with transaction.atomic():
        Grant.objects.filter(group_id=pk).delete()
        GrantedField.objects.filter(group_id=pk).delete()
        Grant.objects.bulk_create(rows)
        GrantedField.objects.bulk_create(fields)
        shape.bump()


def _grant(pk: int, offer: Offer, wish: Wish) -> Grant | None:
    """The row of a type; none for lines, which follow their parent, and for what is not given."""
    wanted = wish.operations & frozenset(OPERATIONS)
    if offer.spec.parent is not None or not wanted:
        return None
    if "read" not in wanted:
        raise SettingProblem(_("“%(type)s”要先能查询，才能有其他操作。") % {"type": offer.spec.title})
    if offer.links and wish.link not in offer.links:
        raise SettingProblem(_("请选择“%(type)s”按哪个字段属于合作伙伴。") % {"type": offer.spec.title})
    if "create" in wanted:
        _demand_fillable(offer, wish)
    return Grant(
        group_id=pk, type=offer.spec.key, link=wish.link if offer.links else "", operations=sorted(wanted),
        classes=_classes(offer, wish), position=wish.position,
    )  # fmt: skip


def _classes(offer: Offer, wish: Wish) -> list[str]:
    """The chosen classes that there are."""
    field = offer.spec.by_key.get(offer.spec.class_field)
    known = {option.key for option in field.options} if field is not None else set()
    return [key for key in wish.classes if key in known]


def _demand_fillable(offer: Offer, wish: Wish) -> None:
    """Nobody is given a form that can never be sent: what has to be filled in is there to be filled in."""
    needed = (each for each in offer.spec.fields if each.required and not each.classes and offer.fillable(each))
    lacking = [
        str(each.label)
        for each in needed
        if wish.level(offer, each.key) != Level.EDIT
        and each.default is None
        and not any(option.default for option in each.options)
    ]
    if lacking:
        facts = {"type": offer.spec.title, "fields": "、".join(lacking)}
        raise SettingProblem(_("“%(type)s”要能新建，必填的“%(fields)s”就要设成可填。") % facts)


def _fields(pk: int, offer: Offer, wish: Wish) -> Sequence[GrantedField]:
    """The shown fields; a type without any keeps its title, so that it is not taken for one of which nothing was said."""
    if wish.fields is None:
        return []
    given = {key: level for key, level in wish.fields.items() if level in {Level.READ, Level.EDIT}}
    if offer.spec.parent is None:
        given.setdefault(offer.spec.title_field, Level.READ.value)
    elif Level.EDIT in given.values():
        _demand_fillable(offer, wish)
    return [
        GrantedField(group_id=pk, type=offer.spec.key, field=key, level=_level(offer, key, level))
        for key, level in given.items()
        if key in offer.spec.by_key
    ]


def _level(offer: Offer, key: str, level: str) -> str:
    return level if offer.fillable(offer.spec.by_key[key]) else Level.READ.value
