"""Who calls: a token (`Authorization: Bearer kz_…`) or the session of a signed-in member (with CSRF protection)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication

from kezhou.access.actor import MemberActor
from kezhou.access.actors import actor_of, remember_actor
from kezhou.api import throttling, tokens
from kezhou.api.problems import Problem

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ByToken(BaseAuthentication):
    """A token acts with the rights of its member; a read-only one may not write."""

    def authenticate(self, request: Any) -> tuple[MemberActor, Any] | None:
        """The member and the token; None without the header. Raises Problem (401, 403, 429)."""
        scheme, _space, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() not in {"bearer", "token"}:
            raise Problem(401, "token_invalid", _("Authorization 头应写成 Bearer 加令牌。"))
        try:
            actor, token = tokens.opened(secret.strip())
        except tokens.TokenRefused as error:
            throttling.note_wrong_guess(request)
            raise Problem(401, error.code, str(error)) from None
        if token.read_only and request.method not in SAFE:
            raise Problem(403, "token_read_only", _("令牌“%(name)s”只能读，不能改。") % {"name": token.name})
        remember_actor(request._request, actor)
        return actor, token


class BySession(SessionAuthentication):
    """The member signed in by the browser. An ended session is told apart from none, so that a save can go on after it."""

    def authenticate(self, request: Any) -> tuple[MemberActor, Any] | None:
        """The member; None without a session. Raises Problem (401)."""
        actor = actor_of(request._request)
        if actor is None:
            if settings.SESSION_COOKIE_NAME in request.COOKIES:
                raise Problem(401, "session_expired", _("登录已过期。重新登录后再发一次，内容不会丢。"))
            return None
        self.enforce_csrf(request)
        return actor, None
