"""What every page of the portal shows around its content, and what its views receive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kezhou import records
from kezhou.pages import Access, page
from kezhou.records.spec import NotAllowed, TypeSpec
from kezhou.records.types import names
from portal.actor import PortalActor
from portal.door import ENTRANCE
from portal.look import look

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PHONE = 3
"""Types for which a phone's bar has room beside 首页 and 我的."""
SAFE = frozenset({"GET", "HEAD"})
PREVIEWED = _("这是预览：可以看，不能改。")


class PortalRequest(HttpRequest):
    """What a view of the portal receives: `actor` is set unless the page is public, `type` where the address names one."""

    actor: PortalActor
    type: TypeSpec


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the portal's menu."""

    key: str
    title: StrOrPromise
    icon: str
    url: str


View = Callable[..., HttpResponseBase]


def portal_page(
    address: str, *, access: Access, name: str, methods: tuple[str, ...] = ("GET",), **more: Any
) -> Callable[[View], View]:
    """Declare a page behind the portal's door; whoever only looks on can post nothing to it."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = getattr(request, "actor", None)
            if actor is not None and actor.preview and request.method not in SAFE and name != "portal-sign-out":
                raise NotAllowed(str(PREVIEWED))
            return view(request, *args, **kwargs)

        declared = page(f"portal/{address}", access=access, name=name, methods=methods, entrance=ENTRANCE, **more)
        return declared(guarded)

    return declare


def places(actor: PortalActor) -> tuple[Place, ...]:
    """The types that this partner is given, in the order of the administrator."""
    granted = actor.group.types if actor.group is not None else {}
    found = [
        (granted[key].position, place_of(spec, actor))
        for key, spec in records.types(actor).items()
        if key in granted and not spec.hidden
    ]
    return tuple(place for _position, place in sorted(found, key=lambda pair: pair[0]))


def place_of(spec: TypeSpec, actor: PortalActor) -> Place:
    """The entry of one type; the one record that the partner itself is, is not a list."""
    if spec.key == actor.partner.type and not names(spec.declaration.portal.links if spec.declaration.portal else ""):
        return Place(spec.key, _("我的单位"), spec.icon, reverse("portal-record", args=[spec.key, actor.partner.pk]))
    return Place(spec.key, spec.title, spec.icon, reverse("portal-list", args=[spec.key]))


def shell(request: HttpRequest, active: str = "", **context: Any) -> dict[str, Any]:
    """The context of a page for somebody who is signed in."""
    actor: PortalActor = request.actor  # type: ignore[attr-defined]  # a PortalRequest of a page that is not public
    found = places(actor)
    return {
        "look": look(actor),
        "actor": actor,
        "door": actor.door,
        "places": found,
        "phone_places": found[:PHONE],
        "active": active,
        **context,
    }


def show(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, active: str = "", status: int = 200
) -> HttpResponse:
    """A page of the portal."""
    return render(request, f"portal/{template}.html", shell(request, active) | (context or {}), status=status)


def bare(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page of the door itself, for whoever is not inside."""
    return render(request, f"portal/{template}.html", {"look": look(), **(context or {})}, status=status)
