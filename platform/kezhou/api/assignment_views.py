"""Assignments over the API: what waits for the caller, giving a record to somebody, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from kezhou import assignments, records
from kezhou.access.actor import Actor
from kezhou.api.base import ApiView, address
from kezhou.api.problems import Problem
from kezhou.assignments import AssignmentRefused
from kezhou.assignments.models import Assignment
from kezhou.pages import SIGNED_IN, on
from kezhou.records.spec import RecordNotFound

GIVEN = {"member": int, "department": int, "due": str, "note": str, "owner": bool}
DEEDS: Mapping[str, Callable[[Actor, int, str], Assignment]] = {
    "take": lambda actor, pk, answer: assignments.take(actor, pk),
    "finish": assignments.finish,
    "return": assignments.hand_back,
    "withdraw": lambda actor, pk, answer: assignments.withdraw(actor, pk),
}


@address("assignments", access=SIGNED_IN, name="api-assignments-mine")
class Mine(ApiView):
    """GET what waits for the caller, or for the caller's department."""

    def get(self, request: Request) -> Response:
        """The most urgent first, at most 50."""
        return Response({"results": [_told(row) for row in assignments.mine(self.actor)]})


@address("<str:type_key>/<int:pk>/assignments", access=on("read"), name="api-assignments")
class OfRecord(ApiView):
    """GET the open assignments of a record, POST to give it to somebody."""

    def get(self, request: Request, type_key: str, pk: int) -> Response:
        """The oldest first; what became of earlier ones stands in the timeline."""
        return Response({"results": [_told(row) for row in assignments.of(records.get(self.actor, type_key, pk))]})

    def post(self, request: Request, type_key: str, pk: int) -> Response:
        """`member` or `department`, `due` (2026-05-12), `note`; `owner` makes the member the owner as well."""
        records.get(self.actor, type_key, pk)
        given = _given(self.body(request))
        try:
            done = assignments.assign(self.actor, type_key, [pk], **given)
        except AssignmentRefused as error:
            raise _refused(error) from error
        if done.left:
            raise Problem(403, "not_allowed", done.left[0][1])
        row = assignments.of(records.get(self.actor, type_key, pk))[-1]
        return Response(_told(row), status=201)


@address("<str:type_key>/<int:pk>/assignments/<int:assignment>", access=on("read"), name="api-assignment")
class One(ApiView):
    """POST what becomes of an assignment."""

    def post(self, request: Request, type_key: str, pk: int, assignment: int) -> Response:
        """`deed` is take (of the department), finish, return (with `answer`) or withdraw (by whoever gave it)."""
        entry = records.get(self.actor, type_key, pk)
        body = self.body(request)
        deed, answer = str(body.get("deed", "")), body.get("answer", "")
        if deed not in DEEDS or not isinstance(answer, str) or set(body) - {"deed", "answer"}:
            raise Problem(
                400, "bad_request", _("deed 可以是 %(known)s，answer 是一段文字。") % {"known": "、".join(DEEDS)}
            )
        if not Assignment.objects.filter(pk=assignment, type=entry.type.key, record=pk).exists():
            raise RecordNotFound(_("没有这条指派。"))
        try:
            return Response(_told(DEEDS[deed](self.actor, assignment, answer)))
        except AssignmentRefused as error:
            raise _refused(error) from error


def _given(body: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(body) - set(GIVEN))
    if unknown:
        raise Problem(400, "unknown_parameter", _("不认识的参数：%(names)s。") % {"names": "、".join(unknown)})
    for name, value in body.items():
        if value is not None and (
            not isinstance(value, GIVEN[name]) or (GIVEN[name] is int and isinstance(value, bool))
        ):
            raise Problem(
                400, "invalid", _("%(name)s 的值不对。") % {"name": name}, errors={name: [_("值的类型不对。")]}
            )
    found = {name: value for name, value in body.items() if value is not None}
    if "due" in found:
        found["due"] = _day(found["due"])
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        sentence = _("“%(value)s”不是日期，应写成 2026-05-06。") % {"value": text[:20]}
        raise Problem(400, "invalid", sentence, errors={"due": [sentence]}) from error


def _refused(error: AssignmentRefused) -> Problem:
    return Problem(400, "invalid", str(error), errors={error.field: [str(error)]} if error.field else {})


def _told(row: Assignment) -> dict[str, Any]:
    return {
        "pk": row.pk, "type": row.type, "record": row.record, "state": row.state, "receiver": row.receiver,
        "member": row.member, "department": row.department, "by": row.by_name, "at": row.created_at, "due": row.due_on,
        "note": row.note, "answer": row.answer,
    }  # fmt: skip
