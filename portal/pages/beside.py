"""What forms and records of the portal ask beside: look-ups, places, notes, files. The company's own answers, behind this door."""

from __future__ import annotations

from inspect import unwrap

from django.http import Http404, HttpResponseBase, HttpResponseRedirect

from kezhou.files import attachments
from kezhou.files.pages import held, upload
from kezhou.files.serving import response_of
from kezhou.pages import SIGNED_IN, on
from kezhou.web.records.field_pages import spelling
from kezhou.web.records.lookup_pages import suggest
from kezhou.web.records.note_pages import note
from kezhou.web.records.region_pages import below
from kezhou.web.records.rule_pages import states
from portal import acts
from portal.pages.shell import PortalRequest, portal_page
from tenants.states import Need

portal_page("r/<str:type_key>/suggest", access=on("read"), name="portal-suggest")(unwrap(suggest))
portal_page("r/<str:type_key>/spelling/<str:key>", access=on("read"), name="portal-spelling")(unwrap(spelling))
portal_page("r/<str:type_key>/note/<str:key>", access=on("read"), name="portal-note")(unwrap(note))
portal_page("r/<str:type_key>/rules", access=on("read"), methods=("POST",), needs=Need.READ, name="portal-rules")(
    unwrap(states)
)
portal_page("regions", access=SIGNED_IN, name="portal-regions")(unwrap(below))
portal_page("files/upload", access=SIGNED_IN, methods=("POST",), name="portal-upload")(unwrap(upload))
portal_page("files/held/<int:pk>", access=SIGNED_IN, name="portal-held")(unwrap(held))


@portal_page("r/<str:type_key>/<int:pk>/files/<int:file>", access=on("read"), name="portal-file")
def file(request: PortalRequest, type_key: str, pk: int, file: int) -> HttpResponseBase:
    """A file that the company's people released with a record; every other one is not there."""
    found = attachments.get(request.actor, request.type, pk, file)
    if not found.released:
        raise Http404
    acts.note("downloaded", user=request.actor.user_pk, name=request.actor.doer, told=found.name, request=request)
    if link := attachments.link(found):
        return HttpResponseRedirect(link)
    return response_of(found, attachments.open(request.actor, request.type, pk, file))
