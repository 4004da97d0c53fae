"""Downloads."""

from django.http import FileResponse, Http404, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _

from kezhou import files
from kezhou.access.entitlements import NotEntitled
from kezhou.files import held as holding
from kezhou.files.kinds import preview
from kezhou.files.small import MEDIA, small
from kezhou.pages import SIGNED_IN, PageRequest, page
from tenants import files as places


@page("files/<int:pk>", access=SIGNED_IN, name="file")
def download(request: PageRequest, pk: int) -> HttpResponseBase:
    """A file of the actor, always as an attachment: nothing that was uploaded is shown by the browser itself."""
    try:
        row = files.get(request.actor, pk)
        if link := places.link(lambda: row.place, name=row.name, media_type=row.media_type):
            return HttpResponseRedirect(link)
        content = files.open(request.actor, pk)
    except files.FileNotFound as error:
        raise Http404(str(error)) from error
    return _closed(FileResponse(content, as_attachment=True, filename=row.name, content_type=row.media_type))


@page("files/upload", access=SIGNED_IN, name="file-upload", methods=("POST",))
def upload(request: PageRequest) -> HttpResponseBase:
    """Take one file for a field of a record that is being filled in; answers what the form needs to name it."""
    given = request.FILES.get("file")
    if given is None:
        return JsonResponse({"error": _("没有收到文件，请再选一次。")}, status=422)
    try:
        row = holding.upload(request.actor, given.name or "", given, size=given.size)
    except (files.FileRefused, NotEntitled) as error:
        return JsonResponse({"error": str(error)}, status=422)
    return JsonResponse({"pk": row.pk, "name": row.name, "size": row.size, "media": row.media_type}, status=201)


@page("files/held/<int:pk>", access=SIGNED_IN, name="file-held")
def held(request: PageRequest, pk: int) -> HttpResponseBase:
    """A file in a field: pictures are shown (with `?small`, small), all else is downloaded; nothing that was uploaded can run."""
    try:
        row, path = holding.location(request.actor, pk)
    except files.FileNotFound as error:
        raise Http404(str(error)) from error
    if "small" in request.GET and (place := small(path, row.media_type)):
        return _closed(FileResponse(place.open("rb"), content_type=MEDIA, headers={"Cache-Control": SMALL_KEPT}))
    shown = preview(row.media_type, row.name) == "picture"
    return _closed(
        FileResponse(path.open("rb"), as_attachment=not shown, filename=row.name, content_type=row.media_type)
    )


SMALL_KEPT = "private, max-age=3600"
"""How long a browser need not ask again for a small picture; its content never changes, the right to see it may."""


def _closed(response: FileResponse) -> FileResponse:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
