"""What readers see of a type's shape beyond its fields: lines, states, actions. Part of `TypeSpec`, immutable like it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.records.spec import FieldSpec

ANY = "*"
"""In a transition: from any state. In a state: locks every field."""


@dataclass(frozen=True, slots=True)
class LinesSpec:
    """Rows of another type that are edited inside this record: `key` names them in changes (`{"services": [...]}`).

    `link` is the field of the line type that points here; `columns` are shown and edited, `totals` summed below.
    """

    key: str
    type: str
    link: str
    title: StrOrPromise
    columns: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParentSpec:
    """For a line type: the type whose rights count, the link that leads there, and under which key the parent holds it."""

    type: str
    link: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class StateSpec:
    """One state: the option's key, fields that must be filled in it, fields that cannot be changed in it and why."""

    key: str
    required: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    reason: StrOrPromise = ""
    final: bool = False

    def locks(self, key: str) -> bool:
        """True when the field (or the lines) of this key cannot be changed in this state."""
        return key in self.locked or ANY in self.locked


@dataclass(frozen=True, slots=True)
class TransitionSpec:
    """A way from `sources` (or any state) to `target`: `operation` is the right that it needs, `guard` has the last word.

    `guard(actor, values)` answers the sentence why not, or "". `when` is a filter tree over the record's values, refused with `refusal`.
    `asks` are fields offered in the dialog besides those that are required. `action` is the action that alone goes this way.
    """

    sources: tuple[str, ...]
    target: str
    title: StrOrPromise = ""
    operation: str = "update"
    required: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    guard: Callable[[Any, Mapping[str, Any]], StrOrPromise] | None = None
    when: Sequence[Any] | None = None
    refusal: StrOrPromise = ""
    action: str = ""

    def leads_from(self, state: str | None) -> bool:
        """True when it begins in this state."""
        return state in self.sources or (ANY in self.sources and state != self.target)


@dataclass(frozen=True, slots=True)
class StatesSpec:
    """The states of a type: values of the choice field `field`, where new records may begin, and the ways between them.

    In an `unreviewed` state a record is found by its author and by those with the right `reviewers`, not by others.
    """

    field: str
    initial: tuple[str, ...]
    states: tuple[StateSpec, ...]
    transitions: tuple[TransitionSpec, ...]
    unreviewed: tuple[str, ...] = ()
    reviewers: str = ""

    def state(self, key: object) -> StateSpec | None:
        """What is declared of this state."""
        return next((state for state in self.states if state.key == key), None)

    def way(self, source: object, target: object) -> TransitionSpec | None:
        """The transition from one state to the other; None when there is none. The first declared counts."""
        fits = (way for way in self.transitions if way.target == target and way.leads_from(source))  # type: ignore[arg-type]  # any value may be asked for
        return next(fits, None)


@dataclass(frozen=True, slots=True)
class LanesSpec:
    """Rows of a calendar: the records behind `link`, grouped by their link `parts`, with `facts` of theirs below the names.

    `firm` is the yes/no field without which an entry is only pencilled in.
    """

    link: str
    parts: str = ""
    facts: tuple[str, ...] = ()
    firm: str = ""


Guard = Callable[[Sequence[int]], Mapping[int, Mapping[str, str | None]]]
"""Tells by record and by action's key why not, or "" (None: it is not offered); several actions may have the same, which is asked once."""


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """A domain verb: its own form (`fields`), its right (`operation`), the states in which it can be done.

    `run` does it for all chosen records at once (`kezhou.records.actions.Doing`). `confirm` is asked before it is done; `bulk`
    offers it for several records in the list; `danger` marks what cannot be taken back. `when` is a filter tree, refused with `refusal`.
    `plugin` is whose it is, where it is not the type's own.
    """

    key: str
    title: StrOrPromise
    run: Callable[[Any], None]
    icon: str = "bolt"
    fields: tuple[FieldSpec, ...] = ()
    operation: str = "update"
    states: tuple[str, ...] = ()
    when: Sequence[Any] | None = None
    refusal: StrOrPromise = ""
    confirm: StrOrPromise = ""
    bulk: bool = False
    danger: bool = False
    guard: Guard | None = None
    plugin: str = ""
