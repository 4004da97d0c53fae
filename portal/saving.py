"""Writing from outside: by the one write path, noted as the portal's, and told to whoever looks after the partner (POR-21)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from kezhou import notify, records
from kezhou.access.actor import System
from kezhou.notify.kinds import Kind, register
from kezhou.records import SaveResult
from kezhou.records.deleting import DeleteResult
from kezhou.records.spec import TypeSpec
from portal import acts
from portal.actor import PortalActor
from portal.models import PortalUser

SOURCE = "portal"
NAMES = ("email", "mobile")
"""Fields of a contact by which its account is opened."""
register(Kind(SOURCE, gettext_lazy("客户或合作伙伴在门户里新建或修改了你负责的记录"), "reminder", icon="door"))
CREATED = gettext_noop("%(name)s 在门户里新建了%(type)s“%(title)s”")
CHANGED = gettext_noop("%(name)s 在门户里修改了%(type)s“%(title)s”")
DELETED = gettext_noop("%(name)s 在门户里删除了%(type)s“%(title)s”")


class _Opens(Exception):  # takes a save back; no error
    """A changed field opens somebody's account."""


def save(actor: PortalActor, spec: TypeSpec, change: Mapping[str, Any], *, own: bool = False) -> SaveResult:
    """Make or change one record. Twins are not looked for: they would tell of records that are not the partner's.

    Mobile and e-mail of a contact with an account open that account, so they are changed in the person's own profile (`own`) only.
    """
    try:
        with transaction.atomic():
            before = {} if own else _opening(spec, change.get("pk"))
            result = _saved(actor, spec, change)
            after = _opening(spec, change.get("pk")) if before and result.ok else before
            if field := next((key for key in before if before[key] != after[key]), ""):
                raise _Opens(field)
            return result
    except _Opens as opens:
        sentence = _("对方用它登录门户，只能由本人在“我的资料”里修改，或请我们修改。")
        return SaveResult(action="", problems=(records.Problem(0, str(opens), sentence, "not_allowed"),))


def _opening(spec: TypeSpec, pk: int | None) -> Mapping[str, Any]:
    """What opens the account of a contact, nothing for one without."""
    if pk is None or not PortalUser.objects.filter(contact_type=spec.key, contact=pk).exists():
        return {}
    person = records.get(System("by what somebody signs in"), spec, pk)
    return {key: person.values.get(key) for key in NAMES}


def _saved(actor: PortalActor, spec: TypeSpec, change: Mapping[str, Any]) -> SaveResult:
    with transaction.atomic():
        result = records.save(actor, spec, [change], twins="allow", source=SOURCE)
        if result.ok and result.saved[0].kind != "same":
            made = result.saved[0].kind == "created"
            entry = records.get(actor, spec, result.pk)
            acts.note(
                "created" if made else "updated",
                user=actor.user_pk,
                name=actor.name,
                told=f"{spec.title} {entry.title}",
            )
            _tell(actor, entry, CREATED if made else CHANGED)
    return result


def delete(actor: PortalActor, spec: TypeSpec, pk: int) -> DeleteResult:
    """Into the recycle bin."""
    with transaction.atomic():
        entry = records.get(actor, spec, pk)
        result = records.delete(actor, spec, [pk], source=SOURCE)
        if result.ok:
            acts.note("deleted", user=actor.user_pk, name=actor.name, told=f"{spec.title} {entry.title}")
            _tell(actor, entry, DELETED)
    return result


def _tell(actor: PortalActor, entry: records.Entry, sentence: str) -> None:
    owner = entry.owner or actor.partner.owner
    if owner is None:
        return
    values = {"name": actor.name, "type": str(entry.type.title), "title": entry.title}
    notify.tell(actor, [owner], kind=SOURCE, sentence=sentence, values=values, type=entry.type.key, record=entry.pk)
