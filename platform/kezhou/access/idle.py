"""Automatic logout: a session in which nothing was done for as long as the company allows is over (CFG-06).

The moment of the last deed stands in the session and is noted at most once a minute. Requests that a page makes by itself
(header `X-Kezhou-Background`) are no deed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils import timezone

from kezhou import parameters
from kezhou.access.parameters import IDLE

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

SEEN = "kezhou_seen"
BACKGROUND = "X-Kezhou-Background"
NOTED_EVERY = 60


def over(request: HttpRequest, actor: Actor) -> bool:
    """Whether this session has been idle too long; then it is ended. Otherwise the deed is noted."""
    allowed = parameters.whole(IDLE, actor) * 60
    if not allowed:
        return False
    now = int(timezone.now().timestamp())
    seen = int(request.session.get(SEEN, now))
    if now - seen > allowed:
        request.session.flush()
        return True
    if BACKGROUND not in request.headers and (SEEN not in request.session or now - seen >= NOTED_EVERY):
        request.session[SEEN] = now
    return False
