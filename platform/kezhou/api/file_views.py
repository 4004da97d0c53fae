"""Files of a record: list, upload, download, name, recycle bin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import unquote

from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from kezhou import records
from kezhou.access.entitlements import NotEntitled
from kezhou.api.base import ApiView, address
from kezhou.api.problems import Problem
from kezhou.files import attachments
from kezhou.files.attachments import Attached
from kezhou.files.serving import response_of
from kezhou.files.storage import PART, FileRefused
from kezhou.pages import on


@address("<str:type_key>/<int:pk>/files", access=on("read"), name="api-files")
class Files(ApiView):
    """GET the files of a record, POST one as the body of the request."""

    parameters: ClassVar = frozenset({"deleted"})

    def get(self, request: Request, type_key: str, pk: int) -> Response:
        """The newest first; `deleted=1` lists the recycle bin, for those who may change the record."""
        entry = records.get(self.actor, type_key, pk)
        deleted = request.query_params.get("deleted", "") in {"1", "true"}
        if deleted and "update" not in entry.operations:
            raise Problem(
                403, "not_allowed", _("你可以查看这条%(title)s，但不能改动它的文件。") % {"title": entry.type.title}
            )
        return Response({"results": [_file(found) for found in attachments.of(entry, deleted=deleted)]})

    def post(self, request: Request, type_key: str, pk: int) -> Response:
        """The content as it stands; its name, percent-encoded, in the header X-File-Name. Streamed, whole or not at all."""
        size = request.headers.get("Content-Length", "")
        name = unquote(request.headers.get("X-File-Name", ""))
        try:
            found = attachments.attach(
                self.actor, type_key, pk, name, _parts(request), size=int(size) if size.isdigit() else None
            )
        except FileRefused as error:
            raise Problem(400, "invalid", str(error)) from error
        except NotEntitled as error:
            raise Problem(403, "not_entitled", str(error)) from error
        except UnreadablePostError as error:
            raise Problem(400, "bad_request", _("上传断了，什么也没有留下。请再传一次。")) from error
        return Response(_file(found), status=201)


@address("<str:type_key>/<int:pk>/files/<int:file>", access=on("read"), name="api-file")
class OneFile(ApiView):
    """GET the content, PATCH the name, DELETE into the recycle bin."""

    def get(self, request: Request, type_key: str, pk: int, file: int) -> HttpResponseBase:
        """The content, as an attachment."""
        found = attachments.get(self.actor, type_key, pk, file)
        if link := attachments.link(found):
            return HttpResponseRedirect(link)
        return response_of(found, attachments.open(self.actor, type_key, pk, file))

    def patch(self, request: Request, type_key: str, pk: int, file: int) -> Response:
        """Another `name`; the ending stays."""
        attachments.get(self.actor, type_key, pk, file)
        name = self.body(request).get("name")
        if not isinstance(name, str):
            raise Problem(400, "bad_request", _("name 应是一段文字。"))
        try:
            attachments.rename(self.actor, type_key, pk, file, name)
        except FileRefused as error:
            raise Problem(400, "invalid", str(error)) from error
        return Response(_file(attachments.get(self.actor, type_key, pk, file)))

    def delete(self, request: Request, type_key: str, pk: int, file: int) -> Response:
        """Into the recycle bin of the record."""
        attachments.remove(self.actor, type_key, pk, file)
        return Response(None, status=204)


@address("<str:type_key>/<int:pk>/files/<int:file>/restore", access=on("update"), name="api-file-restore")
class RestoreFile(ApiView):
    """POST brings a file back."""

    def post(self, request: Request, type_key: str, pk: int, file: int) -> Response:
        """The file as it is again."""
        attachments.restore(self.actor, type_key, pk, file)
        return Response(_file(attachments.get(self.actor, type_key, pk, file)))


def _parts(request: Request) -> Iterator[bytes]:
    while part := request.read(PART):
        yield part


def _file(found: Attached) -> dict[str, Any]:
    return {
        "pk": found.pk, "name": found.name, "size": found.size, "media_type": found.media_type, "digest": found.digest,
        "by": found.author, "at": found.at, "deleted_at": found.deleted_at,
    }  # fmt: skip
