"""Errors as problem JSON (RFC 9457): a sentence for people, a code for programs, sentences by field."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from kezhou.records.spec import FilterError, NotAllowed, RecordError, RecordNotFound, UnknownType
from kezhou.standing import Standstill
from tenants.files import StoreAway

log = logging.getLogger("kezhou.api")

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """Ends a request with this problem. `more` are further members, such as `errors` or `conflict`."""

    def __init__(self, status: int, code: str, detail: str, **more: Any) -> None:
        self.status = status
        self.code = code
        self.detail = detail
        self.more = more
        super().__init__(detail)


def response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as an answer."""
    body = {
        "type": f"urn:kezhou:{problem.code}",
        "title": problem.detail,
        "status": problem.status,
        "code": problem.code,
    }
    if problem.status == 401:
        headers = {"WWW-Authenticate": "Bearer", **(headers or {})}
    return Response({**body, **problem.more}, status=problem.status, headers=headers, content_type=MEDIA_TYPE)


def answer(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler: every error of the API is a problem."""
    problem = _problem(error)
    headers = {}
    if isinstance(error, exceptions.Throttled) and (wait := getattr(error, "wait", None)):
        headers["Retry-After"] = str(int(wait) + 1)
    view = context.get("view")
    if isinstance(error, exceptions.MethodNotAllowed) and view is not None:
        headers["Allow"] = ", ".join(view.allowed_methods)
    return response(problem, headers)


def _problem(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case RecordNotFound() | UnknownType():
            return Problem(404, "not_found", str(error))
        case Http404():
            return Problem(404, "not_found", _("没有这个地址。"))
        case FilterError():
            return Problem(400, "bad_request", str(error))
        case Standstill():
            return Problem(402, f"company_{error.state}", str(error))
        case NotAllowed():
            return Problem(403, "not_allowed", str(error))
        case StoreAway():
            return Problem(503, "away", _("文件存储现在没有响应，请过一会儿再试。"))
        case RecordError():
            return Problem(400, "invalid", str(error))
        case _:
            return _of_framework(error)


def _of_framework(error: Exception) -> Problem:
    match error:
        case exceptions.MethodNotAllowed():
            return Problem(405, "method_not_allowed", _("这个地址不支持这种请求方法。"))
        case exceptions.Throttled():
            return Problem(429, "too_many_requests", _("请求太多了，请稍后再试。"))
        case exceptions.UnsupportedMediaType():
            return Problem(415, "unsupported_media_type", _("请求内容应是 JSON（Content-Type: application/json）。"))
        case exceptions.PermissionDenied() | DjangoPermissionDenied():
            return Problem(403, "csrf_failed", _("缺少或不对的 CSRF 令牌：用会话调用时请带 X-CSRFToken 头。"))
        case RequestDataTooBig():
            return Problem(413, "too_large", _("请求内容太大，请分批发送。"))
        case _:
            code = secrets.token_hex(4)
            log.exception("the API failed, code %s", code, exc_info=error)
            return Problem(
                500, "broken", _("服务出错了，没有保存。请把代码 %(code)s 告诉管理员。") % {"code": code}, trace=code
            )
