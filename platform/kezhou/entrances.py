"""Entrances: each kind of account has addresses, a sign-in and a session cookie of its own, and no other kind gets in there.

The members' entrance is everything that no other claims. Another one (`portal`) registers a beginning of addresses. Below it the browser's
cookie of that entrance is the session and the members' cookie does not exist, so a session of the one opens nothing of the other
(POR-01).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from kezhou.access import visiting
from kezhou.access.actor import Actor
from kezhou.access.actors import actor_of, remember_actor

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """One door of a company.

    `prefix` begins its addresses ("portal/"), `cookie` names its session cookie ("" for Django's own). `actor_of` tells who is signed in;
    `visitor_of` who looks on without an account, on a page that admits such (True) or does not. `is_open` whether the door is there at all in this company. `resume` signs in and sends a save again. `refusal` is said where a right lacks on a type; `error` is the
    template of its error pages.
    """

    key: str
    prefix: str
    sign_in: str
    actor_of: Callable[[HttpRequest], Actor | None]
    is_open: Callable[[], bool]
    refusal: StrOrPromise
    visitor_of: Callable[[HttpRequest, bool], Actor | None] = lambda request, admitted: None
    cookie: str = ""
    resume: str = "/account/resume"
    error: str = "kezhou/error.html"

    def demand_open(self) -> None:
        """Raise Http404 where the company has no such door."""
        if not self.is_open():
            raise Http404

    def signed_out(self, request: HttpRequest) -> HttpResponse:
        """Nobody is signed in: a page leads to the sign-in, a save keeps everything and asks for the password (BAS-03)."""
        if request.method in {"GET", "HEAD"} and not request.headers.get("HX-Request"):
            return HttpResponseRedirect(f"{self.sign_in}?next={quote(request.get_full_path())}")
        context = {"fields": _posted(request), "entrance": self}
        response = render(request, "kezhou/session_expired.html", context, status=401)
        response["X-Kezhou-Session"] = "expired"
        return response


def _posted(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in {"csrfmiddlewaretoken", "password"}
    ]


STAFF = Entrance(
    key="staff",
    prefix="",
    sign_in="/account/sign-in",
    actor_of=actor_of,
    is_open=lambda: True,
    visitor_of=lambda request, admitted: visiting.actor_of_visit(request, admits=admitted),
    refusal=_("你的角色不能对“%(type)s”做这一步。管理员可以在“角色与权限”里放开。"),
)
_others: dict[str, Entrance] = {}


def register(entrance: Entrance) -> Entrance:
    """Add a door beside the members'. Two at one address are a programming error."""
    if entrance.prefix in _others or not entrance.prefix.endswith("/") or not entrance.cookie:
        raise ValueError(f"The entrance {entrance.key!r} needs a prefix of its own such as 'portal/', and a cookie.")
    _others[entrance.prefix] = entrance
    return entrance


def at(path: str) -> Entrance:
    """The door behind which an address lies."""
    inner = path.removeprefix("/")
    return next((door for prefix, door in _others.items() if inner.startswith(prefix)), STAFF)


def outsiders() -> bool:
    """Whether anybody but the company's own people can come in here."""
    return any(door.is_open() for door in _others.values())


class Sessions(SessionMiddleware):
    """Django's sessions, behind every door with the cookie of that door."""

    def process_request(self, request: HttpRequest) -> None:
        door = at(request.path_info)
        if door.cookie:
            own = request.COOKIES.get(door.cookie)
            others = {name: value for name, value in request.COOKIES.items() if name != settings.SESSION_COOKIE_NAME}
            request.COOKIES = {**others, **({settings.SESSION_COOKIE_NAME: own} if own else {})}
            remember_actor(request, None)
        super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        answered = super().process_response(request, response)
        door = at(request.path_info)
        given = answered.cookies.pop(settings.SESSION_COOKIE_NAME, None) if door.cookie else None
        if given is not None:
            answered.cookies[door.cookie] = given.value
            answered.cookies[door.cookie].update({**given, "path": f"/{door.prefix}"})
        return answered
