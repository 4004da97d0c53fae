"""Giving a tenant-made type its states: the options of one choice field, with the moves that are allowed between them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.records.dictionaries import demand_admin
from kezhou.records.own.defining import OwnTypeError, locked, type_spec, write_states
from kezhou.records.spec import FieldSpec, TypeSpec

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

LONGEST_REASON = 100


def set_states(
    actor: Actor,
    key: str,
    *,
    field: str,
    initial: Sequence[str],
    moves: Mapping[str, Sequence[str]],
    required: Mapping[str, Sequence[str]] | None = None,
    locked_in: Collection[str] = (),
    final: Collection[str] = (),
    reasons: Mapping[str, str] | None = None,
    version: int | None = None,
) -> None:
    """Say which choice field holds the states, where records begin, and from where one may go where.

    `required` names fields that must be filled in a state, `locked_in` states in which nothing can be changed (with the
    sentence why in `reasons`), `final` those that end the way. Raises OwnTypeError for what does not fit together.
    """
    demand_admin(actor)
    with transaction.atomic():
        row = locked(key, version=version)
        spec = type_spec(actor, key)
        chosen = _field(spec, field)
        known = {option.key for option in chosen.options}
        kept: dict[str, Any] = {
            "field": chosen.key,
            "initial": [name for name in initial if name in known],
            "moves": {
                source: _targets(chosen, source, targets) for source, targets in moves.items() if source in known
            },
            "required": {
                name: _required(spec, chosen, keys) for name, keys in (required or {}).items() if name in known
            },
            "locked": [name for name in locked_in if name in known],
            "final": [name for name in final if name in known],
            "reasons": {name: why.strip()[:LONGEST_REASON] for name, why in (reasons or {}).items() if why.strip()},
        }
        _demand_reachable(chosen, kept)
        write_states(row, kept)


def clear_states(actor: Actor, key: str, *, version: int | None = None) -> None:
    """Take the states away; the field with its values stays an ordinary choice."""
    demand_admin(actor)
    with transaction.atomic():
        write_states(locked(key, version=version), {})


def _field(spec: TypeSpec, key: str) -> FieldSpec:
    field = spec.by_key.get(key)
    if field is None or field.type != "choice" or not field.custom:
        raise OwnTypeError(_("请选择一个单选字段来放状态。"), field="field")
    if not field.options:
        raise OwnTypeError(_("“%(field)s”还没有选项，请先在字段里加状态的值。") % {"field": field.label}, field="field")
    return field


def _targets(field: FieldSpec, source: str, targets: Sequence[str]) -> list[str]:
    return [option.key for option in field.options if option.key in targets and option.key != source]


def _required(spec: TypeSpec, field: FieldSpec, keys: Sequence[str]) -> list[str]:
    for key in keys:
        if key not in spec.by_key or spec.by_key[key].system or key == field.key:
            raise OwnTypeError(
                _("必填项里选的字段“%(field)s”现在不能用，可能刚被停用。请刷新后重选。") % {"field": key}
            )
    return list(keys)


def _demand_reachable(field: FieldSpec, kept: Mapping[str, Any]) -> None:
    """A state into which no way leads would never be used: most likely a box that was forgotten."""
    if not kept["initial"]:
        raise OwnTypeError(_("请至少选一个起始状态：新建的记录从这里开始。"), field="initial")
    reached, waiting = set(kept["initial"]), list(kept["initial"])
    while waiting:
        for target in kept["moves"].get(waiting.pop(), ()):
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    lost = [str(option.label) for option in field.options if option.enabled and option.key not in reached]
    if lost:
        raise OwnTypeError(
            _("没有哪一步能走到“%(state)s”。请给它加一条来路，或先停用这个选项。") % {"state": lost[0]}, field="moves"
        )
