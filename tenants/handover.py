"""A sign-in that crosses host names: a token from the public site, good once, for 60 seconds, in one tenant."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

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
    token = secrets.token_urlsafe(32)
    schema = current().schema
    with control_plane():
        Handover.objects.filter(expires_at__lt=timezone.now()).delete()
        Handover.objects.create(
            token_hash=_hash(token), schema=schema, account=account_pk, next=next, expires_at=timezone.now() + LIFETIME
        )
    return token


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An operator's look into a company: by which consent, and the operator's name."""

    consent_pk: int
    visitor: str


@in_control_plane
def issue_visit(consent_pk: int, *, visitor: str) -> str:
    """A token that lets an operator look into the company of a consent; hand it over in the address of the company's host."""
    token = secrets.token_urlsafe(32)
    consent = Consent.objects.select_related("tenant").get(pk=consent_pk)
    Handover.objects.create(
        token_hash=_hash(token), schema=consent.tenant.schema_name, account=0, next="/", consent=consent,
        visitor=visitor[:120], expires_at=timezone.now() + LIFETIME,
    )  # fmt: skip
    return token


def redeem_visit(token: str) -> Visit | None:
    """What a token of `issue_visit` stands for in the entered tenant, or None."""
    schema = current().schema
    with control_plane(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM tenants_handover WHERE token_hash = %s AND schema = %s AND expires_at > now()"
            " AND consent_id IS NOT NULL RETURNING consent_id, visitor",
            [_hash(token), schema],
        )
        row = cursor.fetchone()
    return Visit(consent_pk=row[0], visitor=row[1]) if row else None


def redeem(token: str) -> Redeemed | None:
    """What a token stands for in the entered tenant, or None: unknown, used, too old, or of another tenant."""
    schema = current().schema
    with control_plane(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM tenants_handover WHERE token_hash = %s AND schema = %s AND expires_at > now()"
            " AND consent_id IS NULL RETURNING account, next",
            [_hash(token), schema],
        )
        row = cursor.fetchone()
    return Redeemed(account_pk=row[0], next=row[1]) if row else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
