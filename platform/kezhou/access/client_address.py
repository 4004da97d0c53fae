"""Behind a proxy the visitor's address is what the proxy says, not the proxy's own: limits per address need the right one."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ClientAddress:
    """Puts the visitor's address into REMOTE_ADDR.

    `KEZHOU_PROXIES` says how many proxies of ours stand in front; each adds the address it was asked from at the end of
    `X-Forwarded-For`, so the visitor's is that many from the end. What stands before it came from the visitor and counts for nothing.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        proxies: int = settings.KEZHOU_PROXIES
        named = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if 0 < proxies <= len(named) and _is_address(named[-proxies]):
            request.META["REMOTE_ADDR"] = named[-proxies]
        return self.get_response(request)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
