"""Members who get their account at once, without an invitation: the demo company, the command line, benchmarks."""

from __future__ import annotations

from collections.abc import Sequence

from kezhou import records
from kezhou.access import entitlements, seats
from kezhou.access.accounts import NewAccount, create_account
from kezhou.access.actor import Actor, System
from kezhou.access.models import MemberState
from kezhou.access.records import MEMBER
from kezhou.access.roles import role_pk, set_roles
from kezhou.access.standard_roles import SALES


def enrol(
    actor: Actor,
    *,
    name: str,
    password: str,
    username: str = "",
    email: str = "",
    mobile: str = "",
    position: str = "",
    roles: Sequence[str] = (SALES,),
    department: int | None = None,
) -> int:
    """A member in office with an account and roles by key. Returns the member's primary key.

    Raises NotEntitled when no seat is left, AccountProblem for a taken name or a weak password, SaveRefused for the rest.
    """
    system = System(f"{actor.name} enrols {name}", member_pk=actor.member_pk)
    row = {"name": name, "email": email, "mobile": mobile, "position": position, "department": department}
    with seats.taking():
        entitlements.demand("seats")
        made = records.save(
            system, MEMBER, [{**row, "state": MemberState.ACTIVE.value}], twins="allow", source="system"
        )
        create_account(made.pk, NewAccount(username=username, email=email, mobile=mobile, password=password))
        set_roles(made.pk, [role_pk(key) for key in roles])
    return made.pk
