"""A company lets operators look at its data for some hours, read only, and takes it back when it likes (TEN-05).

Without an open consent there is no way into a company at all. Whether one is open is asked of the database at every request of an
operator (`OPEN_SQL`), so its end cuts at once, in every process.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.company import WrongValue
from tenants.context import control_plane, current, in_control_plane, tenant
from tenants.directory import current_of, note
from tenants.models import Consent, Tenant

Answer = TypeVar("Answer")
MOST_HOURS = 72
OPEN_SQL = """(SELECT c.until FROM public.tenants_consent c JOIN public.tenants_tenant t ON t.id = c.tenant_id
    WHERE c.id = %s AND t.schema_name = current_schema() AND c.ended_at IS NULL AND c.until > clock_timestamp())"""
"""Until when a consent of the entered tenant is open, as a scalar subquery; NULL when it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One consent; `ended_at` is when it was over, by its time or because it was taken back by `ended_by`."""

    pk: int
    reason: str
    given_by: str
    given_at: datetime
    until: datetime
    ended_at: datetime | None
    ended_by: str

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


def give(*, hours: int, reason: str, by: str) -> Given:
    """Let operators look into the entered company from now on.

    Raises:
        WrongValue: a value cannot be taken, or one is open already; nothing is changed.
    """
    _check(hours, reason)
    pk, now = current().pk, timezone.now()
    try:
        with control_plane(), transaction.atomic():
            _end_past(pk, now)
            row = Consent.objects.create(
                tenant_id=pk, reason=reason, given_by=by[:120], until=now + timedelta(hours=hours)
            )
            row.refresh_from_db()
    except IntegrityError as error:
        raise WrongValue("hours", _("现在已有一份授权。要改时间，请先收回它。")) from error
    note(pk, why=_("公司授权运营方查看 %(hours)d 小时：%(reason)s") % {"hours": hours, "reason": reason}, by=by)
    return _given(row, now)


def _check(hours: int, reason: str) -> None:
    if not 1 <= hours <= MOST_HOURS:
        raise WrongValue("hours", _("授权时间要在 1 到 %(most)d 小时之间。") % {"most": MOST_HOURS})
    if not 2 <= len(reason) <= 200 or not reason.isprintable():
        raise WrongValue("reason", _("请写明原因，2 到 200 个字，不能有看不见的字符。"))


def _end_past(pk: int, now: datetime) -> None:
    """Consents whose time is over make room for the next."""
    for row in Consent.objects.filter(tenant_id=pk, ended_at=None, until__lte=now):
        Consent.objects.filter(pk=row.pk).update(ended_at=row.until)


def take_back(*, by: str) -> bool:
    """End the open consent of the entered company at once; False when none was open."""
    pk, now = current().pk, timezone.now()
    with control_plane():
        ended = Consent.objects.filter(tenant_id=pk, ended_at=None, until__gt=now).update(
            ended_at=now, ended_by=by[:120]
        )
    if ended:
        note(pk, why=_("公司收回了给运营方的授权。"), by=by)
    return bool(ended)


def consents(*, count: int = 20) -> tuple[Given, ...]:
    """The consents of the entered company, the latest first."""
    pk, now = current().pk, timezone.now()
    with control_plane():
        return tuple(_given(row, now) for row in Consent.objects.filter(tenant_id=pk).order_by("-pk")[:count])


def in_ops(asked: Callable[[], Answer]) -> Answer | None:
    """What a function answers in the operator's own tenant, asked from inside a company; None when there is none."""
    with control_plane():
        row = Tenant.objects.filter(is_reserved=True).first()
        if row is None:
            return None
        with tenant(current_of(row)):
            return asked()


@in_control_plane
def open_of(tenant_pk: int) -> Given | None:
    """The open consent of a company, for the operator's console."""
    now = timezone.now()
    row = Consent.objects.filter(tenant_id=tenant_pk, ended_at=None, until__gt=now).first()
    return _given(row, now) if row else None


def open_until(consent_pk: int) -> datetime | None:
    """Until when a consent of the entered company is open; None when it is not, or is another company's."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {OPEN_SQL}", [consent_pk])  # a constant
        until: datetime | None = cursor.fetchone()[0]
        return until


def _given(row: Consent, now: datetime) -> Given:
    over = row.ended_at or (row.until if row.until <= now else None)
    return Given(
        pk=row.pk, reason=row.reason, given_by=row.given_by, given_at=row.given_at, until=row.until,
        ended_at=over, ended_by=row.ended_by,
    )  # fmt: skip
