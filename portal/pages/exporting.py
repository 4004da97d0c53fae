"""Taking one's own records along as a workbook, where that is given (POR-18)."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any

from django.http import FileResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.exchange.paging import exported, pages
from kezhou.exchange.sheets import write_workbook
from kezhou.pages import on
from kezhou.records import ListRequest, fields_for
from kezhou.records.spec import FieldSpec, NotAllowed, Purpose
from portal import acts
from portal.pages.shell import PREVIEWED, PortalRequest, portal_page

SIZE, MOST, IN_MEMORY = 500, 10_000, 2_000_000
MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@portal_page("r/<str:type_key>/export", access=on("export"), name="portal-export")
def export(request: PortalRequest, type_key: str) -> HttpResponseBase:
    """What the list shows, with every field that is given, at most 10,000 rows."""
    if request.actor.preview:
        raise NotAllowed(str(PREVIEWED))
    shown = request.actor.shown(type_key)
    fields = tuple(field for field in fields_for(type_key, request.actor, Purpose.EXPORT) if field.key in shown)
    target = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed by the response
    write_workbook(target, [(str(request.type.title), _rows(request, fields))])
    target.seek(0)
    told = str(request.type.title)
    acts.note("exported", user=request.actor.user_pk, name=request.actor.name, told=told, request=request)
    name = _("%(type)s %(day)s.xlsx") % {"type": request.type.title, "day": timezone.localdate().isoformat()}
    return FileResponse(target, as_attachment=True, filename=name, content_type=MEDIA)


def _rows(request: PortalRequest, fields: tuple[FieldSpec, ...]) -> Iterator[list[Any]]:
    yield [str(field.label) for field in fields]
    asked = ListRequest(
        columns=tuple(field.key for field in fields), q=request.GET.get("q", "")[:200], size=SIZE, sums=False
    )
    left = MOST
    for page in pages(request.actor, request.type, asked):
        for row in page.rows[:left]:
            yield [exported(field, value, page.fmt) for field, value in zip(page.columns, row.values, strict=True)]
        left -= len(page.rows)
        if left <= 0:
            return
