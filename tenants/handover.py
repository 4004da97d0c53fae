"""A sign-in that crosses host names: a token from the public site, good once, for 60 seconds, in one tenant."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from tenants.context import control_plane, current
from tenants.models import Handover

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


def redeem(token: str) -> Redeemed | None:
    """What a token stands for in the entered tenant, or None: unknown, used, too old, or of another tenant."""
    schema = current().schema
    with control_plane(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM tenants_handover WHERE token_hash = %s AND schema = %s AND expires_at > now()"
            " RETURNING account, next",
            [_hash(token), schema],
        )
        row = cursor.fetchone()
    return Redeemed(account_pk=row[0], next=row[1]) if row else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
