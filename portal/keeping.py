"""What the portal keeps for a while only."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kezhou import parameters
from kezhou.parameters import Parameter, declare
from portal.models import Act, Code
from tenants.tasks import task

ACT_DAYS = "portal.act_days"
declare(
    Parameter(
        key=ACT_DAYS,
        group="access",
        title=_("门户记录保留"),
        help=_("门户里的登录、下载等记录过这么多天自动删除。记录的变更历史不受影响。"),
        type="number",
        default=365,
        minimum=30,
        maximum=3650,
        unit=_("天"),
        words=_("门户 日志 登录 记录"),
    )
)


@task(name="portal.forget_old")
def forget_old() -> None:
    """Delete acts that are older than the company wants, and codes that nobody used."""
    now = timezone.now()
    Act.objects.filter(at__lt=now - timedelta(days=parameters.whole(ACT_DAYS))).delete()
    Code.objects.filter(sent_at__lt=now - timedelta(days=1)).delete()
