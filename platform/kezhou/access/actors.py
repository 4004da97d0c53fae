"""Who is asking: from a request, or from a member's primary key. One statement, then compiled rights from memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.http import HttpRequest

from kezhou.access import idle
from kezhou.access.actor import MemberActor
from kezhou.access.rights import rights_of
from tenants import directory
from tenants.context import in_transaction
from tenants.directory import VERSION_SQL

SESSION_VERSION = "kezhou_session_version"
"""Session key: the account's `session_version` at sign-in; a raised version ends the session."""

_REQUEST_ATTRIBUTE = "_kezhou_actor"
_ABSENT = object()

FACTS = f"""m.id, a.id, m.name, m.department_id, a.session_version,
           COALESCE((SELECT version FROM records_shape WHERE id = 1), 0), {VERSION_SQL}"""  # noqa: S608  # constants
"""What `actor_from` needs of a member `m` and its account `a`, for a statement that reads more beside it."""

MAY_ACT = "(m.state = 'active' AND m.deleted_at IS NULL AND COALESCE(a.is_active, TRUE))"

_BY_ACCOUNT = f"""
    SELECT {FACTS}
      FROM access_account a JOIN access_member m ON m.id = a.member_id
     WHERE a.id = %s AND a.is_active AND a.kind = 'staff' AND m.state = 'active' AND m.deleted_at IS NULL"""  # noqa: S608  # constants

_BY_MEMBER = f"""
    SELECT {FACTS}
      FROM access_member m LEFT JOIN access_account a ON a.member_id = m.id
     WHERE m.id = %s AND {MAY_ACT}"""  # noqa: S608  # constants

_BY_MEMBERS = f"""
    SELECT {FACTS}
      FROM access_member m LEFT JOIN access_account a ON a.member_id = m.id
     WHERE m.id = ANY(%s) AND {MAY_ACT} ORDER BY m.id"""  # noqa: S608  # constants


def actor_of(request: HttpRequest) -> MemberActor | None:
    """The member signed in on this request, or None. Asked of the database once per request, in one statement.

    None as well when the account was switched off, when its sessions were ended, or when the cookie is another tenant's
    (its session is not in this tenant's store).
    """
    held = getattr(request, _REQUEST_ATTRIBUTE, _ABSENT)
    if held is _ABSENT:
        held = _from_session(request)
        setattr(request, _REQUEST_ATTRIBUTE, held)
    return held  # type: ignore[return-value]  # an attribute of our own on Django's request


def remember_actor(request: HttpRequest, actor: MemberActor | None) -> None:
    """Set or, with None, forget the actor of a request: after a sign-in, a sign-out, or by an API token."""
    setattr(request, _REQUEST_ATTRIBUTE, actor)


def forget_actor(request: HttpRequest) -> None:
    """Let the next `actor_of` ask again."""
    if hasattr(request, _REQUEST_ATTRIBUTE):
        delattr(request, _REQUEST_ATTRIBUTE)


def actor_for(member_pk: int, *, via: str = "job") -> MemberActor | None:
    """The actor of a member who is not at the keyboard (jobs, API tokens), or None when the member may not act."""
    row = _one(_BY_MEMBER, member_pk)
    return None if row is None else actor_from(row, via)


def actors_for(member_pks: Iterable[int], *, via: str = "job") -> tuple[MemberActor, ...]:
    """The actors of several members, in one statement beside their roles; those who may not act are left out."""
    wanted = sorted(set(member_pks))
    if not wanted:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(_BY_MEMBERS, [wanted])
        rows = cursor.fetchall()
    return tuple(actor_from(row, via) for row in rows)


def _from_session(request: HttpRequest) -> MemberActor | None:
    session = getattr(request, "session", None)
    if session is None:
        return None
    account = session.get(SESSION_KEY)
    if account is None or not str(account).isdigit():
        return None
    row = _one(_BY_ACCOUNT, int(account))
    if row is None or row[4] != session.get(SESSION_VERSION):
        return None
    actor = actor_from(row, "session")
    return None if idle.over(request, actor) else actor


def _one(statement: str, pk: int) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [pk])
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def actor_from(row: Sequence[Any], via: str) -> MemberActor:
    """The actor of one row of `FACTS`."""
    member, account, name, department, _session_version, shape_version, tenant_version = row
    if not in_transaction():
        directory.renew(tenant_version)
    rights = rights_of(member, department, shape_version=shape_version)
    return MemberActor(
        member_pk=member,
        account_pk=account,
        name=name,
        department_pk=department,
        policies=rights,
        roles=tuple(role.key or role.name for role in rights.roles),
        is_admin=rights.is_admin,
        departments_below=rights.below(),
        departments_headed=rights.headed(),
        shape_version=shape_version,
        via=via,
    )
