"""A sign-in that crosses host names: a token from the public site, good once, for 60 seconds, in one tenant."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from tenants.context import control_plane, current, in_control_plane
from tenants.models import Consent, Handover

LIFETIME = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """Whom to sign in, and the path to go on to."""

    account_pk: int
    next: str


def issue(account_pk: int, *, next: str = "/") -> str:
    """A token that signs the account of the entered tenant in; hand it over in the address of the tenant's host.

    Raises:
        ValueError: ``next`` leads to another site.
    """
    if not next.startswith("/") or not url_has_allowed_host_and_scheme(next, allowed_hosts=None):
        raise ValueError(f"A sign-in cannot go on to {next!r}: give a path of the tenant's own pages.")
    schema = current().schema
    with control_plane():
        return _noted(schema=schema, account=account_pk, next=next)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An operator's look into a company: by which consent, who it is (a member of `ops`), and the name."""

    consent_pk: int
    operator: int
    visitor: str


@in_control_plane
def issue_visit(consent_pk: int, *, operator: int, visitor: str) -> str:
    """A token that lets an operator look into the company of a consent; hand it over in the address of the company's host."""
    consent = Consent.objects.select_related("tenant").get(pk=consent_pk)
    return _noted(schema=consent.tenant.schema_name, account=operator, next="/", consent=consent, visitor=visitor[:120])


def redeem_visit(token: str) -> Visit | None:
    """What a token of `issue_visit` stands for in the entered tenant, or None."""
    row = _redeemed(token, is_visit=True)
    return Visit(consent_pk=row[2], operator=row[0], visitor=row[3]) if row else None


def redeem(token: str) -> Redeemed | None:
    """What a token stands for in the entered tenant, or None: unknown, used, too old, or of another tenant."""
    row = _redeemed(token, is_visit=False)
    return Redeemed(account_pk=row[0], next=row[1]) if row else None


def _noted(**facts: Any) -> str:
    """A new token that stands for these facts; those that are dead go."""
    token = secrets.token_urlsafe(32)
    Handover.objects.filter(expires_at__lt=timezone.now()).delete()
    Handover.objects.create(token_hash=_hash(token), expires_at=timezone.now() + LIFETIME, **facts)
    return token


def _redeemed(token: str, *, is_visit: bool) -> tuple[Any, ...] | None:
    """Account, next, consent and visitor of a token of the entered tenant, which is used up by that."""
    schema = current().schema
    with control_plane(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM tenants_handover WHERE token_hash = %s AND schema = %s AND expires_at > now()"
            " AND (consent_id IS NOT NULL) = %s RETURNING account, next, consent_id, visitor",
            [_hash(token), schema, is_visit],
        )
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
