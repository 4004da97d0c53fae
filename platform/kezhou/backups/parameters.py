"""What a company may tune about its backups (CFG-06, BAK-01)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kezhou.parameters import Parameter, declare

EVERY = "backups.every"
KEPT = "backups.kept"

declare(
    Parameter(
        key=EVERY,
        group="data",
        title=_("自动备份"),
        help=_("多久自动备份一次公司的数据和文件。备份占服务器的空间，不占套餐的文件空间。"),
        type="choice",
        default="never",
        options=(("never", _("不自动")), ("day", _("每天")), ("week", _("每周")), ("month", _("每月"))),
        words=_("备份 定时 backup"),
    ),
    Parameter(
        key=KEPT,
        group="data",
        title=_("保留几份备份"),
        help=_("做好新的一份以后，更早的备份自动删除。"),
        type="number",
        default=7,
        minimum=1,
        maximum=60,
        unit=_("份"),
        words=_("备份 保留 backup"),
    ),
)
