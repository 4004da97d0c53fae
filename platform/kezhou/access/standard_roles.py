"""The roles that every company begins with, handed out through the same hook as a plugin's.

Plugins add their own types to 主管, 销售 and 客服 by their `roles` hook; 管理员 may everything, 只读 may read everything.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from kezhou.sdk.hooks import Grant, RoleSeed

ADMIN = "admin"
SALES = "sales"
SERVICE = "service"
MANAGER = "manager"
READER = "reader"

COLLEAGUES = (
    Grant("core.member", operations="read", scope="all"),
    Grant("core.department", operations="read", scope="all"),
)
EVERYTHING = Grant("*", operations="read create update delete import export", scope="all")
READING = Grant("*", operations="read", scope="all")

STANDARD_ROLES = (
    RoleSeed(ADMIN, _("管理员"), (EVERYTHING,)),
    RoleSeed(MANAGER, _("主管"), COLLEAGUES, start="/team"),
    RoleSeed(SALES, _("销售"), COLLEAGUES),
    RoleSeed(SERVICE, _("客服"), COLLEAGUES),
    RoleSeed(READER, _("只读"), (READING,)),
)
