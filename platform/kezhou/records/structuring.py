"""From the declared shape of a type (lines, states, actions, tree, validity) to what readers see of it; refuses what cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from kezhou.records.link import Link
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.structure import (
    ANY,
    ActionSpec,
    LanesSpec,
    LinesSpec,
    ParentSpec,
    StateSpec,
    StatesSpec,
    TransitionSpec,
)
from kezhou.records.types import (
    Access,
    Action,
    Ask,
    DeclarationError,
    Lines,
    RecordType,
    State,
    States,
    Transition,
    names,
)

POSITION = "position"
"""The column of every line type that keeps the order of the rows."""

SIX = frozenset({"read", "create", "update", "delete", "import", "export"})


def structured(spec: TypeSpec, declaration: type[RecordType]) -> TypeSpec:
    """The type with its states, actions, tree and validity. Raises DeclarationError for names that do not exist."""
    return replace(
        spec,
        states=_states(spec, declaration.states) if declaration.states else None,
        actions=tuple(action_of(spec, action) for action in declaration.actions),
        verbs=dict(declaration.verbs),
        operations=spec.operations | frozenset(declaration.verbs),
        tree=_tree(spec, declaration),
        tree_depth=declaration.tree_depth,
        validity=_validity(spec, declaration),
    )


def connected(specs: Mapping[str, TypeSpec]) -> dict[str, TypeSpec]:
    """All types, each knowing its lines or, being one, its parent. Raises DeclarationError."""
    lines = {key: tuple(_lines(spec, item, specs) for item in spec.declaration.lines) for key, spec in specs.items()}
    held = {item.type: (key, item) for key, items in lines.items() for item in items}
    return {
        key: replace(
            spec,
            lines=lines[key],
            lanes=_lanes(spec, specs),
            parent=_parent(spec, held.get(key)),
            hidden=spec.hidden or _is_line(spec),
            fields=tuple(_narrowed(_branching(field, specs), spec, specs) for field in spec.fields),
        )
        for key, spec in specs.items()
    }


def _branching(field: FieldSpec, specs: Mapping[str, TypeSpec]) -> FieldSpec:
    return replace(field, tree=True) if field.target in specs and specs[str(field.target)].tree else field


def _narrowed(field: FieldSpec, spec: TypeSpec, specs: Mapping[str, TypeSpec]) -> FieldSpec:
    """The field with the link of its target by which it is narrowed. Raises DeclarationError where there is none, or several."""
    declared: str = getattr(spec.model._meta.get_field(field.key), "within", "")
    if not declared:
        return field
    leader, _colon, by = declared.partition(":")
    wanted = spec.by_key[leader].target if leader in spec.by_key else None
    links = [each.key for each in specs[field.target or ""].fields if wanted and each.target == wanted]
    if by not in links and not (by == "" and len(links) == 1):
        raise DeclarationError(
            f"Record type {spec.key} narrows “{field.key}” by “{declared}”, but {field.target} has "
            f"{len(links)} links to what “{leader}” holds ({', '.join(links) or 'none'}). Name one: within="
            f'"{leader}:{links[0] if links else "link"}".'
        )
    return replace(field, within=(leader, by or links[0]))


def _lanes(spec: TypeSpec, specs: Mapping[str, TypeSpec]) -> LanesSpec | None:
    declared = spec.declaration.lanes
    if declared is None:
        return None
    demand_fields(spec, "lanes", filter(None, (declared.link, declared.firm)))
    target = specs.get(spec.by_key[declared.link].target or "")
    if target is None or spec.calendar is None:
        raise DeclarationError(
            f"{spec.key}: lanes need a calendar and a link to records, which “{declared.link}” is not. "
            f'Write calendar = "starts_at ends_at" and lanes = Lanes("room").'
        )
    demand_fields(target, f"lanes of {spec.key}", (*filter(None, (declared.parts,)), *names(declared.facts)))
    return LanesSpec(declared.link, declared.parts, names(declared.facts), declared.firm)


def _is_line(spec: TypeSpec) -> bool:
    return spec.declaration.access is Access.PARENT


def _lines(spec: TypeSpec, declared: Lines, specs: Mapping[str, TypeSpec]) -> LinesSpec:
    other = specs.get(declared.type)
    if other is None or not _is_line(other):
        raise DeclarationError(
            f"{spec.key} has lines of {declared.type}, which is no registered type with access = Access.PARENT."
        )
    key = declared.key or declared.type.partition(".")[2]
    if key in spec.by_key:
        raise DeclarationError(f"{spec.key} has a field and lines named “{key}”. Give the lines another key.")
    left_out = {other.declaration.parent, POSITION}
    columns = names(declared.columns) or tuple(
        field.key for field in other.fields if field.editable and field.key not in left_out | _BASE
    )
    demand_fields(other, "columns of lines", columns)
    demand_fields(other, "totals of lines", names(declared.totals))
    return LinesSpec(
        key, other.key, other.declaration.parent, declared.title or other.title, columns, names(declared.totals)
    )


_BASE = frozenset({"number", "owner", "department", "collector", "registered_on", "remark"})


def _parent(spec: TypeSpec, held: tuple[str, LinesSpec] | None) -> ParentSpec | None:
    if not _is_line(spec):
        if held is not None:  # pragma: no cover - _lines has refused it
            raise DeclarationError(f"{held[0]} has lines of {spec.key}, which is no line type.")
        return None
    link = spec.declaration.parent
    field: Any = next((each for each in spec.model._meta.concrete_fields if each.name == link), None)
    if not isinstance(field, Link) or field.when_deleted != "cascade" or field.null:
        raise DeclarationError(
            f"Line type {spec.key} must name the link to its parent: "
            f'parent = "order", with order = Link("Order", "cascade") in the model.'
        )
    if POSITION not in {each.name for each in spec.model._meta.concrete_fields}:
        raise DeclarationError(f"Line type {spec.key} has no position. Derive its model from kezhou.sdk.records.Line.")
    target = spec.by_key[link].target or ""
    if held is not None and held[0] != target:
        raise DeclarationError(f"{held[0]} has lines of {spec.key}, whose parent is {target}.")
    return ParentSpec(target, link, held[1].key if held else "")


def demand_fields(spec: TypeSpec, place: str, keys: Iterable[str]) -> None:
    """Refuse names that are no fields of the type. Raises DeclarationError."""
    for key in keys:
        if key not in spec.by_key:
            raise DeclarationError(
                f"Record type {spec.key} names “{key}” in {place}, but it has no such field. "
                f"Known are: {', '.join(sorted(spec.by_key))}."
            )


def _states(spec: TypeSpec, declared: States) -> StatesSpec:
    demand_fields(spec, "states", (declared.field,))
    if spec.by_key[declared.field].type != "choice":
        raise DeclarationError(f"{spec.key}: the states lie in “{declared.field}”, which is no choice field.")
    states = tuple(_state(spec, state) for state in declared.states)
    ways = tuple(_way(spec, way) for way in declared.transitions)
    if not names(declared.initial):
        raise DeclarationError(f"{spec.key} does not say in which state new records begin. Give initial a state's key.")
    unreviewed = names(declared.unreviewed)
    if declared.reviewers:
        _demand_operation(spec, "states", declared.reviewers)
    if bool(unreviewed) is not bool(declared.reviewers):
        raise DeclarationError(
            f"{spec.key} says unreviewed states or who reviews, but not both. Give unreviewed and reviewers."
        )
    return StatesSpec(declared.field, names(declared.initial), states, ways, unreviewed, declared.reviewers)


def _state(spec: TypeSpec, state: State) -> StateSpec:
    lines = {lines.key or lines.type.partition(".")[2] for lines in spec.declaration.lines}
    demand_fields(spec, f"state {state.key}", names(state.required))
    demand_fields(spec, f"state {state.key}", (key for key in names(state.locked) if key not in {ANY, *lines}))
    return StateSpec(state.key, names(state.required), names(state.locked), state.reason, state.final)


def _way(spec: TypeSpec, way: Transition) -> TransitionSpec:
    place = f"transition to {way.target}"
    demand_fields(spec, place, (*names(way.required), *names(way.asks)))
    _demand_operation(spec, place, way.operation)
    if way.action and way.action not in {action.key for action in spec.declaration.actions}:
        raise DeclarationError(f"Record type {spec.key} names the action “{way.action}” in {place}, but it has none.")
    return TransitionSpec(
        sources=names(way.sources),
        target=way.target,
        title=way.title,
        operation=way.operation,
        required=names(way.required),
        asks=names(way.asks),
        guard=way.guard,
        when=way.when,
        refusal=way.refusal,
        action=way.action,
    )


def _demand_operation(spec: TypeSpec, place: str, operation: str) -> None:
    if operation not in SIX | set(spec.declaration.verbs) | set(spec.verbs):
        raise DeclarationError(
            f"Record type {spec.key} asks for the right “{operation}” in {place}. Declare it: "
            f'verbs = {{"{operation}": _("…")}}.'
        )


def action_of(spec: TypeSpec, action: Action) -> ActionSpec:
    """A declared action as readers see it. Raises DeclarationError."""
    _demand_operation(spec, f"action {action.key}", action.operation)
    fields = tuple(_asked(spec, item) for item in action.fields)
    return ActionSpec(
        key=action.key,
        title=action.title,
        run=action.run,
        icon=action.icon,
        fields=fields,
        operation=action.operation,
        states=names(action.states),
        when=action.when,
        refusal=action.refusal,
        confirm=action.confirm,
        bulk=action.bulk,
        danger=action.danger,
        guard=action.guard,
    )


def _asked(spec: TypeSpec, item: str | Ask) -> FieldSpec:
    if isinstance(item, str):
        demand_fields(spec, "the form of an action", (item,))
        return replace(spec.by_key[item], system=False)
    if item.key in spec.by_key:
        raise DeclarationError(
            f"{spec.key}: an action asks “{item.key}”, which is a field of the record as well. Name the field itself "
            f'("{item.key}"), or give the question another key.'
        )
    return FieldSpec(
        key=item.key,
        type=item.type,
        label=item.label,
        required=item.required,
        default=item.default,
        dictionary=item.dictionary,
        target=item.target,
        help=item.help,
        minimum=item.minimum,
        maximum=item.maximum,
        max_length=item.max_length,
    )


def _tree(spec: TypeSpec, declaration: type[RecordType]) -> str:
    if declaration.tree:
        demand_fields(spec, "tree", (declaration.tree,))
        if spec.by_key[declaration.tree].target != spec.key:
            raise DeclarationError(f"{spec.key}: tree = “{declaration.tree}” must be a link to {spec.key} itself.")
    return declaration.tree


def _validity(spec: TypeSpec, declaration: type[RecordType]) -> tuple[str, str] | None:
    keys = names(declaration.validity)
    if not keys:
        return None
    demand_fields(spec, "validity", keys)
    if len(keys) != 2 or any(spec.by_key[key].type != "date" for key in keys):
        raise DeclarationError(f'{spec.key}: validity names two dates, such as "valid_from valid_until".')
    return keys[0], keys[1]
