"""What each member thinks of the views of a list: which are tabs, which opens first; a role may have a default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou.records import preferences
from kezhou.records.catalogue import type_of
from kezhou.records.spec import NotAllowed, TypeSpec
from kezhou.records.views.reading import View, find

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Choices:
    """`first` is the view that opens when the address names none; `pins` say of single views whether they are tabs."""

    first: str = ""
    pins: Mapping[str, bool] = field(default_factory=dict)

    def tabs(self, views: Iterable[View]) -> tuple[View, ...]:
        """The views that are tabs."""
        return tuple(view for view in views if self.pins.get(view.ref, view.pinned))


def choices_of(settings: preferences.ListSettings) -> Choices:
    """From what is remembered of the list."""
    return Choices(settings.first, settings.pins)


def pin(actor: Actor, type: str | TypeSpec, ref: str, *, shown: bool) -> None:
    """Show a view as a tab, or only in the menu of views; for the actor alone."""
    spec = type_of(actor, type)
    view = find(actor, spec, ref)

    def change(kept: dict[str, Any]) -> dict[str, Any]:
        pins = {key: value for key, value in (kept.get("pins") or {}).items() if key != view.ref}
        return {**kept, "pins": pins if shown == view.pinned else {**pins, view.ref: shown}}

    preferences.change(actor, spec, change)


def set_default(actor: Actor, type: str | TypeSpec, ref: str, *, role: str = "") -> None:
    """Open the list with this view: for oneself, or by an administrator for a role. "" goes back to the first tab."""
    spec = type_of(actor, type)
    if role and not actor.is_admin:
        raise NotAllowed(_("只有管理员可以设置角色的默认视图。"))
    if ref:
        find(actor, spec, ref)
    preferences.change(actor, spec, lambda kept: {**kept, "first": ref}, role=role)
