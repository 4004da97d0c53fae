"""Tables of access. `Member` and `Department` are records; the others are read by `kezhou.access` alone."""

from kezhou.access.models.account import Account, SignInTries
from kezhou.access.models.invitation import AdmissionRequest, Invitation
from kezhou.access.models.people import Department, Member, MemberState
from kezhou.access.models.role import MemberRole, Role, RoleField, RoleGrant
from kezhou.access.models.visit import Visit

__all__ = [
    "Account",
    "AdmissionRequest",
    "Department",
    "Invitation",
    "Member",
    "MemberRole",
    "MemberState",
    "Role",
    "RoleField",
    "RoleGrant",
    "SignInTries",
    "Visit",
]
