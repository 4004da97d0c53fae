"""Limits: how often one member may ask, and how often one address may guess tokens.

Calls are counted in the process and handed to the cache in small lots, so that a call costs no round trip; with several processes
the limit is met to within a lot each.
"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from rest_framework.throttling import BaseThrottle

from kezhou.access.actor import MemberActor
from kezhou.api.problems import Problem
from tenants.context import current

WINDOW = 60
LOT = 50
GUESSES = 20
PER_MINUTE = 60_000
"""Calls of one member in a minute, unless KEZHOU_API_RATE says otherwise; meant against runaway programs."""

_counted: dict[tuple[int, int, int], tuple[int, int]] = {}
_LARGEST = 10_000


class PerMember(BaseThrottle):
    """So many calls a minute for one member, by whatever token."""

    def allow_request(self, request: Any, view: Any) -> bool:
        """False when the member has used up this minute."""
        actor = request.user
        return not isinstance(actor, MemberActor) or _spent(actor.member_pk) <= getattr(
            settings, "KEZHOU_API_RATE", PER_MINUTE
        )

    def wait(self) -> float:
        """Seconds to the next minute."""
        return WINDOW - time.time() % WINDOW


def _spent(member: int) -> int:
    """Calls of this member in this minute, those of the present lots of other processes counted in advance."""
    minute = int(time.time() // WINDOW)
    key = (current().pk, member, minute)
    calls, reserved = _counted.get(key, (0, 0))
    if calls % LOT == 0:
        reserved = _add(f"api-calls:{member}:{minute}", LOT)
    if len(_counted) > _LARGEST:
        _counted.clear()
    _counted[key] = (calls + 1, reserved)
    return reserved - LOT + calls % LOT + 1


def _add(name: str, count: int) -> int:
    cache.add(name, 0, timeout=2 * WINDOW)
    return int(cache.incr(name, count))


def note_wrong_guess(request: Any) -> None:
    """Counts a wrong token of this address. Raises Problem (429) when there were too many in this minute."""
    address = request.META.get("REMOTE_ADDR", "")
    if _add(f"api-guesses:{address}:{int(time.time() // WINDOW)}", 1) > GUESSES:
        raise Problem(429, "too_many_requests", _("这个地址试了太多不对的令牌，请过一分钟再试。"))
