"""What was done in the portal or with its accounts, kept and shown to the company's people (POR-22).

Changes of records stand in their history; here is what leaves none: signing in, a wrong password, a new password, an export, a look by a member.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.models import Act

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_stubs_ext import StrOrPromise

KINDS: Mapping[str, StrOrPromise] = MappingProxyType(
    {
        "opened": _("开通"),
        "invited": _("发送邀请"),
        "accepted": _("接受邀请"),
        "signed_in": _("登录"),
        "signed_out": _("退出"),
        "refused": _("登录被拒绝"),
        "code": _("请求验证码"),
        "password": _("修改密码"),
        "reset": _("重设密码"),
        "profile": _("修改个人资料"),
        "exported": _("导出"),
        "printed": _("打印"),
        "downloaded": _("下载文件"),
        "created": _("新建"),
        "updated": _("修改"),
        "deleted": _("删除"),
        "disabled": _("停用"),
        "enabled": _("启用"),
        "kind": _("更换合作伙伴类别"),
        "preview": _("预览"),
    }
)
SHOWN = 50


def note(kind: str, *, user: int | None, name: str = "", told: str = "", request: HttpRequest | None = None) -> None:
    """Keep one act. `name` is who did it, `told` what it was about."""
    address = str(request.META.get("REMOTE_ADDR", "")) if request is not None else ""
    Act.objects.create(user=user, kind=kind, name=name[:120], told=told[:300], address=address[:64])


def of_user(user: int) -> tuple[Act, ...]:
    """The last acts of one portal user, newest first."""
    return tuple(Act.objects.filter(user=user).order_by("-pk")[:SHOWN])


def note_seen(user: int) -> None:
    """Note that somebody is here now."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE portal_portaluser SET last_seen_at = %s WHERE id = %s", [timezone.now(), user])
