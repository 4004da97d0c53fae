"""The plan: what it allows, what is used, and which others there are (BIL-06). Payment comes with its own module."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.plans import plans, present_plan
from kezhou.access.entitlements import UPGRADE_URL, entitled
from kezhou.pages import ADMIN, PageRequest, page
from kezhou.web.settings import menu
from kezhou.web.settings.shell import shell

menu.register(
    menu.Entry(
        "plan",
        gettext_lazy("套餐"),
        gettext_lazy("席位、字段、空间用了多少，怎样升级"),
        icon="credit-card",
        url=UPGRADE_URL,
        group="services",
        order=50,
        words=gettext_lazy("席位 升级 价格 限额"),
    )
)


@dataclass(frozen=True, slots=True)
class Line:
    """One limit: how much is used of how much; `limit` None is without limit."""

    title: str
    about: str
    used: int
    limit: int | None

    @property
    def full(self) -> bool:
        """Nothing left."""
        return self.limit is not None and self.used >= self.limit


@page("settings/plan", access=ADMIN, name="plan")
def show(request: PageRequest) -> HttpResponse:
    """Use against limits."""
    seats, fields, own, storage = (entitled(key, 0) for key in ("seats", "fields", "own_types", "storage"))
    lines = (
        Line(_("席位"), _("在职和已邀请的成员各占一个，未邀请的不占"), seats.used or 0, seats.limit),
        Line(_("自己的字段"), _("用得最多的一种记录"), fields.used or 0, fields.limit),
        Line(_("自定义对象"), _("自己建的记录类型，停用的不算"), own.used or 0, own.limit),
        Line(_("文件空间（MB）"), _("记录上的文件，回收站里的也算"), storage.used or 0, storage.limit),
    )
    context = shell("plan", _("套餐")) | {"lines": lines, "present": present_plan(), "plans": plans()}
    return render(request, "billing/plan.html", context)
