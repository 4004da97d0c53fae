"""People and records of a test company."""

from __future__ import annotations

from typing import Any

from kezhou import records
from kezhou.access.actor import MemberActor, System
from kezhou.access.actors import actor_for
from kezhou.access.models import MemberState
from kezhou.access.roles import role_pk, set_roles
from kezhou.testing.plugins import switch_on
from tenants import directory

SYSTEM = System("search tests")
CUSTOMER, CONTACT, OPPORTUNITY = "customers.customer", "customers.contact", "sales.opportunity"


def plugins() -> None:
    """Customers and sales on, with their roles' rights."""
    switch_on("customers", "sales")


def department(name: str, parent: int | None = None) -> int:
    """A department."""
    return records.save(SYSTEM, "core.department", [{"name": name, "parent": parent}], source="system").pk


def member(name: str, *roles: str, department: int | None = None) -> MemberActor:
    """A member in office with roles by key, as actor."""
    row = {"name": name, "state": MemberState.ACTIVE.value, "department": department}
    pk = records.save(SYSTEM, "core.member", [row], twins="allow", source="system").pk
    set_roles(pk, [role_pk(role) for role in roles])
    actor = actor_for(pk)
    assert actor is not None
    return actor


def again(actor: MemberActor) -> MemberActor:
    """The same member as of now: rights may have changed."""
    found = actor_for(actor.member_pk)
    assert found is not None
    return found


def saved(type: str, **values: Any) -> int:
    """A record saved by the system."""
    result = records.save(SYSTEM, type, [values], twins="allow", source="system")
    return result.demand().pk


def off(plugin: str) -> None:
    """The plugin switched off."""
    directory.set_plugin_state(plugin, "off")
