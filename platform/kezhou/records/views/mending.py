"""A view outlives its fields: what was removed, or may no longer be seen, is left out of it and named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kezhou.records import filters
from kezhou.records.catalogue import fields_for, types
from kezhou.records.models import CustomField
from kezhou.records.spec import Purpose, TypeSpec
from kezhou.records.views.state import ViewState

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Mended:
    """A state that can be shown, and the names of the fields that had to be left out."""

    state: ViewState
    lost: tuple[str, ...] = ()


def mended(actor: Actor, spec: TypeSpec, state: ViewState) -> Mended:
    """The state without what the actor cannot be shown (any more)."""
    shown = {field.key for field in fields_for(spec, actor, Purpose.LIST)}
    usable = {field.key for field in fields_for(spec, actor, Purpose.FILTER)}
    lost: list[str] = []
    single: dict[str, Any] = {
        name: "".join(_known(tuple(filter(None, (getattr(state, name),))), usable, lost))
        for name in ("group", "starts", "ends", "resource")
    }
    kept = replace(
        state,
        filter=_kept(actor, spec, state.filter, lost),
        columns=_known(state.columns, shown, lost),
        sort=_known(state.sort, usable, lost),
        edits=tuple(key for key in state.edits if key in shown),
        **single,
    )
    return Mended(kept, _named(lost)) if lost else Mended(kept)


def lost_fields(actor: Actor, spec: TypeSpec, tree: Any) -> tuple[str, ...]:
    """The names of fields in a condition that the actor cannot filter by (any more)."""
    lost: list[str] = []
    _kept(actor, spec, tree, lost)
    return _named(lost)


def _known(keys: tuple[str, ...], known: set[str], lost: list[str]) -> tuple[str, ...]:
    lost.extend(key.lstrip("-") for key in keys if key.lstrip("-") not in known)
    return tuple(key for key in keys if key.lstrip("-") in known)


def _kept(actor: Actor, spec: TypeSpec, raw: Any, lost: list[str]) -> Any:
    if not raw:
        return None
    tree = _without(actor, spec, filters.parse(raw), lost)
    return filters.dump(tree) if tree is not None else None


def _without(actor: Actor, spec: TypeSpec, tree: filters.Tree, lost: list[str]) -> filters.Tree | None:
    if isinstance(tree, filters.Leaf):
        return tree if _usable(actor, spec, tree.field, lost) else None
    if isinstance(tree, filters.Pointing):
        other = types(actor).get(tree.type)
        if other is None or not _usable(actor, other, tree.link, lost):
            lost.extend(() if other is not None else (tree.type,))
            return None
        inner = _without(actor, other, tree.tree, lost)
        return replace(tree, tree=inner or filters.EVERYTHING)
    parts = tuple(part for part in (_without(actor, spec, each, lost) for each in tree.parts) if part is not None)
    return filters.Group(tree.joint, parts) if parts or not tree.parts else None


def _usable(actor: Actor, spec: TypeSpec, name: str, lost: list[str]) -> bool:
    if name == "pk":
        return True
    head, _dot, rest = name.partition(".")
    field = next((each for each in fields_for(spec, actor, Purpose.FILTER) if each.key == head), None)
    if field is None:
        lost.append(head)
        return False
    if not rest:
        return True
    target = types(actor).get(field.target or "")
    if target is None:
        lost.append(name)
        return False
    return _usable(actor, target, rest, lost)


def _named(lost: list[str]) -> tuple[str, ...]:
    """Removed own fields by their labels, which their definitions keep."""
    keys = tuple(dict.fromkeys(lost))
    numbers = [int(key[2:]) for key in keys if key.startswith("c_") and key[2:].isdecimal()]
    labels = dict(CustomField.objects.filter(pk__in=numbers).values_list("pk", "label")) if numbers else {}
    return tuple(labels.get(int(key[2:]), key) if key[2:].isdecimal() and key.startswith("c_") else key for key in keys)
