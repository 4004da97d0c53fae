"""What readers of a layout see: immutable, already cut to what one actor may see of one class of records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.records.spec import FieldSpec, PanelSpec


class Kind(StrEnum):
    """Which part of a type's pages is arranged."""

    FORM = "form"
    DETAIL = "detail"
    COLUMNS = "columns"
    QUICK = "quick"
    RELATED = "related"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one field stands; `wide` takes the whole width, None leaves it to the field's control."""

    field: FieldSpec
    wide: bool | None = None

    @property
    def key(self) -> str:
        return self.field.key


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group in one to three columns; a `lazy` one is closed, and read only when somebody opens it (FLD-04)."""

    key: str
    title: StrOrPromise
    places: tuple[Place, ...]
    columns: int = 2
    lazy: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(place.key for place in self.places)


@dataclass(frozen=True, slots=True)
class Tab:
    """Some sections; pages draw no tab strip while there is only one."""

    key: str
    title: StrOrPromise
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class LayoutSpec:
    """Everything that is arranged for one type, actor and record class.

    `form` and `detail` hold every field the actor may write or read, each once, except those an administrator took off the
    page; required fields are never off the form. `elsewhere` are fields of other record classes, which the record page shows
    while they hold a value. `related` are panels of kind related.
    """

    form: tuple[Tab, ...]
    detail: tuple[Tab, ...]
    columns: tuple[str, ...]
    quick: tuple[str, ...]
    related: tuple[PanelSpec, ...]
    elsewhere: tuple[str, ...] = ()

    def sections(self, kind: Kind | str) -> Iterator[Section]:
        """The sections of the form or of the record page, tab by tab."""
        for tab in self.form if kind == Kind.FORM else self.detail:
            yield from tab.sections

    def section(self, kind: Kind | str, key: str) -> Section | None:
        """One section by its key."""
        return next((section for section in self.sections(kind) if section.key == key), None)

    def at_once(self, kind: Kind | str) -> frozenset[str]:
        """The fields that are shown before anything is opened."""
        return frozenset(key for section in self.sections(kind) if not section.lazy for key in section.keys)
