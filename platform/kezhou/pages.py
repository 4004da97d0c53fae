"""How pages are declared: no page exists without saying who may open it.

`page("r/<str:type_key>/", access=on("read"))` registers a route and wraps the view: the actor is found, the record type is looked
up, the right is tested, and only then does the view run. `routes()` is what the generated access matrix walks. This module
stands outside `kezhou.web` so that other readers of records (the import wizard) declare their pages in the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhou import standing
from kezhou.access.actor import MemberActor
from kezhou.entrances import STAFF, Entrance
from kezhou.records import type_of, types
from kezhou.records.spec import FilterError, NotAllowed, RecordNotFound, TypeSpec, UnknownType
from tenants.context import current
from tenants.states import Need

SIGN_IN = STAFF.sign_in
TENANT = "tenant"
PUBLIC_SITE = "public"
LARGEST_KEY = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Access:
    """Who may open a page: `kind` is public, signed_in, admin, operator or operation (then on the type named in the address)."""

    kind: str
    operation: str = ""


PUBLIC = Access("public")
SIGNED_IN = Access("signed_in")
ADMIN = Access("admin")
OPERATOR = Access("operator")
"""Administrators of the operator's own tenant; in every other company such a page is not there."""


def on(operation: str) -> Access:
    """Access for those who hold `operation` on the record type in the address (`type_key`)."""
    return Access("operation", operation)


class PageRequest(HttpRequest):
    """What a view receives: `actor` is set unless the page is public, `type` where the address names one."""

    actor: MemberActor
    type: TypeSpec
    htmx: Any


View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Route:
    """One declared address; `site` is the tenant's own host or the public site."""

    path: str
    name: str
    access: Access
    methods: tuple[str, ...]
    site: str
    view: View
    needs: Need | None = None
    visitors: bool = False
    entrance: Entrance = STAFF


_routes: dict[tuple[str, str], Route] = {}


def page(
    address: str,
    *,
    access: Access,
    name: str = "",
    methods: tuple[str, ...] = ("GET",),
    site: str = TENANT,
    needs: Need | None = None,
    own_guard: bool = False,
    visitors: bool = False,
    entrance: Entrance = STAFF,
) -> Callable[[View], View]:
    """Declare the view as the page at `address`. Two pages at one address are a programming error.

    `needs` says what the page needs of the company's state (`tenants.states`) when that is not told by the method: a form that
    changes nothing of the company needs `Need.READ`. With `own_guard` the view tests `access` and methods itself, because it answers in a form of its own (the API's JSON).
    `visitors` opens the page for looking to operators whom the company let in (`kezhou.access.visiting`); without it they get 403.
    `entrance` is the door behind which the page lies; its address begins as the door's do.
    """
    if not isinstance(access, Access):
        raise TypeError(
            f"The page {address!r} needs access= PUBLIC, SIGNED_IN, ADMIN, OPERATOR or on(operation), not {access!r}."
        )
    if access.kind == "operation" and "type_key" not in address:
        raise TypeError(f"The page {address!r} asks for {access.operation!r} but its address names no type_key.")

    if not address.startswith(entrance.prefix):
        raise TypeError(
            f"The page {address!r} lies behind the entrance {entrance.key!r}: begin it with {entrance.prefix!r}."
        )

    def declare(view: View) -> View:
        guarded = view if own_guard else _allowing(methods)(_guarded(view, access, needs, visitors, entrance))
        named = name or view.__name__.replace("_", "-")
        route = Route(address, named, access, methods, site, guarded, needs, visitors, entrance)
        known = _routes.get((site, address))
        if known is not None and getattr(known.view, "__wrapped__", known.view).__module__ != view.__module__:
            raise TypeError(f"The address {address!r} is declared twice, by {known.name!r} and {route.name!r}.")
        _routes[(site, address)] = route
        return guarded

    return declare


def _allowing(methods: tuple[str, ...]) -> Callable[[View], View]:
    return require_http_methods([*methods, "HEAD"] if "GET" in methods else [*methods])


def routes(site: str = TENANT) -> tuple[Route, ...]:
    """Every declared page of one site, in order of declaration."""
    return tuple(route for route in _routes.values() if route.site == site)


def urlpatterns(site: str = TENANT) -> list[URLPattern | URLResolver]:
    """The declared pages as Django's URL patterns."""
    return _below([(route.path, route) for route in routes(site)])


def _below(pages: list[tuple[str, Route]]) -> list[URLPattern | URLResolver]:
    """Pages of one beginning (`api/`) under one pattern, so that an address is compared with a dozen patterns, not with all.

    What begins with a parameter stays where it was declared; addresses that begin differently cannot hide each other, so the
    beginnings with most pages (records, the API) are tried first.
    """
    heads = Counter(head for rest, _ in pages if (head := _head(rest)))
    grouped: dict[str, list[tuple[str, Route]]] = {}
    for rest, route in pages:
        head = _head(rest)
        shared = head if heads[head] > 1 else ""
        grouped.setdefault(shared or rest, []).append((rest.removeprefix(shared), route))
    found: list[URLPattern | URLResolver] = []
    places = list(grouped.items())
    if not any(rest.startswith("<") for rest, _ in pages):
        places.sort(key=lambda place: -heads[place[0]])
    for beginning, inside in places:
        if heads[beginning] > 1:
            found.append(path(beginning, include(_below(inside))))
        else:
            found += [path(rest, route.view, name=route.name) for rest, route in inside]
    return found


def _head(rest: str) -> str:
    """The first part of an address with its slash, where it is plain text."""
    head, slash, _more = rest.partition("/")
    return head + slash if slash and "<" not in head else ""


def toast(request: HttpRequest, text: str, *, kind: str = "ok", label: str = "", url: str = "") -> None:
    """Show a line at the foot of the next page: `kind` is ok, no or info; `label` and `url` add one action (撤销)."""
    messages.info(request, text, extra_tags="|".join((kind, label, url)))


def _guarded(view: View, access: Access, needs: Need | None, visitors: bool, entrance: Entrance) -> View:
    @wraps(view)
    def guarded(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if any(isinstance(value, int) and value > LARGEST_KEY for value in kwargs.values()):
            raise Http404(_("没有编号这么大的记录。"))
        entrance.demand_open()
        if access.kind != "public":
            try:
                actor = entrance.actor_of(request) or entrance.visitor_of(request, visitors)
            except NotAllowed as error:
                raise PermissionDenied(str(error)) from error
            if actor is None:
                return entrance.signed_out(request)
            request.actor = actor  # type: ignore[assignment]  # behind other doors views say whom they get
        try:
            standing.demand(_need(request, access, needs), getattr(request, "actor", None))
            _admit(request, access, entrance, kwargs)
            response = view(request, *args, **kwargs)
        except (RecordNotFound, UnknownType) as error:
            raise Http404(str(error)) from error
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        except FilterError as error:
            raise BadRequest(str(error)) from error
        if access.kind != "public":
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return guarded


def _need(request: HttpRequest, access: Access, needs: Need | None) -> Need:
    if needs is None and access.kind == "public":
        return Need.ENTRANCE
    return standing.need_of(request.method) if needs is None else needs


def _admit(request: PageRequest, access: Access, entrance: Entrance, kwargs: dict[str, Any]) -> None:
    if access.kind == "operator" and not (current().is_reserved and request.actor.is_admin):
        raise Http404
    if access.kind == "admin" and not request.actor.is_admin:
        raise NotAllowed(_("这一页只有管理员能打开。"))
    if "type_key" not in kwargs or access.kind == "public":
        return
    request.type = type_of(request.actor, kwargs["type_key"])
    if access.kind == "operation":
        admit(request.type, access.operation, entrance)


def may(actor: MemberActor, type_key: str, operation: str) -> bool:
    """Whether the actor holds the operation on some records of the type (on which, is the query's business)."""
    spec = types(actor).get(type_key)
    return spec is not None and operation in spec.operations


def admit(spec: TypeSpec, operation: str, entrance: Entrance = STAFF) -> None:
    """Refuse with a sentence when the actor, for whom `spec` was cut, lacks the operation on every record."""
    if operation not in spec.operations:
        raise NotAllowed(str(entrance.refusal) % {"type": spec.title})
