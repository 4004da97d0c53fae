"""What the portal can offer of each record type: by which links records are a partner's, which fields, which operations.

Plugins declare it (`portal = Portal(...)`); a type that the company made itself offers every link of its own that leads to a type of
partners.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.types import Portal, names

OWN_PLUGIN = "own"
OPERATIONS = ("read", "create", "update", "delete", "export", "print")
"""What can be granted (POR-18). `print` is the portal's own: nothing else asks for it."""
PEOPLE = "core."
"""Members and departments. Fields that lead to them are shown where they are granted, never filled in from outside: nobody there looks
them up, so it would be a control without choices."""


@dataclass(frozen=True, slots=True)
class PartnerType:
    """A type whose records are partners: `contacts` is the type of their people and `link` the way from these to the partner."""

    spec: TypeSpec
    contacts: str
    link: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be given of one type. `links` are the ways to a partner ("" where none is needed); `lines` follow their parent."""

    spec: TypeSpec
    links: tuple[str, ...]
    declared: Portal

    @property
    def shared(self) -> bool:
        """True where the records are for every partner who is given the type at all."""
        return self.declared.shared and not self.links

    @property
    def fields(self) -> tuple[FieldSpec, ...]:
        """All fields that can be shown, in the type's order."""
        return self.spec.fields

    def fillable(self, field: FieldSpec) -> bool:
        """Whether somebody from outside may ever fill the field in."""
        above = self.spec.parent.link if self.spec.parent is not None else ""
        kept = {*self.links, *self.declared.source, above}
        return field.editable and field.key not in kept and not str(field.target).startswith(PEOPLE)


def every_type() -> Mapping[str, TypeSpec]:
    """All types that are on here."""
    return records.types(System("what the portal can offer"))


def partner_types(types: Mapping[str, TypeSpec] | None = None) -> dict[str, PartnerType]:
    """The types whose records are partners, by key."""
    present = every_type() if types is None else types
    found = {}
    for key, spec in present.items():
        declared = spec.declaration.portal
        contacts, _colon, link = (declared.contacts if declared else "").partition(":")
        if contacts in present:
            found[key] = PartnerType(spec, contacts, link)
    return found


def offers(types: Mapping[str, TypeSpec] | None = None) -> dict[str, Offer]:
    """Everything that can be given, by type key, in menu order; lines behind the type that holds them."""
    present = every_type() if types is None else types
    partners = frozenset(partner_types(present))
    found = {key: offer for key, spec in present.items() if (offer := _offer(spec, partners)) is not None}
    lines = {key: within(spec) for key, spec in present.items() if _follows(spec, found)}
    return found | lines


def offer_of(spec: TypeSpec, partners: Iterable[str]) -> Offer | None:
    """What can be given of one type that is no line; None for nothing."""
    return _offer(spec, frozenset(partners))


def within(spec: TypeSpec) -> Offer:
    """What a line offers: it follows its parent, and needs no link of its own."""
    return Offer(spec, (), spec.declaration.portal or Portal())


def _offer(spec: TypeSpec, partners: frozenset[str]) -> Offer | None:
    if spec.parent is not None:
        return None
    declared = spec.declaration.portal
    if spec.plugin == OWN_PLUGIN:
        links = tuple(field.key for field in spec.fields if field.target in partners)
        return Offer(spec, links, Portal()) if links else None
    if declared is None:
        return None
    links = names(declared.links)
    if not (links or declared.shared or spec.key in partners):
        return None
    return Offer(spec, links, declared)


def _follows(spec: TypeSpec, found: Mapping[str, Offer]) -> bool:
    return spec.parent is not None and spec.parent.type in found
