"""The first rows of a company: its roles, its root department and the administrator who signed it up (TEN-02)."""

from __future__ import annotations

from dataclasses import dataclass

from kezhou import records
from kezhou.access.accounts import NewAccount, create_account
from kezhou.access.actor import System
from kezhou.access.models import MemberRole, MemberState
from kezhou.access.records import DEPARTMENT, MEMBER
from kezhou.access.roles import role_pk, seed
from kezhou.access.standard_roles import ADMIN
from kezhou.plugins import hooks
from tenants.provisioning import NewTenant

EXTRA = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAdministrator:
    """Who signed the company up; stands in `NewTenant.extra["administrator"]`. `email` or `mobile` was proved by a code."""

    name: str
    email: str = ""
    mobile: str = ""
    username: str = ""
    password: str = ""
    password_hash: str = ""


def first_rows(request: NewTenant) -> None:
    """The provisioning step: runs in the transaction that makes the company."""
    seed(hooks().flat("roles"))
    system = System("the first rows of a new company")
    root = records.save(system, DEPARTMENT, [{"name": request.name}], source="system").pk
    wanted = request.extra.get(EXTRA)
    if isinstance(wanted, NewAdministrator):
        add_administrator(wanted, department_pk=root)


def add_administrator(wanted: NewAdministrator, *, department_pk: int | None) -> int:
    """A member in office with an account and the administrator's role. Returns the account's primary key."""
    system = System("the administrator of a new company")
    row = {"name": wanted.name, "email": wanted.email, "mobile": wanted.mobile, "department": department_pk}
    made = records.save(system, MEMBER, [{**row, "state": MemberState.ACTIVE.value}], source="system")
    MemberRole.objects.create(member_id=made.pk, role_id=role_pk(ADMIN))
    account = create_account(
        made.pk,
        NewAccount(
            username=wanted.username,
            email=wanted.email,
            mobile=wanted.mobile,
            password=wanted.password,
            password_hash=wanted.password_hash,
        ),
        words=(wanted.name,),
    )
    return account.pk
