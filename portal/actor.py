"""Who is in front of a page of the portal: somebody of a partner, as of one request.

Two statements: the account with its partner, then partner and contact as they stand now. So whatever ends the way in, a switched-off
plugin, account, person or partner, ends it with the next request (POR-23).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from kezhou.access.policy import Policy
from kezhou.records.catalogue import shaped
from kezhou.records.rows import run
from kezhou.records.spec import TypeSpec
from kezhou.records.sql import Sql, quoted
from portal.grants import GroupGrants, group_for
from portal.offers import PartnerType, partner_types
from portal.policies import Partner, PartnerRights, offer_for, shown
from tenants import directory
from tenants.context import in_transaction
from tenants.directory import VERSION_SQL

PLUGIN = "portal"


@dataclass(frozen=True, slots=True)
class PortalActor:
    """Somebody of a customer or partner. No member: owns nothing here, has no department and no role.

    `preview` names the member who looks at the portal as this person; then nothing can be changed.
    """

    user_pk: int
    account_pk: int
    name: str
    person: str
    kind: str
    contact_type: str
    contact: int
    rights: PartnerRights
    shape_version: int = 0
    preview: str = ""
    via: str = "portal"
    member_pk: None = None
    department_pk: None = None
    roles: tuple[str, ...] = ()
    is_admin: bool = False
    door: str = "/portal"

    @property
    def key(self) -> str:
        return f"portal:{self.user_pk}"

    @property
    def partner(self) -> Partner:
        """The partner whose records these are."""
        return self.rights.partner

    @property
    def doer(self) -> str:
        """Whose act it is when something is printed or taken along: the person's, or of the member who looks on."""
        return self.preview or self.name

    @property
    def group(self) -> GroupGrants | None:
        """What is given to partners of this kind; None where the administrator has said nothing yet."""
        return self.rights.group

    def policy(self, type_key: str) -> Policy:
        return self.rights.policy(type_key)

    def begins(self, type_key: str) -> Mapping[str, Any]:
        return self.rights.begins(type_key)

    def shown(self, type_key: str) -> frozenset[str]:
        """The fields that stand on pages: granted, and not only read so that lists have an order."""
        spec = self.rights.types[type_key]
        return frozenset((spec.title_field, *shown(offer_for(self.rights, spec), self.group)))

    def may_print(self, type_key: str) -> bool:
        """Whether records of this type may be printed (POR-18)."""
        granted = self.rights.granted(type_key)
        return granted is not None and "print" in granted.operations


@dataclass(frozen=True, slots=True)
class Facts:
    """The row of a portal user, with the versions of what rights are made of."""

    user: int
    account: int
    session_version: int
    kind: str
    contact_type: str
    contact: int
    partner_type: str
    partner: int
    shape_version: int
    tenant_version: int


_FACTS = f"""
    SELECT u.id, a.id, a.session_version, u.kind, u.contact_type, u.contact, u.partner_type, u.partner,
           COALESCE((SELECT version FROM records_shape WHERE id = 1), 0), {VERSION_SQL}
      FROM portal_portaluser u JOIN access_account a ON a.id = u.account_id
     WHERE a.kind = 'portal' AND u.enabled
       AND NOT EXISTS (SELECT 1 FROM portal_blockedpartner b WHERE b.type = u.partner_type AND b.partner = u.partner)"""  # noqa: S608  # constants


def facts_of_account(account: int) -> Facts | None:
    """The row of an account that may come in now."""
    return _facts(f"{_FACTS} AND a.is_active AND a.id = %s", account)


def facts_of_user(user: int) -> Facts | None:
    """The row of a portal user, whether or not the account has been taken up yet: for whoever looks at the portal as this one."""
    return _facts(f"{_FACTS} AND u.id = %s", user)


def _facts(statement: str, pk: int) -> Facts | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [pk])
        row = cursor.fetchone()
    return None if row is None else Facts(*row)


def actor_from(facts: Facts, *, preview: str = "") -> PortalActor | None:
    """The actor of a portal user; None when the partner, the contact, or a plugin that they need is gone."""
    if not in_transaction():
        directory.renew(facts.tenant_version)
    types = shaped(_Versioned(facts.shape_version)).types  # type: ignore[arg-type]  # who asks makes no difference there
    partners = partner_types(types)
    found = partners.get(facts.partner_type)
    standing = _standing(types, found, facts) if found is not None else None
    if standing is None:
        return None
    name, partner = standing
    group = group_for(facts.kind, partner.category, shape_version=facts.shape_version)
    rights = PartnerRights(partner, group, types, frozenset(partners), looking=bool(preview))
    return PortalActor(
        user_pk=facts.user,
        account_pk=facts.account,
        name=f"{name}（{partner.title}）"[:120],
        person=name,
        kind=facts.kind,
        contact_type=facts.contact_type,
        contact=facts.contact,
        rights=rights,
        shape_version=facts.shape_version,
        preview=preview,
    )


@dataclass(frozen=True, slots=True)
class _Versioned:
    """Carries the shape version with which the request began, for the cache of types."""

    shape_version: int


def _standing(types: Mapping[str, TypeSpec], found: PartnerType, facts: Facts) -> tuple[str, Partner] | None:
    """The person's name and the partner as they stand now: neither deleted, and the person still one of the partner's."""
    people = types.get(found.contacts)
    if people is None or people.key != facts.contact_type or found.link not in people.by_key:
        return None
    spec, link = found.spec, quoted(str(people.by_key[found.link].column))
    title, name = (quoted(str(each.by_key[each.title_field].column)) for each in (spec, people))
    category = f"COALESCE(p.{quoted(str(spec.by_key[spec.class_field].column))}, '')" if spec.class_field else "''"
    rows = run(
        Sql(
            f"SELECT c.{name}, p.{title}, p.owner_id, p.department_id, {category} FROM {spec.rows} p "  # noqa: S608  # names from models only
            f"JOIN {people.rows} c ON c.{link} = p.id AND c.deleted_at IS NULL "
            "WHERE p.id = %s AND c.id = %s AND p.deleted_at IS NULL",
            (facts.partner, facts.contact),
        )
    )
    if not rows:
        return None
    person, shown, owner, department, category_key = rows[0]
    return person, Partner(spec.key, facts.partner, shown, owner, department, category_key)
