"""Which views an actor has on a type: those that every type has, the type's own, and saved ones; one statement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from django.utils.translation import gettext as _

from kezhou.access.departments import tree
from kezhou.records import filters, shape
from kezhou.records.catalogue import type_of
from kezhou.records.rows import load_custom, run
from kezhou.records.spec import FilterError, RecordNotFound, TypeSpec
from kezhou.records.sql import Sql, any_of
from kezhou.records.views.mending import lost_fields
from kezhou.records.views.state import PLAIN, ViewState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kezhou.access.actor import Actor

MEMBER, DEPARTMENT, ROLES, ALL = AUDIENCES = ("member", "department", "roles", "all")
MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One view as one actor has it. `ref` is what an address says: `all`, a declared key, or the number of a saved view.

    `condition` always holds and is no part of what the member sees and changes; `mine` says that the actor may change and delete it.
    """

    ref: str
    type: str
    title: str
    state: ViewState = PLAIN
    condition: Any = None
    pk: int | None = None
    audience: str = ALL
    department: int | None = None
    roles: tuple[str, ...] = ()
    pinned: bool = True
    mine: bool = False
    version: int = 1


def visible(actor: Actor, type: str | TypeSpec) -> tuple[View, ...]:
    """Every view that the actor has, the fixed ones first."""
    spec = type_of(actor, type)
    return (*fixed(spec), *(_saved(actor, row) for row in _rows(actor, Sql("type = %s", (spec.key,)))))


def everywhere(actor: Actor, specs: Iterable[TypeSpec]) -> tuple[View, ...]:
    """Every view on any of these types, for whoever looks for one by its title: one statement."""
    known = {spec.key: spec for spec in specs}
    rows = _rows(actor, Sql("type = ANY(%s)", (list(known),)))
    given = [view for spec in known.values() for view in fixed(spec)]
    return (*given, *(_saved(actor, row) for row in rows))


def fixed(spec: TypeSpec) -> tuple[View, ...]:
    """All, mine and my department's where records have owners, the category views that every type has, and what the type declares."""
    found = [_plain(spec, "all", _("全部%(title)s") % {"title": spec.title}, None)]
    if "owner" in spec.by_key:
        found.append(_plain(spec, "mine", _("我的%(title)s") % {"title": spec.title}, ["owner", "eq", "me"]))
    if "department" in spec.by_key:
        below = ["department", "in", ["my_departments_below"]]
        found.append(_plain(spec, "department", _("我部门的"), below))
    found += _categories(spec)
    for each in spec.views:
        state = ViewState(
            filter=each.filter,
            group=each.group,
            display=each.display,
            sort=each.sort,
            columns=each.columns,
            resource=each.resource,
            scale=each.scale,
        )
        found.append(replace(_plain(spec, each.key, str(each.title), None), state=state))
    return tuple(found)


def _categories(spec: TypeSpec) -> list[View]:
    """By the record's class and by its state, each a tab, and by owner (QRY-09); not where the type declares such a view itself."""
    states = spec.states.field if spec.states is not None else ""
    wanted = {key: key != "owner" for key in (spec.class_field, states, "owner") if key in spec.by_key}
    declared = {each.group for each in spec.views}
    return [
        replace(
            _plain(spec, f"by_{key}", _("按%(field)s") % {"field": spec.by_key[key].label}, None),
            state=ViewState(group=key),
            pinned=pinned,
        )
        for key, pinned in wanted.items()
        if key not in declared
    ]


def _plain(spec: TypeSpec, ref: str, title: str, condition: Sequence[Any] | None) -> View:
    return View(ref=ref, type=spec.key, title=title, condition=condition)


def find(actor: Actor, type: str | TypeSpec, ref: str, *, among: Iterable[View] | None = None) -> View:
    """One view by what an address says. Raises FilterError (400) for one that does not exist or is somebody else's."""
    spec = type_of(actor, type)
    for view in visible(actor, spec) if among is None else among:
        if view.ref == ref:
            return view
    raise FilterError(
        _("“%(type)s”没有视图“%(key)s”，可能已经删除，或者没有共享给你。") % {"type": spec.title, "key": ref[:40]}
    )


def kept(view: View) -> dict[str, Any]:
    """For whom a view is and whether it is a tab, to save it with nothing of that changed."""
    names = ("audience", "department", "roles", "pinned", "version")
    return {name: getattr(view, name) for name in names}


def tree_of(actor: Actor, pk: int) -> filters.Tree:
    """The condition of a saved view, for a reminder, a target group or a statistic.

    Raises RecordNotFound when the actor has no such view, FilterError when it names a field that is gone: nothing may quietly reach
    more records than was meant.
    """
    row = next(iter(_rows(actor, Sql("id = %s", (pk,)))), None)
    if row is None:
        raise RecordNotFound(_("没有这个视图，或者它没有共享给你。"))
    state = ViewState.of(load_custom(row.state))
    lost = lost_fields(actor, type_of(actor, row.type), state.filter)
    if lost:
        shown = {"view": row.title, "fields": "、".join(lost)}
        raise FilterError(_("视图“%(view)s”用到的字段“%(fields)s”已经没有了，请先修改这个视图。") % shown)
    return filters.parse(state.filter)


class Owned(Protocol):
    """What tells who may change a saved view."""

    @property
    def audience(self) -> str: ...
    @property
    def member(self) -> int | None: ...


class _Row(NamedTuple):
    pk: int
    type: str
    title: str
    audience: str
    member: int | None
    department: int | None
    roles: list[str]
    pinned: bool
    state: Any
    version: int


def _rows(actor: Actor, where: Sql) -> list[_Row]:
    """The saved views under a condition that the actor has, in their order; as text, since every list page asks this."""
    mine = heard(actor)
    found = run(
        Sql(
            "SELECT id, type, title, audience, member, department, roles, pinned, state, version FROM records_savedview "
            f"WHERE ({mine.text}) AND {where.text} ORDER BY position, id LIMIT {MOST}",
            (*mine.params, *where.params),
        )
    )
    return [_Row(*row) for row in found]


def heard(actor: Actor) -> Sql:
    """Saved views that were made by or shared with the actor; an administrator has every shared one."""
    own = Sql("member = %s", (actor.member_pk or 0,))
    if actor.is_admin:
        return any_of([own, Sql("audience <> %s", (MEMBER,))])
    roles = Sql("(audience = %s AND roles && %s::varchar[])", (ROLES, list(getattr(actor, "roles", ()))))
    parts = [own, Sql("audience = %s", (ALL,)), roles]
    if actor.department_pk is not None:
        above = [node.pk for node in tree(shape.version(actor)).path(actor.department_pk)]
        parts.append(Sql("(audience = %s AND department = ANY(%s))", (DEPARTMENT, above)))
    return any_of(parts)


def may_change(actor: Actor, row: Owned) -> bool:
    """Its maker may, and an administrator where it is shared."""
    return (row.member is not None and row.member == actor.member_pk) or (actor.is_admin and row.audience != MEMBER)


def _saved(actor: Actor, row: _Row) -> View:
    return View(
        ref=str(row.pk),
        type=row.type,
        title=row.title,
        state=ViewState.of(load_custom(row.state)),
        pk=row.pk,
        audience=row.audience,
        department=row.department,
        roles=tuple(row.roles),
        pinned=row.pinned,
        mine=may_change(actor, row),
        version=row.version,
    )
