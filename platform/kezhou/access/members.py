"""What administrators do with members: rows for the pages, reset, deactivation with the records handed over, return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kezhou.access import entitlements, handing_over, invitations, seats
from kezhou.access.accounts import account_of_member
from kezhou.access.actor import Actor
from kezhou.access.departments import Tree, fresh_tree
from kezhou.access.models import MemberState
from kezhou.access.roles import RoleError, demand_an_administrator, roles_of
from kezhou.access.sign_in import sign_out_everywhere
from kezhou.records import shape
from kezhou.records.spec import RecordNotFound


class MemberProblem(Exception):
    """Why something cannot be done with a member, as a sentence."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member as the members' page shows it. `departments` is the path from the root."""

    pk: int
    name: str
    position: str
    mobile: str
    email: str
    state: str
    department_pk: int | None
    departments: tuple[str, ...]
    roles: tuple[tuple[int, str], ...]
    last_sign_in: datetime | None
    invited_until: datetime | None

    @property
    def state_label(self) -> str:
        """The state in words."""
        return str(MemberState(self.state).label)


@dataclass(frozen=True, slots=True)
class MemberCounts:
    """How many members stand where."""

    active: int = 0
    invited: int = 0
    not_invited: int = 0
    off: int = 0

    @property
    def all(self) -> int:
        """Everybody."""
        return self.active + self.invited + self.not_invited + self.off


def counts() -> MemberCounts:
    """In one statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM access_member WHERE deleted_at IS NULL GROUP BY state")
        return MemberCounts(**dict(cursor.fetchall()))


def holders(role_pk: int) -> tuple[tuple[int, str], ...]:
    """The members (pk, name) who hold a role and are not deactivated."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id, m.name FROM access_memberrole h JOIN access_member m ON m.id = h.member_id "
            "WHERE h.role_id = %s AND m.deleted_at IS NULL AND m.state <> 'off' ORDER BY m.title_sort, m.id",
            [role_pk],
        )
        return tuple(cursor.fetchall())


def per_department() -> dict[int, int]:
    """How many members in office, invited or not yet invited each department has of its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT department_id, count(*) FROM access_member "
            "WHERE deleted_at IS NULL AND state <> 'off' AND department_id IS NOT NULL GROUP BY department_id"
        )
        return dict(cursor.fetchall())


_LIST = """
    SELECT m.id, m.name,
           COALESCE((SELECT v.label FROM records_dictionaryvalue v
                      WHERE v.dictionary_id = 'core.position' AND v.key = m.position), m.position),
           m.mobile, m.email, m.state, m.department_id, a.last_login,
           (SELECT max(i.expires_at) FROM access_invitation i
             WHERE i.member_id = m.id AND i.accepted_at IS NULL AND i.revoked_at IS NULL)
      FROM access_member m LEFT JOIN access_account a ON a.member_id = m.id
     WHERE m.deleted_at IS NULL AND (%(states)s::text[] IS NULL OR m.state = ANY(%(states)s))
       AND (%(departments)s::bigint[] IS NULL OR m.department_id = ANY(%(departments)s))
       AND (%(pk)s::bigint IS NULL OR m.id = %(pk)s)
       AND (%(like)s::text IS NULL OR m.name ILIKE %(like)s OR m.mobile ILIKE %(like)s OR m.email ILIKE %(like)s)
     ORDER BY array_position(ARRAY['active', 'invited', 'not_invited', 'off'], m.state::text), m.title_sort, m.id
     LIMIT %(limit)s OFFSET %(offset)s"""

PAGE = 50
GREATEST_KEY = 2**63 - 1


def members(
    *,
    states: Sequence[str] = (),
    department: int | None = None,
    text: str = "",
    page: int = 1,
    limit: int = PAGE + 1,
) -> tuple[MemberRow, ...]:
    """One page of members (`PAGE` + 1 rows, so that the caller sees whether there are more), in two statements.

    A department includes those below it. For administrators' pages, hence without a policy.
    """
    tree = fresh_tree()
    under = sorted(tree.below(department)) if department is not None else None
    like = f"%{text.strip().replace('%', '').replace('_', '')}%" if text.strip() else None
    return _rows(tree, states=list(states) or None, departments=under, like=like, limit=limit, offset=(page - 1) * PAGE)


def member(pk: int) -> MemberRow:
    """One member. Raises RecordNotFound."""
    found = _rows(fresh_tree(), pk=pk, limit=1) if pk <= GREATEST_KEY else ()
    if not found:
        raise RecordNotFound(_("没有这位成员（%(pk)s）。") % {"pk": pk})
    return found[0]


def _rows(tree: Tree, **wanted: object) -> tuple[MemberRow, ...]:
    parameters: dict[str, Any] = {
        "states": None,
        "departments": None,
        "pk": None,
        "like": None,
        "limit": PAGE,
        "offset": 0,
        **wanted,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LIST, parameters)
        rows = cursor.fetchall()
    held = roles_of([row[0] for row in rows])
    return tuple(
        MemberRow(
            pk=row[0],
            name=row[1],
            position=row[2],
            mobile=row[3],
            email=row[4],
            state=row[5],
            department_pk=row[6],
            departments=tuple(node.name for node in tree.path(row[6] or 0)),
            roles=held.get(row[0], ()),
            last_sign_in=row[7],
            invited_until=row[8],
        )
        for row in rows
    )


def deactivate(actor: Actor, member_pk: int, *, successor_pk: int | None) -> int | None:
    """End a member's access at once and hand the records to the successor, as a job (ORG-11, ORG-12).

    Returns the job's primary key, None when there was nothing to hand over. Raises MemberProblem, RoleError.
    """
    if member_pk == actor.member_pk:
        raise MemberProblem(_("不能停用自己。请让另一位管理员来做。"))
    if successor_pk is not None:
        _demand_successor(member_pk, successor_pk)
    with transaction.atomic():
        before = member(member_pk)
        if before.state == MemberState.OFF:
            raise MemberProblem(_("“%(name)s”已经停用了。") % {"name": before.name})
        owned = handing_over.holdings(member_pk)
        if owned and successor_pk is None:
            total = sum(holding.count for holding in owned)
            raise MemberProblem(
                _("“%(name)s”名下还有 %(count)d 条记录，请选一位同事接手。") % {"name": before.name, "count": total}
            )
        _switch_off(actor, before)
        return handing_over.start(actor, member_pk, successor_pk) if owned and successor_pk is not None else None


def _demand_successor(member_pk: int, successor_pk: int) -> None:
    if successor_pk == member_pk:
        raise MemberProblem(_("接手的人不能是被停用的人自己。"))
    if member(successor_pk).state != MemberState.ACTIVE:
        raise MemberProblem(_("接手的人要是在职成员。"))


def _switch_off(actor: Actor, before: MemberRow) -> None:
    if before.state == MemberState.INVITED:
        invitations.revoke(actor, before.pk)
    account = account_of_member(before.pk)
    if account is not None:
        account.is_active = False
        account.save(update_fields=["is_active"])
        sign_out_everywhere(account.pk)
    seats.set_state(actor, before.pk, MemberState.OFF)
    try:
        demand_an_administrator()
    except RoleError as error:
        raise MemberProblem(str(error)) from error
    shape.bump()


def reactivate(actor: Actor, member_pk: int) -> None:
    """Let a member in again; one who never had an account becomes “not yet invited”. Raises MemberProblem, NotEntitled."""
    with seats.taking():
        if member(member_pk).state != MemberState.OFF:
            raise MemberProblem(_("这位成员没有停用。"))
        account = account_of_member(member_pk)
        if account is None:
            seats.set_state(actor, member_pk, MemberState.NOT_INVITED)
            return
        entitlements.demand("seats")
        account.is_active = True
        account.save(update_fields=["is_active"])
        seats.set_state(actor, member_pk, MemberState.ACTIVE)
        shape.bump()
