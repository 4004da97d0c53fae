"""Moves between states and actions, for programs: what can be done with a record now, and doing it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from kezhou import records
from kezhou.api import record_json, shape_json
from kezhou.api.base import ApiView, address
from kezhou.api.problems import Problem
from kezhou.pages import on
from kezhou.records.saved import SaveResult

MOST = 500
STATUS_OF = {"not_found": 404, "not_allowed": 403, "conflict": 409}


@address("<str:type_key>/<int:pk>/moves", access=on("read"), name="api-moves")
class Moves(ApiView):
    """GET where a record can go from its state, POST to go there."""

    def get(self, request: Request, type_key: str, pk: int) -> Response:
        """Every way on for which the actor has the right; those that are not possible now with the reason."""
        entry = records.get(self.actor, type_key, pk)
        states = entry.type.states
        now = entry.values.get(states.field) if states else None
        found = records.moves(self.actor, type_key, entry)
        return Response({"state": now, "results": [shape_json.move(one) for one in found]})

    def post(self, request: Request, type_key: str, pk: int) -> Response:
        """`target` and the values that the way asks for; `version` guards against somebody else's save in between."""
        body = dict(self.body(request))
        target, version = body.pop("target", None), body.pop("version", None)
        if records.get(self.actor, type_key, pk).type.states is None:
            raise Problem(404, "not_found", _("这类记录没有状态。"))
        if not isinstance(target, str):
            raise Problem(400, "bad_request", _("请在 target 里写要去的状态。"))
        result = records.move(self.actor, type_key, pk, target, body, version=_version(version), source="api")
        return _answer(self, type_key, pk, result)


@address("<str:type_key>/<int:pk>/actions", access=on("read"), name="api-actions")
class Actions(ApiView):
    """GET the actions of a record."""

    def get(self, request: Request, type_key: str, pk: int) -> Response:
        """Every action for which the actor has the right; those that are not possible now with the reason."""
        entry = records.get(self.actor, type_key, pk)
        return Response({"results": [shape_json.offer(one) for one in records.actions(self.actor, type_key, entry)]})


@address("<str:type_key>/<int:pk>/actions/<str:key>", access=on("read"), name="api-act")
class Act(ApiView):
    """POST does an action with a record."""

    def post(self, request: Request, type_key: str, pk: int, key: str) -> Response:
        """The body holds what the action's form asks; the answer is the record as it is then."""
        body = dict(self.body(request))
        version = _version(body.pop("version", None))
        seen = {} if version is None else {pk: version}
        result = records.act(self.actor, type_key, key, [pk], body, source="api", versions=seen)
        return _answer(self, type_key, pk, result)


@address("<str:type_key>/actions/<str:key>", access=on("read"), name="api-act-many")
class ActMany(ApiView):
    """POST does an action with up to 500 records, all or none."""

    def post(self, request: Request, type_key: str, key: str) -> Response:
        """`pks` are the records, `values` what the action's form asks."""
        body = self.body(request)
        pks, values = body.get("pks"), body.get("values", {})
        right = isinstance(pks, list) and all(isinstance(pk, int) and not isinstance(pk, bool) for pk in pks)
        if not right or not pks or len(pks) > MOST or not isinstance(values, dict) or set(body) - {"pks", "values"}:
            raise Problem(400, "bad_request", _("请写 pks（1 到 500 个记录编号）和 values（一个对象）。"))
        result = records.act(self.actor, type_key, key, pks, values, source="api")
        spec = records.type_of(self.actor, type_key)
        return Response(record_json.saved(spec, result), status=200 if result.ok else 422)


def _version(given: Any) -> int | None:
    if given is None or (isinstance(given, int) and not isinstance(given, bool) and 0 < given < 2**31):
        return given
    raise Problem(400, "bad_request", _("版本应是整数，收到的是“%(raw)s”。") % {"raw": str(given)[:20]})


def _answer(view: ApiView, type_key: str, pk: int, result: SaveResult) -> Response:
    if not result.ok:
        first = result.problems[0]
        errors = record_json.errors(result.errors())
        raise Problem(STATUS_OF.get(first.code, 400), first.code, first.sentence, errors=errors)
    entry = records.get_many(view.actor, type_key, (pk,)).get(pk)
    if entry is None:
        return Response(None, status=204)  # it went out of the actor's sight
    return Response(shape_json.whole(view.actor, entry), headers={"ETag": f'"{entry.version}"'})
