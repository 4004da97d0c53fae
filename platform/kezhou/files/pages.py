"""Downloads."""

from django.http import FileResponse, Http404, HttpResponseBase

from kezhou import files
from kezhou.pages import SIGNED_IN, PageRequest, page


@page("files/<int:pk>", access=SIGNED_IN, name="file")
def download(request: PageRequest, pk: int) -> HttpResponseBase:
    """A file of the actor, always as an attachment: nothing that was uploaded is shown by the browser itself."""
    try:
        row = files.get(request.actor, pk)
        content = files.open(request.actor, pk)
    except files.FileNotFound as error:
        raise Http404(str(error)) from error
    response = FileResponse(content, as_attachment=True, filename=row.name, content_type=row.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
