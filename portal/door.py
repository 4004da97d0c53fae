"""The portal's door: its session, who is behind it, and whether it is there at all in this company."""

from __future__ import annotations

import time
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kezhou import records
from kezhou.access import idle
from kezhou.access.actors import actor_for
from kezhou.access.models import Account
from kezhou.entrances import Entrance, register
from kezhou.records.spec import RecordNotFound, UnknownType
from portal import acts
from portal.actions import RIGHT
from portal.actor import PLUGIN, Facts, PortalActor, actor_from, facts_of_account, facts_of_user
from tenants.context import current_or_none

PREFIX = "portal/"
SIGN_IN = "/portal/sign-in"
COOKIE = "kezhou_portal"
SEEN_EVERY = 60

SESSION = "portal"
"""Key in the session: account, version of its sessions and, for a member who looks on, user, member and until when."""
_REQUEST_ATTRIBUTE = "_kezhou_portal_actor"
_ABSENT = object()


def is_open() -> bool:
    """Whether this company has a portal."""
    place = current_or_none()
    return place is not None and PLUGIN in place.plugins


def actor_of(request: HttpRequest) -> PortalActor | None:
    """Who is signed in here, or None; asked of the database once per request."""
    held = getattr(request, _REQUEST_ATTRIBUTE, _ABSENT)
    if held is _ABSENT:
        held = _from_session(request) if is_open() else None
        setattr(request, _REQUEST_ATTRIBUTE, held)
    return held  # type: ignore[return-value]  # an attribute of our own on Django's request


def forget(request: HttpRequest) -> None:
    """Let the next `actor_of` ask again."""
    if hasattr(request, _REQUEST_ATTRIBUTE):
        delattr(request, _REQUEST_ATTRIBUTE)


def begin(request: HttpRequest, account: Account) -> None:
    """A session of this account in this browser; whatever was there before is gone."""
    request.session.flush()
    request.session[SESSION] = {"account": account.pk, "version": account.session_version}
    forget(request)


def keep(request: HttpRequest, account: Account) -> None:
    """Go on with this session after its account ended all others."""
    request.session[SESSION] = {"account": account.pk, "version": account.session_version}
    request.session.cycle_key()
    forget(request)


def begin_preview(request: HttpRequest, *, user: int, member: int, seconds: int) -> None:
    """A session in which a member looks at the portal as this user."""
    request.session.flush()
    request.session[SESSION] = {"user": user, "member": member, "until": int(time.time()) + seconds}
    request.session.set_expiry(seconds)
    forget(request)


def end(request: HttpRequest) -> None:
    """Sign out this browser."""
    request.session.flush()
    forget(request)


def _from_session(request: HttpRequest) -> PortalActor | None:
    held: dict[str, Any] = request.session.get(SESSION) or {}
    if held.get("user"):
        return _previewed(held)
    facts = facts_of_account(int(held.get("account") or 0)) if held else None
    if facts is None or facts.session_version != held.get("version"):
        return None
    actor = actor_from(facts)
    if actor is None or idle.over(request, actor):
        return None
    _note_seen(request, facts)
    return actor


def _previewed(held: dict[str, Any]) -> PortalActor | None:
    if time.time() > int(held.get("until") or 0):
        return None
    facts = facts_of_user(int(held["user"]))
    member = facts and _who_may_look(int(held.get("member") or 0), facts)
    return actor_from(facts, preview=member) if facts is not None and member else None


def _who_may_look(member: int, facts: Facts) -> str:
    """The name of the member, while in office and allowed to manage the accounts of this very contact; "" otherwise."""
    actor = actor_for(member)
    try:
        contact = records.get(actor, facts.contact_type, facts.contact) if actor is not None else None
    except (RecordNotFound, UnknownType):
        return ""
    return actor.name if actor is not None and contact is not None and RIGHT in contact.operations else ""


def _note_seen(request: HttpRequest, facts: Facts) -> None:
    """When the person was here last, written at most once a minute."""
    now = int(time.time())
    if now - int(request.session.get("seen") or 0) >= SEEN_EVERY:
        request.session["seen"] = now
        acts.note_seen(facts.user)


ENTRANCE = register(
    Entrance(
        key="portal",
        prefix=PREFIX,
        sign_in=SIGN_IN,
        actor_of=actor_of,
        is_open=is_open,
        cookie=COOKIE,
        resume="/portal/resume",
        refusal=_("“%(type)s”没有对你开放这一步。需要的话请联系你的服务专员。"),
        error="portal/error.html",
    )
)
