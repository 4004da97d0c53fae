"""The first rows of a company: its roles, its root department and the administrator who signed it up (TEN-02)."""

from __future__ import annotations

from kezhou import records
from kezhou.access.accounts import NewAccount, create_account
from kezhou.access.actor import System
from kezhou.access.models import MemberRole, MemberState
from kezhou.access.records import DEPARTMENT, MEMBER
from kezhou.access.roles import role_pk, seed
from kezhou.access.standard_roles import ADMIN
from kezhou.plugins import hooks
from kezhou.records import dictionaries
from tenants.provisioning import NewAdministrator, NewTenant


def first_rows(request: NewTenant) -> int | None:
    """The provisioning step “administrator”: runs in the transaction that makes the company.

    Returns the administrator's account, None for a company that is made without one.
    """
    seed(hooks().flat("roles"))
    dictionaries.seed(hooks().flat("dictionaries"), plugin="core")
    system = System("the first rows of a new company")
    root = records.save(system, DEPARTMENT, [{"name": request.name[:80]}], source="system").pk
    if request.administrator is None:
        return None
    return add_administrator(request.administrator, department_pk=root)


def add_administrator(wanted: NewAdministrator, *, department_pk: int | None) -> int:
    """A member in office with an account and the administrator's role. Returns the account's primary key."""
    system = System("the administrator of a new company")
    row = {"name": wanted.name, "email": wanted.email, "mobile": wanted.mobile, "department": department_pk}
    made = records.save(system, MEMBER, [{**row, "state": MemberState.ACTIVE.value}], twins="allow", source="system")
    MemberRole.objects.create(member_id=made.pk, role_id=role_pk(ADMIN))
    names = NewAccount(
        username=wanted.username, email=wanted.email, mobile=wanted.mobile, password_hash=wanted.password_hash
    )
    return create_account(made.pk, names).pk
