"""What a company may tune about signing in (CFG-06)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kezhou.parameters import Parameter, declare

IDLE = "access.idle_minutes"
INVITATION = "access.invitation_days"
LOCKED = "access.locked_minutes"
PASSWORD = "access.password_length"  # noqa: S105  # the name of a parameter
REMEMBER = "access.remember_days"
TRIES = "access.tries"

declare(
    Parameter(
        key=IDLE,
        group="access",
        title=_("自动退出登录"),
        help=_("多久没有操作就要重新登录；0 表示不自动退出。写了一半的内容会留着。"),
        type="number",
        default=0,
        minimum=0,
        maximum=1440,
        unit=_("分钟"),
        words=_("超时 会话 退出 session"),
    ),
    Parameter(
        key=REMEMBER,
        group="access",
        title=_("免登录天数"),
        help=_("登录时勾选“免登录”的电脑，过这么多天要重新登录。已经登录的不受影响。"),
        type="number",
        default=7,
        minimum=1,
        maximum=90,
        unit=_("天"),
        words=_("记住 登录 会话"),
    ),
    Parameter(
        key=TRIES,
        group="access",
        title=_("密码可以错几次"),
        help=_("连续输错这么多次密码，这个账号就锁定一会儿。"),
        type="number",
        default=5,
        minimum=3,
        maximum=20,
        unit=_("次"),
        words=_("锁定 登录 错误"),
    ),
    Parameter(
        key=LOCKED,
        group="access",
        title=_("锁定多久"),
        help=_("输错太多次以后，要等多久才能再试。"),
        type="number",
        default=15,
        minimum=5,
        maximum=1440,
        unit=_("分钟"),
        words=_("锁定 登录"),
    ),
    Parameter(
        key=PASSWORD,
        group="access",
        title=_("密码最短几位"),
        help=_("对新设的密码有效，已有的密码不用改。"),
        type="number",
        default=8,
        minimum=8,
        maximum=32,
        unit=_("位"),
        words=_("密码 长度 强度"),
    ),
    Parameter(
        key=INVITATION,
        group="access",
        title=_("邀请有效期"),
        help=_("同事收到的邀请链接在这么多天内可以用。已经发出的不变。"),
        type="number",
        default=7,
        minimum=1,
        maximum=60,
        unit=_("天"),
        words=_("邀请 链接 过期"),
    ),
)
