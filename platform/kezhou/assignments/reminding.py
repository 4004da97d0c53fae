"""What is due today or overdue is told once a day; assignments of records that are gone for good go too."""

from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy, gettext_noop

from kezhou import notify, parameters
from kezhou.access.actor import System
from kezhou.assignments.models import Assignment, State
from kezhou.records.rows import execute
from kezhou.records.sql import Sql
from tenants.tasks import task

MOST = 2_000
LEAD = "assignments.lead_days"
parameters.declare(
    parameters.Parameter(
        key=LEAD,
        group="records",
        title=gettext_lazy("指派提前几天提醒"),
        help=gettext_lazy("到期前这么多天先提醒一次；到期当天和逾期后每天提醒。0 表示到期当天才提醒。"),
        type="number",
        default=0,
        minimum=0,
        maximum=30,
        unit=gettext_lazy("天"),
        words=gettext_lazy("待办 到期 提醒 提前"),
    )
)


@task(name="kezhou.assignments.remind")
def remind() -> int:
    """Remind each receiver of what is due today or overdue, once a day, and once of what soon will be; says of how many."""
    today = timezone.localdate()
    soon = Q(due_on__lte=today + timedelta(days=parameters.whole(LEAD)), reminded_on=None)
    due = Assignment.objects.filter(soon | Q(due_on__lte=today), state=State.OPEN, member__isnull=False)
    rows = list(due.exclude(reminded_on=today).order_by("due_on", "pk")[:MOST])
    actor = System("reminding of assignments")
    told = [
        notify.Telling(
            members=(row.member or 0,),
            sentence=_sentence(row, today), values={"day": f"{row.due_on:%Y-%m-%d}"}, note=row.note, type=row.type, record=row.record,
        )
        for row in rows
    ]  # fmt: skip
    notify.tell_many(actor, told, kind="assignment_due")
    return Assignment.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_on=today)


def _sentence(row: Assignment, today: date) -> str:
    if row.due_on is not None and row.due_on > today:
        return gettext_noop("指派给你的事情 %(day)s 到期")
    return gettext_noop("指派给你的事情今天到期") if row.due_on == today else gettext_noop("指派给你的事情已逾期")


@task(name="kezhou.assignments.delete_with_records")
def delete_with_records() -> int:
    """Delete this tenant's assignments of records that were purged; says how many."""
    return execute(
        Sql(
            "DELETE FROM assignments_assignment a USING records_history h "
            "WHERE h.kind = 'purged' AND h.type = a.type AND h.record = a.record"
        )
    )
