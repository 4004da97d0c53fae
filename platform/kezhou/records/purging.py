"""Purging an own field that was hidden (FLD-06): its values go from every record and from the history, as a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.jobs import control as jobs
from kezhou.jobs.registry import JobFailed, JobResult, job
from kezhou.records import custom, dictionaries, storing
from kezhou.records.custom import CustomFieldError
from kezhou.records.models import CustomField
from kezhou.records.retyping import held
from kezhou.records.rows import execute, run
from kezhou.records.sql import Sql, literal

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.jobs.models import Job

PURGE = "records.purge_field"
BATCH = 500


def purge_field(actor: Actor, type: str, key: str, *, expected: int) -> Job:
    """Start the job that deletes every value of a hidden field for good. `expected` is the number that the warning named.

    Raises CustomFieldError when the field is in use, or when the number is another by now.
    """
    dictionaries.demand_admin(actor)
    spec = custom.type_with_fields(actor, type)
    with transaction.atomic():
        row = custom.row_of(spec, key)
        count = held(spec, key)
        if not row.removed:
            raise CustomFieldError(_("请先停用“%(label)s”，再清除它的值。") % {"label": row.label})
        if count != expected:
            raise CustomFieldError(
                _("现在有 %(count)s 条记录填过“%(label)s”，和刚才说的不一样，请再确认一次。")
                % {"count": f"{count:,}", "label": row.label}
            )
        title = _("清除%(type)s“%(label)s”的值") % {"type": spec.title, "label": row.label}
        return jobs.start(actor, PURGE, {"field": row.pk}, title=title)


@job(PURGE, resumable=True, title=gettext_lazy("清除字段的值"))
def run_purge(actor: Actor, work: Job, params: dict[str, Any]) -> JobResult:
    """Batch by batch, each in a transaction of its own: records first, then what the history kept of them."""
    row = CustomField.objects.filter(pk=params["field"], removed=True).first()
    if row is None:
        raise JobFailed(_("这个字段又在用了，没有清除。"))
    spec, key = custom.type_with_fields(actor, row.type), f"c_{row.pk}"
    total = work.total = held(spec, key) + work.done
    work.save(update_fields=["total"])
    while True:
        changed = execute(storing.drop_own(spec, key, limit=BATCH))
        if not changed:
            break
        jobs.progress(work, done=work.done + changed, total=total)
    _purge_history(spec.key, key)
    CustomField.objects.filter(pk=row.pk).update(purged_at=timezone.now(), purged_by=actor.name[:100], purged=total)
    return JobResult(result={"records": total}, message=_("已从 %(count)s 条记录清除。") % {"count": f"{total:,}"})


def _purge_history(type: str, key: str) -> None:
    last = 0
    while True:
        rows = run(
            Sql(
                "WITH part AS (SELECT h.id FROM records_history h WHERE h.type = %s AND h.id > %s ORDER BY h.id "
                f"LIMIT {BATCH * 10}), done AS (UPDATE records_history h SET changes = h.changes - {literal(key)} "
                f"FROM part WHERE h.id = part.id AND h.changes ? {literal(key)}) SELECT max(id) FROM part",
                (type, last),
            )
        )
        if rows[0][0] is None:
            return
        last = rows[0][0]
