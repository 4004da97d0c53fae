"""How this installation does business: trial, days of grace, who is paid. One row, made when first asked for."""

from __future__ import annotations

from billing.lifecycle import Days
from billing.models import Terms
from tenants.context import in_control_plane

REMIND_DAYS = (30, 7, 1)
"""How many days before the end the administrators are told (BIL-02)."""


@in_control_plane
def terms() -> Terms:
    """The terms in force."""
    return Terms.objects.get_or_create(pk=1)[0]


def days(row: Terms) -> Days:
    """How long each step of non-payment lasts here."""
    return Days(grace=row.grace_days, read_only=row.read_only_days, kept=row.kept_days)
