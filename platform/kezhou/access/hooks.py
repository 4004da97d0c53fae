"""What access contributes through the same hooks as any plugin: record types, standard roles, and its word before a save."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from kezhou.access.departments import fresh_tree
from kezhou.access.records import DEPARTMENT, MEMBER, DepartmentType, MemberType
from kezhou.access.standard_dictionaries import STANDARD_DICTIONARIES
from kezhou.access.standard_roles import STANDARD_ROLES
from kezhou.records import shape
from kezhou.sdk.hooks import Correction, DictionarySeed, Draft, Refusal, RoleSeed, hookimpl

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.spec import TypeSpec
    from kezhou.records.types import RecordType


@hookimpl
def record_types() -> Iterable[type[RecordType]]:
    """Members and departments."""
    return (MemberType, DepartmentType)


@hookimpl
def roles() -> Iterable[RoleSeed]:
    """The standard roles."""
    return STANDARD_ROLES


@hookimpl
def dictionaries() -> Iterable[DictionarySeed]:
    """Positions and salutations."""
    return STANDARD_DICTIONARIES


@hookimpl
def before_save(actor: Actor, type: TypeSpec, drafts: Sequence[Draft]) -> Iterable[Correction | Refusal]:
    """A department may not stand under itself; a change of the organisation changes everybody's scope at once (ORG-01)."""
    if type.key == DEPARTMENT:
        shape.bump()
        return tuple(_circles(drafts))
    if type.key == MEMBER and any(draft.before is not None and "department" in draft.changed for draft in drafts):
        shape.bump()
    return ()


def _circles(drafts: Sequence[Draft]) -> Iterator[Refusal]:
    moved = [draft for draft in drafts if draft.pk is not None and "parent" in draft.changed]
    if not moved:
        return
    known = fresh_tree()
    for draft in moved:
        parent = draft.after.get("parent")
        if draft.pk is not None and parent in known.below(draft.pk):
            sentence = _("部门不能放到自己或自己的下级之下，请另选上级部门。")
            yield Refusal(draft.position, sentence, "parent")
