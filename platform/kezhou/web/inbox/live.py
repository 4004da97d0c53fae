"""The one place where an open page asks what is new (UIX-11): the bell's count, the rows of a list, the record on view."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from kezhou import notify, records
from kezhou.pages import admit
from kezhou.records.spec import FilterError, RecordNotFound
from kezhou.web.pages import SIGNED_IN, PageRequest, page
from kezhou.web.records import freshness, stream_pages
from tenants.states import Need


@page("live", access=SIGNED_IN, name="live", methods=("POST",), needs=Need.READ)
def live(request: PageRequest) -> HttpResponse:
    """At most one statement for each part that the page shows. Writes nothing; a post because of its length."""
    answer: dict[str, Any] = {"unread": notify.unread_count(request.actor)}
    if request.POST.get("list"):
        answer["list"] = _list(request)
    if request.POST.get("record"):
        answer["record"] = _record(request)
    return JsonResponse(answer)


def _list(request: PageRequest) -> dict[str, Any]:
    type_key, _mark, query = request.POST["list"].partition("?")
    spec = records.type_of(request.actor, type_key)
    admit(spec, "read")
    asked = QueryDict(query)
    return freshness.freshness(request.actor, spec, asked, request.POST.get("rows", ""), request.POST.get("since", ""))


def _record(request: PageRequest) -> dict[str, Any]:
    """The line for the head of the record, empty when there is nothing new; `gone` when it may not be seen any more."""
    type_key, _mark, number = request.POST["record"].partition(":")
    spec = records.type_of(request.actor, type_key)
    admit(spec, "read")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise FilterError(_("“%(value)s”不是记录的编号。") % {"value": number[:20]})
    try:
        news = stream_pages.news(
            request.actor, spec, int(number), request.POST.get("version", ""), request.POST.get("seen", "")
        )
    except RecordNotFound:
        return {"gone": True, "line": ""}
    context = {"news": news, "spec": spec, "pk": int(number), "editing": "editing" in request.POST}
    return {"gone": False, "line": render_to_string("kezhou/records/news.html", context, request) if news else ""}
