"""The timeline of a record and its comments."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from kezhou import comments, records, timeline
from kezhou.api import record_json
from kezhou.api.base import ApiView, address
from kezhou.api.problems import Problem
from kezhou.api.record_views import number_of
from kezhou.comments import CommentRefused
from kezhou.comments.writing import Written
from kezhou.pages import on
from kezhou.timeline import Event, Said

LARGEST = 100


@address("<str:type_key>/<int:pk>/timeline", access=on("read"), name="api-timeline")
class Timeline(ApiView):
    """GET what happened to a record, newest first."""

    parameters: ClassVar = frozenset({"kinds", "before", "size"})

    def get(self, request: Request, type_key: str, pk: int) -> Response:
        """At most `size` (30) entries of `kinds` (comment, move, change, file, linked, assignment) behind the cursor `before`."""
        entry = records.get(self.actor, type_key, pk)
        kinds = tuple(filter(None, request.query_params.get("kinds", "").split(","))) or timeline.KINDS
        size = min(number_of(request, "size", 30) or 30, LARGEST)
        found = timeline.of(self.actor, entry, kinds=kinds, before=request.query_params.get("before", ""), size=size)
        return Response({"results": [_event(event) for event in found.events], "next": found.next or None})


@address("<str:type_key>/<int:pk>/comments", access=on("read"), name="api-comments")
class Comments(ApiView):
    """POST a comment."""

    def post(self, request: Request, type_key: str, pk: int) -> Response:
        """`text`, and `reply_to` for an answer; @ with a name tells that colleague or department."""
        body = _known(self.body(request), {"text", "reply_to"})
        answered = body.get("reply_to")
        if answered is not None and (not isinstance(answered, int) or isinstance(answered, bool)):
            raise Problem(400, "bad_request", _("reply_to 应是一条评论的 pk。"))
        try:
            written = comments.write(self.actor, type_key, pk, _text(body), reply_to=answered)
        except CommentRefused as error:
            raise Problem(400, "invalid", str(error), errors={"text": [str(error)]}) from error
        return Response(_written(written), status=201)


@address("<str:type_key>/<int:pk>/comments/<int:comment>", access=on("read"), name="api-comment")
class OneComment(ApiView):
    """PATCH and DELETE one comment."""

    def patch(self, request: Request, type_key: str, pk: int, comment: int) -> Response:
        """Another `text` for one's own comment, or `pinned` true or false for those who may change the record."""
        records.get(self.actor, type_key, pk)
        body = _known(self.body(request), {"text", "pinned"})
        if "pinned" in body:
            if not isinstance(body["pinned"], bool):
                raise Problem(400, "bad_request", _("pinned 应是 true 或 false。"))
            comments.pin(self.actor, type_key, pk, comment, pinned=body["pinned"])
        if "text" not in body:
            return Response({"pk": comment})
        try:
            return Response(_written(comments.edit(self.actor, type_key, pk, comment, _text(body))))
        except CommentRefused as error:
            raise Problem(400, "invalid", str(error), errors={"text": [str(error)]}) from error

    def delete(self, request: Request, type_key: str, pk: int, comment: int) -> Response:
        """Take it back: one's own, an administrator any."""
        comments.remove(self.actor, type_key, pk, comment)
        return Response(None, status=204)


def _known(body: dict[str, Any], names: set[str]) -> dict[str, Any]:
    unknown = sorted(set(body) - names)
    if unknown:
        raise Problem(400, "unknown_parameter", _("不认识的参数：%(names)s。") % {"names": "、".join(unknown)})
    return body


def _text(body: dict[str, Any]) -> str:
    text = body.get("text", "")
    if not isinstance(text, str):
        raise Problem(400, "bad_request", _("text 应是一段文字。"))
    return text


def _written(written: Written) -> dict[str, Any]:
    return {"pk": written.pk, "told": written.told, "not_told": list(written.blind)}


def _event(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": event.kind, "pk": event.pk, "at": event.at, "by": event.name}
    if event.said is not None:
        return {**found, **_said(event.said)}
    if event.file is not None:
        held = event.file
        return {**found, "name": held.name, "size": held.size, "media_type": held.media_type,
                "deleted_by": held.deleted_by or None}  # fmt: skip
    if event.given is not None:
        given = event.given
        return {**found, "deed": given.deed, "receiver": given.receiver, "note": given.note, "due": given.due}
    assert event.change is not None
    found["change"] = record_json.change(event.change)
    if event.type is not None:
        found |= {"type": event.type.key, "record": event.record, "title": event.title}
    return found


def _said(said: Said) -> dict[str, Any]:
    answers = [{"pk": one.pk, "at": one.at, "by": one.name, "text": one.text} for one in said.replies]
    files = [{"pk": one.pk, "name": one.name, "size": one.size} for one in said.files]
    return {"text": said.text, "removed": said.removed, "pinned": said.pinned, "edited_at": said.edited_at,
            "replies": answers, "files": files}  # fmt: skip
