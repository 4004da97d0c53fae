"""The policies of a partner: what its group is given, as conditions on the very rows that are its own (POR-18, POR-19).

They are the same small tree as everybody's, so reading, saving, search and files ask them without knowing of portals. All operations
stand on one condition, what may be changed is what may be seen; only what is made need not have been reviewed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kezhou.access.conditions import And, Condition, Everything, Is, Nothing, either, through
from kezhou.access.itself import Among, Itself, OwnLink
from kezhou.access.policy import OPERATIONS, Policy
from kezhou.access.rights import AS_PARENT
from kezhou.records.spec import Level, TypeSpec
from kezhou.records.structure import ParentSpec
from kezhou.records.types import names
from portal.grants import Granted, GroupGrants
from portal.offers import Offer, offer_of, within
from portal.reviewing import reviewed

LEVELS = (Level.HIDE, Level.MASK, Level.READ, Level.EDIT)
ORDERING = ("created_at", "changed_at")
"""Read by everybody, so that lists have an order; shown where they are granted."""
READ_ONLY = frozenset({"read", "export", "print"})


@dataclass(frozen=True, slots=True)
class Partner:
    """The record whose people come in: `owner` and `department` are whose it is in the company."""

    type: str
    pk: int
    title: str
    owner: int | None
    department: int | None
    category: str = ""


@dataclass(frozen=True, slots=True)
class PartnerRights:
    """What one partner may do, compiled when first asked for; `types` are the declared and own types that are on."""

    partner: Partner
    group: GroupGrants | None
    types: Mapping[str, TypeSpec]
    partners: frozenset[str]
    looking: bool = False
    _policies: dict[str, Policy] = field(default_factory=dict, compare=False, repr=False)

    def policy(self, type_key: str) -> Policy:
        """The policy on one type."""
        known = self._policies.get(type_key)
        if known is None:
            known = self._policies[type_key] = self._compile(type_key)
        return known

    def granted(self, type_key: str) -> Granted | None:
        """What the group is given of a type, while it can be given at all."""
        spec = self.types.get(type_key)
        found = self.group.types.get(type_key) if self.group is not None else None
        if spec is None or found is None or offer_of(spec, self.partners) is None:
            return None
        return found

    def begins(self, type_key: str) -> Mapping[str, Any]:
        """What new records hold: whose they are here, whose they are outside, and that they came in by this door."""
        spec, granted = self.types.get(type_key), self.granted(type_key)
        if spec is None or granted is None:
            return {}
        declared = spec.declaration.portal
        found: dict[str, Any] = dict(declared.source) if declared is not None else {}
        found |= {"owner": self.partner.owner, "department": self.partner.department}
        return {**found, granted.link: self.partner.pk} if granted.link else found

    def _compile(self, type_key: str) -> Policy:
        spec, granted = self.types.get(type_key), self.granted(type_key)
        if spec is not None and spec.parent is not None:
            return self._as_parent(spec, spec.parent)
        offer = offer_of(spec, self.partners) if spec is not None else None
        if spec is None or granted is None or offer is None:
            return Policy(type_key, _nothing(spec), default_level=Level.HIDE, beside=False)
        condition = self._condition(offer, granted)
        held = granted.operations & READ_ONLY if self.looking else granted.operations
        waits = reviewed(spec, self.partner.type, self.partner.pk)
        inside = condition if waits is None or isinstance(condition, Nothing) else And((condition, waits))
        conditions = _nothing(spec) | {str(o): inside for o in OPERATIONS if o in held}
        if "create" in held:
            conditions["create"] = condition
        return Policy(type_key, conditions, self._levels(spec, offer), Level.HIDE, beside=False)

    def _condition(self, offer: Offer, granted: Granted) -> Condition:
        own: list[Condition] = []
        if offer.spec.key == self.partner.type:
            own.append(Itself(self.partner.pk))
        if granted.link in offer.links and self._leads_here(offer, granted.link):
            custom = offer.spec.by_key[granted.link].custom
            own.append(OwnLink(granted.link, self.partner.pk) if custom else Is(granted.link, self.partner.pk))
        whole = Everything() if offer.shared else either(*own)
        if not granted.classes or not offer.spec.class_field or isinstance(whole, Nothing):
            return whole
        return And((whole, Among(offer.spec.class_field, granted.classes)))

    def _leads_here(self, offer: Offer, link: str) -> bool:
        field = offer.spec.by_key.get(link)
        return field is not None and field.target == self.partner.type

    def _levels(self, spec: TypeSpec, offer: Offer) -> dict[str, Level]:
        always = dict.fromkeys((spec.title_field, *ORDERING), Level.READ)
        return {**always, **self._capped(offer)}

    def _capped(self, offer: Offer) -> dict[str, Level]:
        """The levels that are given; nothing is filled in that may never be."""
        fillable = {each.key for each in offer.fields if offer.fillable(each)}
        found = shown(offer, self.group).items()
        return {key: level if key in fillable else min(level, Level.READ, key=LEVELS.index) for key, level in found}

    def _as_parent(self, spec: TypeSpec, parent: ParentSpec) -> Policy:
        """Lines follow their parent, with fields of their own."""
        above, rows = self.policy(parent.type), self.types[parent.type].rows if parent.type in self.types else ""
        levels = self._capped(within(spec))
        if not levels:
            return Policy(spec.key, _nothing(spec), default_level=Level.HIDE, beside=False)
        conditions = {
            operation.value: through(parent.link, rows, above.condition_for(AS_PARENT.get(operation, operation)))
            for operation in OPERATIONS
        }
        return Policy(spec.key, conditions, levels, Level.HIDE, beside=False)


def offer_for(rights: PartnerRights, spec: TypeSpec) -> Offer:
    """What a type offers to this partner; a line what it declares."""
    return offer_of(spec, rights.partners) or within(spec)


def shown(offer: Offer, group: GroupGrants | None) -> Mapping[str, Level]:
    """The levels of fields as the administrator says, or as the plugin declares where nobody has said anything of this type."""
    said = group.fields.get(offer.spec.key) if group is not None else None
    if said is not None:
        return {key: level for key, level in said.items() if key in offer.spec.by_key}
    return defaults(offer)


def defaults(offer: Offer) -> Mapping[str, Level]:
    """What is shown and filled in at first: what the plugin declares; of the company's own types all that they hold."""
    if offer.spec.declaration.portal is None and offer.spec.parent is None:
        return {f.key: Level.EDIT if offer.fillable(f) else Level.READ for f in offer.fields if not f.system}
    declared = offer.declared
    found = dict.fromkeys(names(declared.fields), Level.READ)
    return {**found, **dict.fromkeys(names(declared.edits), Level.EDIT)}


def _nothing(spec: TypeSpec | None) -> dict[str, Condition]:
    """No operation at all; a verb is named as well, for one that nobody names follows 改."""
    verbs = tuple(spec.verbs) if spec is not None else ()
    return dict.fromkeys((*(str(operation) for operation in OPERATIONS), *verbs), Nothing())


def own_profile(rights: PartnerRights, contact_type: str, contact: int, fields: tuple[str, ...]) -> PartnerRights:
    """The same rights, and on one's own contact record those fields that everybody keeps for themselves (POR-22)."""
    condition = Itself(contact)
    spec = rights.types[contact_type]
    known = {key: Level.EDIT for key in fields if key in spec.by_key}
    conditions = {**_nothing(spec), "read": condition, "update": condition}
    policy = Policy(contact_type, conditions, {spec.title_field: Level.READ, **known}, Level.HIDE, beside=False)
    return replace(rights, _policies={contact_type: policy})
