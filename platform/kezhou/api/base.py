"""What every address of the API shares: authentication, JSON, known parameters, problems, and its entry in the route registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.views import APIView

from kezhou import standing
from kezhou.access.actor import MemberActor
from kezhou.api import problems
from kezhou.api.authentication import BySession, ByToken
from kezhou.api.media import AlwaysJSON, JSONParser, JSONRenderer
from kezhou.api.problems import Problem
from kezhou.api.throttling import PerMember
from kezhou.pages import Access, page

ROOT = "api/v1/"


class ApiView(APIView):
    """Base of the API's views. `parameters` are the names that a GET may carry; any other is refused."""

    authentication_classes = (ByToken, BySession)
    permission_classes = ()
    throttle_classes = (PerMember,)
    renderer_classes = (JSONRenderer,)
    parser_classes = (JSONParser,)
    content_negotiation_class = AlwaysJSON
    parameters: ClassVar[frozenset[str]] = frozenset()
    actor: MemberActor

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Nobody unknown goes on, and nobody with a parameter that would be ignored."""
        super().initial(request, *args, **kwargs)
        actor = request.user
        if not isinstance(actor, MemberActor):
            raise Problem(401, "not_signed_in", _("请带上令牌（Authorization: Bearer …）或先登录。"))
        self.actor = actor
        standing.demand(standing.need_of(request.method), actor)
        allowed = self.parameters if request.method in {"GET", "HEAD"} else frozenset()
        unknown = sorted(set(request.query_params) - allowed)
        if unknown:
            known = "、".join(sorted(allowed)) or _("没有")
            raise Problem(400, "unknown_parameter", _("不认识的参数：%(names)s。可用的参数：%(known)s。") % {
                "names": "、".join(unknown), "known": known,
            })  # fmt: skip

    def get_exception_handler(self) -> Callable[[Exception, Mapping[str, Any]], Any]:
        """Problem JSON."""
        return problems.answer

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON object of the request. Raises Problem (400)."""
        data = request.data
        if not isinstance(data, dict):
            raise Problem(400, "bad_json", _("请求内容应是一个 JSON 对象。"))
        return data


def address(path: str, *, access: Access, name: str) -> Callable[[type[ApiView]], type[ApiView]]:
    """Declares a view class at an address below `/api/v1/`."""

    def declare(view: type[ApiView]) -> type[ApiView]:
        methods = tuple(m.upper() for m in view.http_method_names if hasattr(view, m) and m not in {"head", "options"})
        page(ROOT + path, access=access, name=name, methods=methods, own_guard=True)(view.as_view())
        return view

    return declare
