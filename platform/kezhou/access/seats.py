"""States of members, and the lock under which seats are counted and taken."""

from __future__ import annotations

from contextlib import AbstractContextManager

from kezhou import records
from kezhou.access.actor import Actor, System
from kezhou.access.models import MemberState
from kezhou.access.records import MEMBER
from tenants import locks


def taking() -> AbstractContextManager[None]:
    """A transaction in which nobody else takes a seat: count and take are one step."""
    return locks.locked("access.seats")


def set_state(actor: Actor, member_pk: int, state: MemberState) -> None:
    """Write a member's state in the name of the actor; people cannot write it as a field."""
    system = System(f"{actor.name} sets a member to {state.value}", member_pk=actor.member_pk)
    records.save(system, MEMBER, [{"pk": member_pk, "state": state.value}], twins="allow", source="system").demand()
