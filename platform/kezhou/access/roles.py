"""Roles as they are kept: seeding them from hooks, changing cells, giving them to members.

Every change raises the shape version in its transaction, so that it acts with the next request (PRM-19).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kezhou.access.models import MemberRole, Role, RoleField, RoleGrant
from kezhou.access.policy import OPERATIONS, Scope
from kezhou.access.standard_roles import ADMIN
from kezhou.records import shape
from kezhou.records.spec import Level
from kezhou.sdk.hooks import Grant, RoleSeed


class RoleError(Exception):
    """A change of roles that cannot be made; `str()` is a sentence for the administrator."""


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role with its cells, for pages: scopes by type and operation."""

    pk: int
    key: str
    name: str
    description: str
    is_admin: bool
    cells: Mapping[str, Mapping[str, Scope]]
    members: int
    start: str


def seed(seeds: Iterable[RoleSeed]) -> None:
    """Create roles that are not there yet and add grants on types that they say nothing of; nothing set by hand is touched."""
    with transaction.atomic():
        for place, wanted in enumerate(seeds):
            _seed_one(wanted, place)
        shape.bump()


def _seed_one(wanted: RoleSeed, place: int) -> None:
    role = Role.objects.filter(key=wanted.key).first()
    if role is None:
        name = _free_name(_(str(wanted.title)))
        role = Role.objects.create(
            key=wanted.key, name=name, is_admin=wanted.key == ADMIN, order=(place + 1) * 10, start=wanted.start
        )
    known = set(RoleGrant.objects.filter(role=role).values_list("type", flat=True))
    for grant in wanted.grants:
        if grant.type not in known:
            _grant(role, grant)


def _free_name(wanted: str) -> str:
    name, number = wanted, 2
    while Role.objects.filter(name=name).exists():
        name, number = f"{wanted} {number}", number + 1
    return name


def _grant(role: Role, grant: Grant) -> None:
    RoleGrant.objects.bulk_create(
        (
            RoleGrant(role=role, type=grant.type, operation=operation, scope=Scope(grant.scope).value)
            for operation in grant.operations.split()
        ),
        ignore_conflicts=True,
    )
    levels = ((Level.HIDE, grant.hidden), (Level.MASK, grant.masked), (Level.READ, grant.readonly))
    RoleField.objects.bulk_create(
        (
            RoleField(role=role, type=grant.type, field=field, level=level.value)
            for level, fields in levels
            for field in fields
        ),
        ignore_conflicts=True,
    )


def roles() -> tuple[RoleView, ...]:
    """Every role of the company in order, with cells and number of members (deactivated ones left out), in three statements."""
    cells: dict[int, dict[str, dict[str, Scope]]] = {}
    for grant in RoleGrant.objects.all():
        cells.setdefault(grant.role_id, {}).setdefault(grant.type, {})[grant.operation] = Scope(grant.scope)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.role_id, count(*) FROM access_memberrole h JOIN access_member m ON m.id = h.member_id "
            "WHERE m.deleted_at IS NULL AND m.state <> 'off' GROUP BY h.role_id"
        )
        holders: dict[int, int] = dict(cursor.fetchall())
    return tuple(
        RoleView(
            pk=role.pk,
            key=role.key or "",
            name=role.name,
            description=role.description,
            is_admin=role.is_admin,
            cells=cells.get(role.pk, {}),
            members=holders.get(role.pk, 0),
            start=role.start,
        )
        for role in Role.objects.order_by("order", "pk")
    )


def role(pk: int) -> RoleView:
    """One role. Raises RoleError when there is none."""
    found = next((view for view in roles() if view.pk == pk), None)
    if found is None:
        raise RoleError(_("没有这个角色，它可能刚被删除。"))
    return found


def add_role(name: str, *, copy_of: int | None = None) -> int:
    """A new role, empty or with the grants of another. Raises RoleError for a name that is empty or taken."""
    plain = _checked_name(name)
    with transaction.atomic():
        made = Role.objects.create(name=plain, order=1000, start=_start_of(copy_of))
        if copy_of is not None:
            for grant in RoleGrant.objects.filter(role_id=copy_of):
                RoleGrant.objects.create(role=made, type=grant.type, operation=grant.operation, scope=grant.scope)
            for field in RoleField.objects.filter(role_id=copy_of):
                RoleField.objects.create(role=made, type=field.type, field=field.field, level=field.level)
    return made.pk


def _start_of(copied: int | None) -> str:
    if copied is None:
        return ""
    return Role.objects.filter(pk=copied).values_list("start", flat=True).first() or ""


def rename_role(pk: int, name: str, *, description: str = "") -> None:
    """Another name or description."""
    plain = _checked_name(name, other_than=pk)
    Role.objects.filter(pk=pk).update(name=plain, description=description.strip()[:200])


def set_start(pk: int, url: str) -> None:
    """Where members of the role begin after signing in who chose nothing themselves; empty for the home page (UIX-12)."""
    Role.objects.filter(pk=pk).update(start=url)


def starts_of(member_pk: int) -> tuple[str, ...]:
    """The addresses with which the member's roles begin, in the order of the roles."""
    held = MemberRole.objects.filter(member_id=member_pk).exclude(role__start="").order_by("role__order", "role_id")
    return tuple(held.values_list("role__start", flat=True))


def _checked_name(name: str, *, other_than: int = 0) -> str:
    plain = name.strip()
    if not plain or len(plain) > 40:
        raise RoleError(_("角色名称要有 1 到 40 个字。"))
    if Role.objects.filter(name=plain).exclude(pk=other_than).exists():
        raise RoleError(_("已有名为“%(name)s”的角色，请换一个名称。") % {"name": plain})
    return plain


def remove_role(pk: int) -> None:
    """Delete a role that nobody holds. The administrator's role stays."""
    view = role(pk)
    if view.is_admin:
        raise RoleError(_("“%(name)s”不能删除：公司总要有人能管理。") % {"name": view.name})
    if view.members:
        raise RoleError(
            _("还有 %(count)d 位成员是“%(name)s”，请先给他们换一个角色。") % {"count": view.members, "name": view.name}
        )
    with transaction.atomic():
        Role.objects.filter(pk=pk).delete()
        shape.bump()


def set_cells(pk: int, cells: Mapping[str, Mapping[str, str]]) -> None:
    """Write the cells of the named types anew: scope by type and operation; what is left out of a type becomes none.

    Raises RoleError for an unknown operation or scope, for a scope wider than reading, and for the administrator's role.
    """
    if role(pk).is_admin:
        raise RoleError(_("管理员可以做一切，这个角色没有可改的范围。"))
    rows = [
        RoleGrant(role_id=pk, type=type_key, operation=operation, scope=scope.value)
        for type_key, wanted in cells.items()
        for operation, scope in _checked_cells(wanted).items()
    ]
    with transaction.atomic():
        RoleGrant.objects.filter(role_id=pk, type__in=list(cells)).delete()
        RoleGrant.objects.bulk_create(rows)
        shape.bump()


def _checked_cells(wanted: Mapping[str, str]) -> dict[str, Scope]:
    checked: dict[str, Scope] = {}
    verbs = sorted(set(wanted) - {operation.value for operation in OPERATIONS})
    for operation in (*(each.value for each in OPERATIONS), *verbs):
        try:
            checked[operation] = Scope(wanted.get(operation, Scope.NONE.value))
        except ValueError as error:
            raise RoleError(_("没有“%(scope)s”这个范围。") % {"scope": wanted[operation]}) from error
    return checked


def roles_of(member_pks: Sequence[int]) -> dict[int, tuple[tuple[int, str], ...]]:
    """The roles (pk, name) of each member, in order, in one statement."""
    found: dict[int, list[tuple[int, str]]] = {}
    held = MemberRole.objects.filter(member_id__in=member_pks).order_by("role__order", "role_id")
    for member_pk, role_pk, name in held.values_list("member_id", "role_id", "role__name"):
        found.setdefault(member_pk, []).append((role_pk, name))
    return {pk: tuple(names) for pk, names in found.items()}


def set_roles(member_pk: int, role_pks: Iterable[int]) -> None:
    """Give a member exactly these roles. Refused when nobody could administer the company afterwards."""
    wanted = set(role_pks)
    known = set(Role.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if known != wanted:
        raise RoleError(_("所选的角色里有一个已经不在了，请刷新后重选。"))
    with transaction.atomic():
        lost = MemberRole.objects.filter(member_id=member_pk).exclude(role_id__in=wanted)
        gives_up = lost.filter(role__is_admin=True).exists()
        lost.delete()
        MemberRole.objects.bulk_create(
            (MemberRole(member_id=member_pk, role_id=pk) for pk in wanted), ignore_conflicts=True
        )
        if gives_up:
            demand_an_administrator()
        shape.bump()


def role_pk(key: str) -> int:
    """The primary key of a standard role. Raises RoleError when the company has deleted it."""
    found = Role.objects.filter(key=key).values_list("pk", flat=True).first()
    if found is None:
        raise RoleError(_("没有“%(key)s”这个标准角色。") % {"key": key})
    return found


def administrators() -> tuple[int, ...]:
    """Members in office who hold an administrator's role and can sign in."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT m.id FROM access_memberrole h JOIN access_role r ON r.id = h.role_id AND r.is_admin
                 JOIN access_member m ON m.id = h.member_id AND m.state = 'active' AND m.deleted_at IS NULL
                 JOIN access_account a ON a.member_id = m.id AND a.is_active ORDER BY m.id"""
        )
        return tuple(pk for (pk,) in cursor.fetchall())


def demand_an_administrator() -> None:
    """Raise RoleError when the running transaction would leave the company without anybody who administers it."""
    if not administrators():
        raise RoleError(_("这样一来公司就没有管理员了。请先把“管理员”角色给另一位在职成员。"))
