"""Making, changing and deleting saved views: by their maker, and by administrators where they are shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.access.departments import tree
from kezhou.access.models import Role
from kezhou.records import shape
from kezhou.records.catalogue import type_of
from kezhou.records.fields.reading import clean_line
from kezhou.records.listing import check
from kezhou.records.models import SavedView
from kezhou.records.spec import FilterError, NotAllowed, RecordError, RecordNotFound, TypeSpec
from kezhou.records.views.reading import ALL, AUDIENCES, DEPARTMENT, MEMBER, ROLES, heard, may_change
from kezhou.records.views.state import ViewState

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

MOST_OWN = 100
LONGEST_TITLE = 60


class ViewConflict(RecordError):
    """Somebody else saved the view in between; `title` is how it is called now."""


def save(
    actor: Actor,
    type: str | TypeSpec,
    *,
    title: str,
    state: ViewState | Mapping[str, Any],
    pk: int | None = None,
    version: int | None = None,
    audience: str = MEMBER,
    department: int | None = None,
    roles: Sequence[str] = (),
    pinned: bool = True,
) -> int:
    """Make a view, or change the one named by `pk` (with `version` only when nobody else did since).

    Sharing with everybody or with roles is an administrator's; a member may share with the own department and those below.
    Raises FilterError for what cannot be a view, NotAllowed, RecordNotFound, ViewConflict.
    """
    spec = type_of(actor, type)
    held = state if isinstance(state, ViewState) else ViewState.of(state)
    check(actor, spec, filter=held.filter, sort=held.sort, columns=held.columns, q=held.q)
    values: dict[str, Any] = {
        "title": _title(title),
        "state": held.json,
        "pinned": pinned,
        **_audience(actor, audience, department, roles),
    }
    with transaction.atomic():
        if pk is None:
            return _make(actor, spec, values)
        row = _mine(actor, spec, pk)
        if version is not None and row.version != version:
            raise ViewConflict(
                _("视图“%(title)s”刚被别人改过。你的设置还在，可以另存为新视图。") % {"title": row.title}
            )
        SavedView.objects.filter(pk=pk).update(version=row.version + 1, changed_at=timezone.now(), **values)
    return pk


def delete(actor: Actor, type: str | TypeSpec, pk: int) -> str:
    """Delete a view; answers its title. The records it showed stay as they are."""
    with transaction.atomic():
        row = _mine(actor, type_of(actor, type), pk)
        SavedView.objects.filter(pk=pk).delete()
    return row.title


def _make(actor: Actor, spec: TypeSpec, values: dict[str, Any]) -> int:
    if SavedView.objects.filter(type=spec.key, member=actor.member_pk).count() >= MOST_OWN:
        raise FilterError(_("每个列表最多保存 %(most)s 个自己的视图，请先删掉不用的。") % {"most": MOST_OWN})
    return SavedView.objects.create(type=spec.key, member=actor.member_pk, **values).pk


def _mine(actor: Actor, spec: TypeSpec, pk: int) -> SavedView:
    where = heard(actor)
    mine = RawSQL(where.text, where.params, output_field=BooleanField())  # noqa: S611  # text of ours, values apart
    row = SavedView.objects.select_for_update().filter(mine, pk=pk, type=spec.key).first()
    if row is None:
        raise RecordNotFound(_("没有这个视图，或者它没有共享给你。"))
    if not may_change(actor, row):
        raise NotAllowed(_("视图“%(title)s”只能由建它的人或管理员修改，你可以另存一份。") % {"title": row.title})
    return row


def _title(raw: str) -> str:
    title = clean_line(raw)
    if not title:
        raise FilterError(_("请给视图起个名字。"))
    if len(title) > LONGEST_TITLE:
        shown = {"most": LONGEST_TITLE, "length": len(title)}
        raise FilterError(_("视图的名字最多 %(most)s 个字，现在是 %(length)s 个。") % shown)
    return title


def _audience(actor: Actor, audience: str, department: int | None, roles: Sequence[str]) -> dict[str, Any]:
    if audience not in AUDIENCES:
        raise FilterError(_("视图可以给自己、部门、角色或全公司，不能给“%(who)s”。") % {"who": audience[:20]})
    if audience in {ALL, ROLES} and not actor.is_admin:
        raise NotAllowed(_("只有管理员可以把视图共享给角色或全公司。"))
    found: dict[str, Any] = {"audience": audience, "department": None, "roles": []}
    if audience == DEPARTMENT:
        found["department"] = _department(actor, department)
    if audience == ROLES:
        known = {role.key or role.name for role in Role.objects.all()}
        chosen = list(dict.fromkeys(role for role in roles if role in known))
        if not chosen:
            raise FilterError(_("请选择这个视图给哪些角色。"))
        found["roles"] = chosen
    return found


def _department(actor: Actor, wanted: int | None) -> int:
    pk = wanted if wanted is not None else actor.department_pk
    if pk is None:
        raise FilterError(_("你还没有部门，不能把视图给部门。"))
    below = set(getattr(actor, "departments_below", ())) | {actor.department_pk}
    known = tree(shape.version(actor)).nodes
    if pk not in known or (pk not in below and not actor.is_admin):
        raise NotAllowed(_("你只能把视图给自己的部门或下级部门。"))
    return pk
