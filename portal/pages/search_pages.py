"""Search behind this door: the same search under the partner's own policies; nothing else is found, counted or suggested (POR-20)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou.finding import Hit, SearchRequest, SearchResult, find
from kezhou.pages import SIGNED_IN
from kezhou.records import types
from kezhou.records.spec import FilterError
from portal.pages.shell import PortalRequest, portal_page, show

SIZE = 20


@dataclass(frozen=True, slots=True)
class Found:
    """One hit as the page shows it."""

    hit: Hit
    url: str
    icon: str


@portal_page("search", access=SIGNED_IN, name="portal-search")
def search(request: PortalRequest) -> HttpResponse:
    """Records of the partner in which the words stand."""
    text = request.GET.get("q", "").replace("\x00", "").strip()
    number = request.GET.get("page", "1")
    present, group = types(request.actor), request.actor.group
    kinds = tuple(key for key in (group.types if group is not None else ()) if key in present)
    result = _found(request, text, kinds, number) if text and kinds else None
    lines = [
        Found(hit, reverse("portal-record", args=[hit.type, hit.pk]), present[hit.type].icon)
        for hit in (result.hits if result else ())
        if hit.type in present
    ]
    context = {"q": text, "result": result, "lines": lines, "pages": _around(result, text)}
    return show(request, "search", context, active="search")


def _found(request: PortalRequest, text: str, kinds: tuple[str, ...], number: str) -> SearchResult:
    try:
        wanted = SearchRequest(
            text, kinds=kinds, page=int(number) if number.isdecimal() else 1, size=SIZE, facets=False
        )
    except ValueError as error:
        raise FilterError(str(error)) from error
    return find(request.actor, wanted)


def _around(result: SearchResult | None, text: str) -> dict[str, str]:
    """Addresses of the page before and after."""
    if result is None:
        return {}

    def to(number: int) -> str:
        return f"?{urlencode({'q': text, 'page': number})}"

    return {
        "previous_url": to(result.page - 1) if result.page > 1 else "",
        "next_url": to(result.page + 1) if result.page < result.pages else "",
        "summary": _("共 %(n)d 条") % {"n": result.total},
    }
