"""The recycle bin empties itself when the company wants that: records deleted longer ago are removed for good (BAS-04, CFG-06)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kezhou import parameters
from kezhou.access.actor import System
from kezhou.records.catalogue import shaped
from kezhou.records.deleting import purge
from kezhou.records.listing import ListRequest, pks
from kezhou.records.spec import TypeSpec
from tenants.context import current
from tenants.states import Need

DAYS = "records.recycle_days"
BATCH = 500
parameters.declare(
    parameters.Parameter(
        key=DAYS,
        group="records",
        title=_("回收站保留"),
        help=_("删除满这么多天的记录自动彻底删除，不能再恢复；0 表示一直保留。还有别的记录指向的会留着。"),
        type="number",
        default=0,
        minimum=0,
        maximum=3650,
        unit=_("天"),
        words=_("自动清空 删除 清理"),
    )
)


def wanted() -> bool:
    """True when the bin of the present tenant empties itself: not while the company may not change anything."""
    return current().effect.allows(Need.WRITE) and parameters.whole(DAYS) > 0


def empty_old(now: datetime | None = None) -> int:
    """Remove what lies in the bin for longer than the company keeps it; answers how many records went.

    Whatever still refers to a record keeps it; so it goes round until a round removes nothing.
    """
    days = parameters.whole(DAYS)
    if not days:
        return 0
    actor = System("the recycle bin empties itself")
    before = (now or timezone.now()) - timedelta(days=days)
    total = 0
    while gone := sum(_empty(actor, spec, before) for spec in shaped(actor).types.values()):
        total += gone
    return total


def _empty(actor: System, spec: TypeSpec, before: datetime) -> int:
    old = ListRequest(deleted=True, filter=["changed_at", "lt", before.isoformat()], sums=False)
    found, gone = pks(actor, spec, old), 0
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        done = purge(actor, spec, batch, source="system")
        gone += len(batch) if done.ok else sum(purge(actor, spec, [pk], source="system").ok for pk in batch)
    return gone
