"""What a rule says: a condition (the filter tree) and effects; the same for plugins' declarations and administrators' rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EFFECTS = ("show", "hide", "require", "readonly", "options", "refuse")


@dataclass(frozen=True, slots=True)
class Effect:
    """One consequence of a rule: `do` is one of `EFFECTS`.

    `fields` are those it concerns (for `refuse` where the sentence stands, possibly nowhere); `options` the keys that `options`
    leaves to choose from; `message` the sentence of `refuse`.
    """

    do: str
    fields: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    message: StrOrPromise = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """While `when` (a filter tree on the record's own fields) holds, the effects are in force."""

    title: StrOrPromise
    when: Sequence[Any]
    effects: tuple[Effect, ...]
    pk: int | None = None


def _names(fields: str) -> tuple[str, ...]:
    return tuple(fields.split())


def show(fields: str) -> Effect:
    """Show these fields only while the condition holds: `show("periods printed_on")`."""
    return Effect("show", _names(fields))


def hide(fields: str) -> Effect:
    """Do not show these fields while the condition holds; they keep their values."""
    return Effect("hide", _names(fields))


def require(fields: str) -> Effect:
    """Demand values for these fields while the condition holds."""
    return Effect("require", _names(fields))


def readonly(fields: str) -> Effect:
    """Let nobody change these fields of a saved record while the condition holds."""
    return Effect("readonly", _names(fields))


def options(field: str, keys: str) -> Effect:
    """Leave only these options of a choice field: `options("grade", "gold silver")`."""
    return Effect("options", (field,), _names(keys))


def refuse(message: StrOrPromise, field: str = "") -> Effect:
    """Do not save, and say this sentence at the field."""
    return Effect("refuse", _names(field), message=message)
