"""Classes of partner (L-PARTNER): the company's own list, and which of them an account is of, which decides what it is given."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.access.actor import Actor, System
from kezhou.records import dictionaries
from portal import acts
from portal.actions import KINDS
from portal.models import PortalUser
from portal.users import UserProblem


def kinds() -> list[tuple[str, str]]:
    """The classes that can be chosen, as the company calls them."""
    return [(key, label) for key, label, enabled in _every() if enabled]


def label_of(kind: str) -> str:
    """What a class is called, also one that is chosen no more."""
    return next((label for key, label, _enabled in _every() if key == kind), kind)


def change(actor: Actor, user: PortalUser, kind: str) -> None:
    """Put an account into another class; it acts with the next request, also in open sessions. Raises UserProblem."""
    if kind not in {key for key, _label in kinds()}:
        raise UserProblem(_("没有“%(kind)s”这个合作伙伴类别，请从列表里选一个。") % {"kind": kind[:40]})
    if kind == user.kind:
        return
    with transaction.atomic():
        PortalUser.objects.filter(pk=user.pk).update(kind=kind)
        told = f"{label_of(user.kind)} → {label_of(kind)}"
        acts.note("kind", user=user.pk, name=actor.name, told=told)


def _every() -> list[tuple[str, str, bool]]:
    found = dictionaries.values(System("the classes of partners"), KINDS)
    return [(value.key, str(value.label), value.enabled) for value in found]
