"""Records: list, read, create, update, delete, batches, history. The parameters of lists are those of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from kezhou import records
from kezhou.api import record_json, shape_json
from kezhou.api.base import ApiView, address
from kezhou.api.problems import Problem
from kezhou.pages import on
from kezhou.records.listing import ListRequest
from kezhou.records.saved import SaveResult
from kezhou.records.spec import NotAllowed, Purpose, TypeSpec

LIST_PARAMETERS = frozenset({"columns", "filter", "sort", "page", "size", "after", "before", "q", "exact"})
LARGEST_BATCH = 500
STATUS_OF = {"not_found": 404, "not_allowed": 403, "conflict": 409, "twin": 409}


@address("<str:type_key>/", access=on("read"), name="api-records")
class Records(ApiView):
    """GET a page, POST a new record."""

    parameters: ClassVar = LIST_PARAMETERS | {"deleted"}

    def get(self, request: Request, type_key: str) -> Response:
        """A page of records. Raises FilterError (400) for anything that is not there."""
        given = request.query_params
        deleted = given.get("deleted", "") in {"1", "true"}
        page = records.page(self.actor, type_key, ListRequest.of(given, deleted=deleted))
        return Response(record_json.listed(page))

    def post(self, request: Request, type_key: str) -> Response:
        """A new record. `twins` in the query is not a field; look-alikes are refused with 409 unless the body allows them."""
        values = dict(self.body(request))
        twins = _word(values, "allow_twins", "allow", "ask")
        result = _save(self, type_key, [_change(self, type_key, values)], twins=twins)
        pk = result.pk
        entry = records.get_many(self.actor, type_key, (pk,)).get(pk)
        body = shape_json.whole(self.actor, entry) if entry else {"pk": pk, "version": result.saved[0].version}
        return Response(
            body, status=201, headers={"Location": f"/api/v1/{type_key}/{pk}", "ETag": f'"{body["version"]}"'}
        )


@address("<str:type_key>/<int:pk>", access=on("read"), name="api-record")
class OneRecord(ApiView):
    """GET, PATCH and DELETE one record."""

    def get(self, request: Request, type_key: str, pk: int) -> Response:
        """The record with its version as ETag."""
        entry = records.get(self.actor, type_key, pk)
        return Response(shape_json.whole(self.actor, entry), headers={"ETag": f'"{entry.version}"'})

    def patch(self, request: Request, type_key: str, pk: int) -> Response:
        """Changes the named fields. With If-Match or `version` somebody else's save in between gives 409 and both versions."""
        values = dict(self.body(request))
        version = _version(request, values)
        change = {**_change(self, type_key, values), "pk": pk, **({} if version is None else {"version": version})}
        try:
            _save(self, type_key, [change])
        except NotAllowed:
            records.get(self.actor, type_key, pk)  # 404 for what may not even be seen
            raise
        entry = records.get_many(self.actor, type_key, (pk,)).get(pk)
        if entry is None:
            return Response(None, status=204)  # the change moved it out of the actor's sight
        return Response(shape_json.whole(self.actor, entry), headers={"ETag": f'"{entry.version}"'})

    def delete(self, request: Request, type_key: str, pk: int) -> Response:
        """Into the recycle bin; refused with 409 while others refer to it."""
        records.get(self.actor, type_key, pk)
        result = records.delete(self.actor, type_key, [pk], source="api")
        if not result.ok:
            _refuse(result.problems[0].code, result.problems[0].sentence)
        return Response(None, status=204)


@address("<str:type_key>/<int:pk>/restore", access=on("delete"), name="api-restore")
class Restore(ApiView):
    """POST brings a record back from the recycle bin."""

    def post(self, request: Request, type_key: str, pk: int) -> Response:
        """The record as it is again."""
        records.get(self.actor, type_key, pk, deleted=True)
        result = records.restore(self.actor, type_key, [pk], source="api")
        if not result.ok:
            _refuse(result.problems[0].code, result.problems[0].sentence)
        return Response(shape_json.whole(self.actor, records.get(self.actor, type_key, pk)))


@address("<str:type_key>/<int:pk>/history", access=on("read"), name="api-history")
class History(ApiView):
    """GET the changes of one record, newest first."""

    parameters: ClassVar = frozenset({"before", "size"})

    def get(self, request: Request, type_key: str, pk: int) -> Response:
        """At most `size` (100) changes older than `before`."""
        size = number_of(request, "size", 100)
        found = records.history(
            self.actor, type_key, pk, limit=min(size or 100, 500), before=number_of(request, "before", None)
        )
        last = found[-1].pk if found and len(found) == size else None
        return Response({"results": [record_json.change(one) for one in found], "next": last})


@address("<str:type_key>/batch", access=on("read"), name="api-batch")
class Batch(ApiView):
    """POST up to 500 new and changed records in one transaction."""

    def post(self, request: Request, type_key: str) -> Response:
        """`changes` with `pk` are updates, those without are new. `on_error` is stop (all or nothing) or skip; `twins` as in imports."""
        body = self.body(request)
        unknown = sorted(set(body) - {"changes", "on_error", "twins"})
        if unknown:
            raise Problem(400, "unknown_parameter", _("不认识的参数：%(names)s。") % {"names": "、".join(unknown)})
        changes = self._changes(type_key, body.get("changes"))
        on_error = _one_of(body, "on_error", ("stop", "skip"))
        twins = _one_of(body, "twins", ("ask", "skip", "update", "allow"))
        spec = records.type_of(self.actor, type_key)
        result = records.save(self.actor, spec, changes, on_error=on_error, twins=twins, source="api")
        status = 200 if result.ok else 422 if on_error == "stop" or not result.saved else 207
        return Response(record_json.saved(spec, result), status=status)

    def _changes(self, type_key: str, given: Any) -> list[dict[str, Any]]:
        if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
            raise Problem(400, "bad_request", _("changes 应是一个不空的对象列表。"))
        if len(given) > LARGEST_BATCH:
            raise Problem(400, "too_many", _("一次最多 %(limit)d 条，请分批发送。") % {"limit": LARGEST_BATCH})
        return [_change(self, type_key, one, frozenset({"pk", "version"})) for one in given]


def _change(
    view: ApiView, type_key: str, values: Mapping[str, Any], more: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The values of known, writable fields. Raises Problem (400) for any other name."""
    spec = records.type_of(view.actor, type_key)
    writable = {field.key for field in records.fields_for(spec, view.actor, Purpose.WRITE)}
    writable |= {lines.key for lines in spec.lines}
    refused = sorted(set(values) - writable - more)
    if refused:
        sentence = _("不能写的字段：%(names)s。它们不存在、由系统填写，或你无权修改。") % {"names": "、".join(refused)}
        raise Problem(400, "invalid", sentence, errors={name: [_("没有这个可写的字段。")] for name in refused})
    return dict(values)


def _save(view: ApiView, type_key: str, changes: list[dict[str, Any]], *, twins: str = "ask") -> SaveResult:
    """Saves one change. Raises Problem with the sentences of its fields, its twins or its conflict."""
    result = records.save(view.actor, type_key, changes, twins=twins, source="api")
    if result.ok:
        return result
    spec = records.type_of(view.actor, type_key)
    first = result.problems[0]
    more: dict[str, Any] = {"errors": record_json.errors(result.errors())}
    if result.conflicts:
        more["conflict"] = record_json.conflict(spec, result.conflicts[0])
    if result.twins:
        more["twins"] = [record_json.twin(one) for one in result.twins]
    # A line that is not there is a mistake in what was sent; the record of the address is there.
    status = 400 if first.field and first.code == "not_found" else STATUS_OF.get(first.code, 400)
    raise Problem(status, first.code, first.sentence, **more)


def _refuse(code: str, sentence: str) -> None:
    raise Problem(STATUS_OF.get(code, 409), code, sentence)


def _version(request: Request, values: dict[str, Any]) -> int | None:
    """The version the caller has seen, from If-Match or the body."""
    given = values.pop("version", None)
    header = request.META.get("HTTP_IF_MATCH", "").strip().removeprefix("W/").strip('"')
    raw = header or given
    if raw is None or header == "*":
        return None
    if not str(raw).isascii() or not str(raw).isdigit() or len(str(raw)) > 9:
        raise Problem(400, "bad_request", _("版本应是整数，收到的是“%(raw)s”。") % {"raw": str(raw)[:20]})
    return int(raw)


def number_of(request: Request, name: str, otherwise: int | None) -> int | None:
    """A positive number of the query. Raises Problem (400)."""
    raw = request.query_params.get(name, "")
    if not raw:
        return otherwise
    if not raw.isascii() or not raw.isdigit() or len(raw) > 18 or int(raw) == 0:
        raise Problem(
            400, "bad_request", _("%(name)s 应是大于 0 的整数，收到的是“%(raw)s”。") % {"name": name, "raw": raw[:20]}
        )
    return int(raw)


def _word(values: dict[str, Any], name: str, yes: str, no: str) -> str:
    given = values.pop(name, False)
    if not isinstance(given, bool):
        raise Problem(400, "bad_request", _("%(name)s 应是 true 或 false。") % {"name": name})
    return yes if given else no


def _one_of(body: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    given = body.get(name, known[0])
    if given not in known:
        raise Problem(400, "bad_request", _("%(name)s 只能是 %(known)s。") % {"name": name, "known": "、".join(known)})
    return str(given)


__all__ = ["Batch", "History", "OneRecord", "Records", "Restore", "TypeSpec"]
