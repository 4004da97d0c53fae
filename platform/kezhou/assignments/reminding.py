"""What is due today or overdue is told once a day; assignments of records that are gone for good go too."""

from django.utils import timezone
from django.utils.translation import gettext_noop

from kezhou import notify
from kezhou.access.actor import System
from kezhou.assignments.models import Assignment, State
from kezhou.records.rows import execute
from kezhou.records.sql import Sql
from tenants.tasks import task

MOST = 2_000


@task(name="kezhou.assignments.remind")
def remind() -> int:
    """Remind each receiver of what is due today or overdue, once a day; says of how many."""
    today = timezone.localdate()
    due = Assignment.objects.filter(state=State.OPEN, due_on__lte=today, member__isnull=False)
    rows = list(due.exclude(reminded_on=today).order_by("due_on", "pk")[:MOST])
    actor = System("reminding of assignments")
    told = [
        notify.Telling(
            members=(row.member or 0,),
            sentence=gettext_noop("指派给你的事情今天到期") if row.due_on == today else gettext_noop("指派给你的事情已逾期"),
            note=row.note, type=row.type, record=row.record,
        )
        for row in rows
    ]  # fmt: skip
    notify.tell_many(actor, told, kind="assignment_due")
    return Assignment.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_on=today)


@task(name="kezhou.assignments.delete_with_records")
def delete_with_records() -> int:
    """Delete this tenant's assignments of records that were purged; says how many."""
    return execute(
        Sql(
            "DELETE FROM assignments_assignment a USING records_history h "
            "WHERE h.kind = 'purged' AND h.type = a.type AND h.record = a.record"
        )
    )
