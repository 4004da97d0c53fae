"""What changed in a list since it was shown (UIX-11): asked by the page every few seconds."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from kezhou.records.freshness import fresh
from kezhou.records.spec import FilterError
from kezhou.web.pages import PageRequest, on, page
from kezhou.web.records.looking import look

MOST = 500


@page("r/<str:type_key>/fresh", access=on("read"), name="record-fresh", methods=("POST",))
def freshness(request: PageRequest, type_key: str) -> HttpResponse:
    """`rows` are the shown ones as key:version, `since` is when the page was made. Writes nothing; a post because of its length."""
    here = look(request.actor, request.type, request.GET)
    found = fresh(
        request.actor,
        request.type,
        here.asked,
        _rows(request.POST.get("rows", "")),
        _since(request.POST.get("since", "")),
    )
    return JsonResponse(
        {
            "changed": [{"pk": row.pk, "by": row.by} for row in found.changed],
            "gone": list(found.gone),
            "new": found.new,
            "count": found.count,
        }
    )


def _rows(text: str) -> dict[int, int]:
    rows: dict[int, int] = {}
    for part in filter(None, text.split(",")[:MOST]):
        pk, _colon, version = part.partition(":")
        if not (pk.isascii() and pk.isdecimal() and version.isascii() and version.isdecimal()) or len(part) > 30:
            raise FilterError(_("列表的行应写成 编号:版本，收到的是“%(value)s”。") % {"value": part[:20]})
        if int(pk) < 2**63 and int(version) < 2**31:
            rows[int(pk)] = int(version)
    return rows


def _since(text: str) -> datetime:
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        since = datetime.min
    if since.tzinfo is None or since.year < 2000:
        raise FilterError(_("“%(value)s”不是带时区的时刻。") % {"value": text[:40]})
    return since
