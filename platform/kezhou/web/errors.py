"""What a person sees when a page cannot be shown: what happened, what was kept, what to do, and a code to quote."""

from __future__ import annotations

import logging
import secrets
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.utils.translation import gettext_lazy as _

from kezhou import entrances
from kezhou.standing import Standstill
from tenants.context import current_or_none
from tenants.files import StoreAway

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

log = logging.getLogger("kezhou.web")


@dataclass(frozen=True, slots=True)
class Trouble:
    """The wording of one kind of refusal."""

    status: int
    title: StrOrPromise
    text: StrOrPromise
    icon: str
    tone: str = "gry"
    url: str = ""


MISSING = Trouble(
    404, _("这里没有内容"), _("地址写错了，或者这条记录不在了、不归你看。填到一半的内容不受影响。"), "map-off"
)
REFUSED = Trouble(
    403, _("你没有这一步的权限"), _("你的角色不包含这一步。管理员可以在“角色与权限”里放开。"), "lock", "amb"
)
WRONG = Trouble(
    400, _("这个地址里有看不懂的条件"), _("筛选、排序或列里写了不存在的名字。回到列表重新选即可。"), "filter-off"
)
BROKEN = Trouble(500, _("这一页出错了"), _("不是你的操作问题。已经保存的内容都在，没保存的还在上一页。"), "tool", "rd1")
AWAY = Trouble(
    503,
    _("文件存储没有响应"),
    _("文件都在，现在取不到。过一会儿刷新这一页，一直这样请联系管理员。"),
    "cloud-off",
    "amb",
)
STALE = Trouble(
    403, _("这一页开得太久了"), _("为了安全，表单要重新打开再提交。返回上一页，写的内容还在。"), "refresh", "amb"
)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, MISSING, _sentence(exception))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    cause = exception.__cause__ if exception is not None else None
    if isinstance(cause, Standstill):
        return stopped(request, cause)
    return answer(request, REFUSED, _sentence(exception))


def stopped(request: HttpRequest, cause: Standstill) -> HttpResponse:
    """The company's state forbids it: which state, what is kept, and for administrators the way to pay."""
    wait = cause.state == "pending"
    trouble = Trouble(402, cause.title, str(cause), "hourglass" if wait else "player-pause", "amb" if wait else "rd1")
    return answer(request, replace(trouble, url=cause.url), str(cause), framed=cause.state == "overdue")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, WRONG, _sentence(exception))


def broken(request: HttpRequest) -> HttpResponse:
    return answer(request, AWAY if isinstance(sys.exception(), StoreAway) else BROKEN, "")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form without its token (an old page, cookies off)."""
    return answer(request, STALE, "")


def answer(request: HttpRequest, trouble: Trouble, sentence: str, *, framed: bool = True) -> HttpResponse:
    """The error inside the frame for those signed in, on a bare page for others; a plain line if even that fails."""
    code = f"KZ-{trouble.status}-{secrets.token_hex(2).upper()}"
    log.info("%s %s %s: %s", code, request.method, request.path, sentence or trouble.title)
    context = {
        "trouble": trouble,
        "sentence": sentence or trouble.text,
        "code": code,
        "crumbs": ({"title": trouble.title},),
    }
    try:
        door = entrances.at(request.path_info)
        inside = framed and current_or_none() is not None and door.actor_of(request) is not None
        name = door.error if inside else "kezhou/error_bare.html"
        context["first_url"] = f"/{door.prefix}"
        response = render(request, name, context, status=trouble.status)
    except (TemplateDoesNotExist, TemplateSyntaxError):
        raise
    except Exception:
        log.exception("The error page failed for %s", code)
        return HttpResponse(f"{trouble.title} {code}", status=trouble.status, content_type="text/plain; charset=utf-8")
    if sentence:
        response["X-Kezhou-Message"] = quote(sentence)
    return response


def _sentence(exception: Exception | None) -> str:
    """Our own refusals are full sentences; Django's are not meant for people."""
    cause = exception.__cause__ if exception is not None else None
    return str(cause) if cause is not None and type(cause).__module__.startswith(("kezhou", "tenants")) else ""
