"""What a member may do, compiled from the roles held: grants merged, scopes made into conditions (PRM-01, PRM-04).

Several roles add up: the widest scope wins, cell by cell; a field is as open as in the most open
role that reaches the type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kezhou.access.conditions import Condition, Everything, In, Is, Nothing, either, through
from kezhou.access.departments import Tree, tree
from kezhou.access.policy import OPERATIONS, Operation, Policy, Scope, full_policy
from kezhou.access.versioned import Versioned
from kezhou.records.spec import Level, TypeSpec
from kezhou.records.structure import ParentSpec
from kezhou.records.types import Access
from tenants.context import current

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WHOLE = frozenset({Operation.CREATE, Operation.IMPORT})
"""Operations that are granted or not: a scope on rows that do not exist yet says nothing."""

AS_PARENT: Mapping[str, str] = {Operation.CREATE: Operation.UPDATE, Operation.DELETE: Operation.UPDATE}
"""What an operation on lines needs on their parent, where it is another one: adding a line changes the order."""

LEVELS = (Level.HIDE, Level.MASK, Level.READ, Level.EDIT)
Cells = Mapping[str, Scope]


@dataclass(frozen=True, slots=True)
class RoleRights:
    """One role as stored: cells by type and operation, restricted fields by type."""

    key: str
    name: str
    is_admin: bool = False
    cells: Mapping[str, Cells] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, Level]] = field(default_factory=dict)

    def cells_for(self, type_key: str) -> Cells:
        """The role's word on a type, operation by operation: on the type itself, else on its plugin, else on every type."""
        plugin = f"{type_key.partition('.')[0]}.*"
        return {**self.cells.get("*", {}), **self.cells.get(plugin, {}), **self.cells.get(type_key, {})}


@dataclass(frozen=True, slots=True)
class Rights:
    """The compiled rights of one member; policies are made when first asked for."""

    member_pk: int
    department_pk: int | None
    roles: tuple[RoleRights, ...]
    departments: Tree
    shape_version: int = 0
    _policies: dict[str, Policy] = field(default_factory=dict, compare=False, repr=False)
    kept: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """What readers of structure worked out for these rights, by all else that it depends on; it goes with them."""

    @property
    def is_admin(self) -> bool:
        """True when one of the roles administers the company."""
        return any(role.is_admin for role in self.roles)

    def policy(self, type_key: str) -> Policy:
        """The policy on one type."""
        known = self._policies.get(type_key)
        if known is None:
            known = self._policies[type_key] = self._compile(type_key)
        return known

    def scope(self, type_key: str, operation: str) -> Scope:
        """How far an operation reaches: the widest of the roles, and never further than reading."""
        if self.is_admin:
            return Scope.ALL
        wanted = self._widest(type_key, operation)
        seen = self._widest(type_key, Operation.READ)
        if operation in WHOLE:
            return Scope.ALL if wanted.width and seen.width else Scope.NONE
        return min(wanted, seen, key=lambda scope: scope.width)

    def _widest(self, type_key: str, operation: str) -> Scope:
        scopes = [said(role.cells_for(type_key), operation) for role in self.roles]
        return max(scopes, key=lambda scope: scope.width, default=Scope.NONE)

    def _compile(self, type_key: str) -> Policy:
        if self.is_admin:
            return full_policy(type_key, reason=_("因你是管理员而可见"))
        spec = _declared(type_key, self.shape_version)
        if spec is not None and spec.parent is not None:
            return self._as_parent(spec, spec.parent)
        shared = _is_shared(spec)
        operations = (*OPERATIONS, *(_verbs(spec) if spec is not None else ()))
        conditions = {
            str(operation): self._condition(self.scope(type_key, operation), shared=shared) for operation in operations
        }
        return Policy(type_key, conditions, self._levels(type_key, type_key))

    def _as_parent(self, spec: TypeSpec, parent: ParentSpec) -> Policy:
        """Lines follow their parent: seen with it, and written by whoever may change it."""
        policy, above = self.policy(parent.type), _declared(parent.type, self.shape_version)
        rows = above.rows if above is not None else ""
        conditions = {
            operation.value: through(parent.link, rows, policy.condition_for(AS_PARENT.get(operation, operation)))
            for operation in OPERATIONS
        }
        return Policy(spec.key, conditions, self._levels(spec.key, parent.type))

    def _levels(self, type_key: str, reached_by: str) -> dict[str, Level]:
        reaching = [role for role in self.roles if role.cells_for(reached_by).get(Operation.READ, Scope.NONE).width]
        named = {key for role in reaching for key in role.fields.get(type_key, {})}
        return {
            key: max((role.fields.get(type_key, {}).get(key, Level.EDIT) for role in reaching), key=LEVELS.index)
            for key in sorted(named)
        }

    def _condition(self, scope: Scope, *, shared: bool) -> Condition:
        if scope is Scope.NONE:
            return Nothing()
        if scope is Scope.ALL or shared:
            return Everything()
        own: Condition = Is("owner", self.member_pk, _("因你是负责人而可见"))
        if scope is Scope.OWN:
            return own
        return either(own, *self._by_department(below=scope is Scope.BELOW))

    def _by_department(self, *, below: bool) -> Iterable[Condition]:
        headed = self.departments.headed_by(self.member_pk)
        for node in headed:
            yield self._inside(node.pk, below, format_lazy(_("因你负责“{name}”而可见"), name=node.name))
        home = self.department_pk
        if home is not None and home in self.departments.nodes and all(node.pk != home for node in headed):
            name = self.departments.nodes[home].name
            yield self._inside(home, below, format_lazy(_("因它属于你所在的“{name}”而可见"), name=name))

    def _inside(self, pk: int, below: bool, reason: StrOrPromise) -> Condition:
        return In("department", self.departments.below(pk) if below else frozenset({pk}), reason)

    def headed(self) -> frozenset[int]:
        """The departments headed, and everything under them: their members are whom 我下属的 means."""
        homes = self.departments.headed_by(self.member_pk)
        return frozenset(pk for node in homes for pk in self.departments.below(node.pk))

    def below(self) -> frozenset[int]:
        """The own department, those headed, and everything under them: what 我的部门含下级 means."""
        found = self.headed()
        if self.department_pk is not None and self.department_pk in self.departments.nodes:
            found |= self.departments.below(self.department_pk)
        return found


def _verbs(spec: TypeSpec) -> tuple[str, ...]:
    """The verbs of a type, without those that a plugin adds which is off here."""
    on = current().plugins
    return tuple(verb for verb in spec.verbs if verb not in spec.added or spec.added[verb] in on)


def _is_shared(spec: TypeSpec | None) -> bool:
    return spec is not None and spec.declaration.access is Access.SHARED


def said(cells: Cells, operation: str) -> Scope:
    """What a role says of an operation; a verb of the type that it does not name follows 改."""
    if operation not in cells and operation not in OPERATIONS:
        return cells.get(Operation.UPDATE, Scope.NONE)
    return cells.get(operation, Scope.NONE)


def _declared(type_key: str, shape_version: int) -> TypeSpec | None:
    """What is declared of a type, by a plugin or by the tenant itself; None for a type that is not there."""
    from kezhou.records.registry import registered  # compiled when Django is ready; this module is imported before

    if type_key.startswith("own."):
        return _own.get(current().schema, shape_version, _declared_here).get(type_key)
    return registered().get(type_key)


def _declared_here() -> Mapping[str, TypeSpec]:
    """The types that the tenant made itself, in one statement."""
    from kezhou.records.own import compiling  # models are loaded later than this module

    return compiling.declared(compiling.load())


_own: Versioned[str, Mapping[str, TypeSpec]] = Versioned(limit=2_000)
_rights: Versioned[tuple[str, int], Rights] = Versioned(limit=20_000)


def rights_of(member_pk: int, department_pk: int | None, *, shape_version: int) -> Rights:
    """The compiled rights of a member of the present tenant, cached by (tenant, member, shape version)."""
    return _rights.get(
        (current().schema, member_pk),
        shape_version,
        lambda: Rights(member_pk, department_pk, load_roles(member_pk), tree(shape_version), shape_version),
    )


def load_roles(member_pk: int) -> tuple[RoleRights, ...]:
    """The roles of a member with everything they grant, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.id, COALESCE(r.key, ''), r.name, r.is_admin, g.type, g.operation, g.scope, NULL
                 FROM access_memberrole m JOIN access_role r ON r.id = m.role_id
                 LEFT JOIN access_rolegrant g ON g.role_id = r.id
                WHERE m.member_id = %s
                UNION ALL
               SELECT r.id, COALESCE(r.key, ''), r.name, r.is_admin, f.type, NULL, f.level, f.field
                 FROM access_memberrole m JOIN access_role r ON r.id = m.role_id
                 JOIN access_rolefield f ON f.role_id = r.id
                WHERE m.member_id = %s
                ORDER BY 1""",
            [member_pk, member_pk],
        )
        return _assembled(cursor.fetchall())


def _assembled(
    rows: Iterable[tuple[int, str, str, bool, str | None, str | None, str, str | None]],
) -> tuple[RoleRights, ...]:
    cells: dict[int, dict[str, dict[str, Scope]]] = {}
    fields: dict[int, dict[str, dict[str, Level]]] = {}
    roles: dict[int, tuple[str, str, bool]] = {}
    for pk, key, name, is_admin, type_key, operation, word, restricted in rows:
        roles[pk] = (key, name, is_admin)
        if type_key is not None and operation is not None:
            cells.setdefault(pk, {}).setdefault(type_key, {})[operation] = Scope(word)
        elif type_key is not None and restricted is not None:
            fields.setdefault(pk, {}).setdefault(type_key, {})[restricted] = Level(word)
    return tuple(RoleRights(*facts, cells.get(pk, {}), fields.get(pk, {})) for pk, facts in roles.items())
