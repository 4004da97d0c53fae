"""Companies as operators see them: state, plan, seats, storage, last use, modules, what failed; counts and moments only (TEN-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.lifecycle import Stage, stage
from billing.models import Bill, Subscription
from billing.plans import RUNNING, title_of
from billing.settling import facts_of, free_plan
from billing.terms import days, terms
from tenants.asking import of_each
from tenants.consents import Given, open_of
from tenants.context import in_control_plane
from tenants.models import Tenant, TenantPlugin, TenantStateChange
from tenants.states import EFFECTS

PAGE = 50
ORDERS = {
    "name": ("tenant__name_key", "pk"),
    "new": ("-tenant__created_at", "-pk"),
    "end": ("paid_until", "trial_until", "pk"),
}
SOON = timedelta(days=30)
STOPPED = (Subscription.Hold.SUSPENDED, Subscription.Hold.CLOSED)
USE = """
    SELECT '{schema}',
           (SELECT count(*) FROM "{schema}".access_member WHERE state IN ('active', 'invited') AND deleted_at IS NULL),
           (SELECT COALESCE(sum(size), 0) FROM "{schema}".files_file WHERE purpose IN ('attachment', 'field')),
           (SELECT max(last_login) FROM "{schema}".access_account),
           (SELECT count(*) FROM "{schema}".jobs_job WHERE state = 'failed' AND finished_at > now() - interval '7 days')"""


@dataclass(frozen=True, slots=True)
class Use:
    """What a company uses: members, megabytes, the last sign-in, jobs that failed within a week."""

    seats: int = 0
    megabytes: int = 0
    last_sign_in: datetime | None = None
    failed_jobs: int = 0


BROKEN = Use()
"""Of a company that cannot be counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One company of the list."""

    tenant: Tenant
    subscription: Subscription
    stage: Stage
    use: Use
    seats_limit: int | None
    troubles: tuple[str, ...]

    @property
    def days_left(self) -> int | None:
        """Days to the end; negative when it is over, None without end."""
        return (self.stage.end - timezone.now()).days if self.stage.end else None

    @property
    def overdue_days(self) -> int:
        """Days since the end."""
        return max(0, -(self.days_left or 0))

    @property
    def over_seats(self) -> bool:
        return self.seats_limit is not None and self.use.seats > self.seats_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of companies, how many there are, and the counts of the chips."""

    rows: tuple[Row, ...]
    total: int
    counts: Mapping[str, int]
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One company with its modules, history and bills."""

    row: Row
    modules: tuple[tuple[str, str, str], ...]
    history: Sequence[TenantStateChange]
    bills: Sequence[Bill]
    consent: Given | None = None


@in_control_plane
def listing(*, state: str = "", text: str = "", sort: str = "new", page: int = 1) -> Listing:
    """Companies in a state (or `soon`: ending within a month) whose name or address holds the text."""
    _ensure_rows()
    every = Subscription.objects.filter(tenant__is_reserved=False, tenant__status__in=EFFECTS)
    found = _narrowed(every, state, text)
    counts = _counts(every)
    known = state or "all"
    total = found.count() if text or known not in counts else counts[known]
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = found.select_related("tenant", "plan").order_by(*ORDERS.get(sort, ORDERS["new"]))
    shown = list(rows[(page - 1) * PAGE : page * PAGE])
    return Listing(rows=_rows(shown), total=total, counts=counts, page=page, pages=pages)


def _ensure_rows() -> None:
    """Companies that were there before there were subscriptions begin on the default plan."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_subscription (tenant_id, plan_id) SELECT t.id, p.id FROM tenants_tenant t"
            " JOIN billing_plan p ON p.is_default WHERE NOT t.is_reserved"
            " AND NOT EXISTS (SELECT 1 FROM billing_subscription s WHERE s.tenant_id = t.id) ON CONFLICT DO NOTHING"
        )


def _narrowed(every: QuerySet[Subscription], state: str, text: str) -> QuerySet[Subscription]:
    if state == "soon":
        every = every.filter(_soon())
    elif state == "trouble":
        every = every.filter(_troubled())
    elif state in EFFECTS:
        every = every.filter(tenant__status=state)
    if text:
        every = every.filter(Q(tenant__name__icontains=text) | Q(tenant__slug__icontains=text.lower()))
    return every


def _soon() -> Q:
    now = timezone.now()
    ends = Q(paid_until__range=(now, now + SOON)) | Q(paid_until=None, trial_until__range=(now, now + SOON))
    return Q(tenant__status__in=("trial", "active")) & ends


def _troubled() -> Q:
    failed = TenantPlugin.objects.filter(state=TenantPlugin.State.FAILED).values("tenant")
    still_paid = Q(hold__in=STOPPED, stripe_status__in=RUNNING)
    return ~Q(problem="") | Q(tenant__in=failed) | still_paid


def _counts(every: QuerySet[Subscription]) -> Mapping[str, int]:
    states = {state: Count("pk", filter=Q(tenant__status=state)) for state in EFFECTS}
    return every.aggregate(
        all=Count("pk"), soon=Count("pk", filter=_soon()), trouble=Count("pk", filter=_troubled()), **states
    )


def _rows(shown: Sequence[Subscription]) -> tuple[Row, ...]:
    now, lasting, free = timezone.now(), days(terms()), free_plan() is not None
    used = uses([row.tenant.schema_name for row in shown])
    failed = _failed_plugins([row.tenant_id for row in shown])
    return tuple(
        Row(
            tenant=row.tenant,
            subscription=row,
            stage=stage(facts_of(row, free_after=free), lasting, now),
            use=used.get(row.tenant.schema_name, BROKEN),
            seats_limit=_least(row.seats, row.plan.seats),
            troubles=_troubles(row, used.get(row.tenant.schema_name, BROKEN), failed.get(row.tenant_id, ())),
        )
        for row in shown
    )


def _least(*numbers: int | None) -> int | None:
    known = [number for number in numbers if number is not None]
    return min(known) if known else None


def uses(schemas: Sequence[str]) -> Mapping[str, Use]:
    """What companies use, in one statement over their schemas; one whose tables are not whole is left out. In the control plane."""
    return {
        schema: Use(seats, -(-int(size) // 1_048_576), last, failed)
        for schema, seats, size, last, failed in of_each(USE, schemas)
    }


def _failed_plugins(pks: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for row in TenantPlugin.objects.filter(tenant_id__in=pks, state=TenantPlugin.State.FAILED).order_by("name"):
        found[row.tenant_id] = (*found.get(row.tenant_id, ()), row.name)
    return found


def _troubles(row: Subscription, use: Use, failed: Sequence[str]) -> tuple[str, ...]:
    """What is wrong, in words that name no data of the company."""
    told = [_("模块“%(name)s”没有启用成功") % {"name": title_of(name)} for name in failed]
    if row.problem:
        told.append(_("Stripe：%(what)s") % {"what": row.problem})
    if row.hold in STOPPED and row.stripe_status in RUNNING:
        told.append(_("已停用或注销，Stripe 订阅还在扣款"))
    if use is BROKEN:
        told.append(_("数据表不全，数不出用量：看“运行”里的升级"))
    if use.failed_jobs:
        told.append(_("7 天内 %(count)d 项后台工作失败") % {"count": use.failed_jobs})
    limit = _least(row.seats, row.plan.seats)
    if limit is not None and use.seats > limit:
        told.append(_("席位超 %(count)d 个") % {"count": use.seats - limit})
    return tuple(told)


@in_control_plane
def detail(tenant_pk: int) -> Detail | None:
    """One company; None when there is none."""
    row = (
        Subscription.objects.select_related("tenant", "plan")
        .filter(tenant_id=tenant_pk, tenant__is_reserved=False, tenant__status__in=EFFECTS)
        .first()
    )
    if row is None:
        return None
    plugins = TenantPlugin.objects.filter(tenant_id=tenant_pk).order_by("name")
    return Detail(
        row=_rows([row])[0],
        modules=tuple((title_of(each.name), str(each.get_state_display()), each.error) for each in plugins),
        consent=open_of(tenant_pk),
        history=list(TenantStateChange.objects.filter(tenant_id=tenant_pk).order_by("-pk")[:12]),
        bills=list(
            Bill.objects.filter(tenant_id=tenant_pk).exclude(state=Bill.State.DRAFT).order_by("-made_at", "-pk")[:6]
        ),
    )
