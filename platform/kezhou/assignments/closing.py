"""What becomes of an assignment: taken by one of the department, done, handed back, withdrawn."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kezhou import notify, records
from kezhou.access.actor import Actor
from kezhou.assignments.assigning import LONGEST, AssignmentRefused
from kezhou.assignments.models import Assignment, State
from kezhou.records.fields.reading import clean_line
from kezhou.records.spec import NotAllowed, RecordNotFound


def take(actor: Actor, pk: int) -> Assignment:
    """One of the department takes what was given to it; the others' notices go. Raises RecordNotFound, AssignmentRefused."""
    with transaction.atomic():
        row = _locked(actor, pk)
        if row.member is not None:
            raise AssignmentRefused(_("“%(name)s”已经接手了。") % {"name": row.receiver})
        row.member, row.receiver = actor.member_pk, actor.name[:120]
        row.save(update_fields=["member", "receiver"])
        notify.close("assigned", [row.pk], but=actor.member_pk)
        _tell(actor, row, "assignment_taken", gettext_noop("%(name)s 接手了你指派的事情"))
    return row


def finish(actor: Actor, pk: int, answer: str = "") -> Assignment:
    """The receiver has done it. Raises RecordNotFound, AssignmentRefused."""
    return _close(actor, pk, State.DONE, answer, "assignment_done", gettext_noop("%(name)s 完成了你指派的事情"))


def hand_back(actor: Actor, pk: int, reason: str) -> Assignment:
    """The receiver does not do it and says why. Raises RecordNotFound, AssignmentRefused."""
    if not clean_line(reason).strip():
        raise AssignmentRefused(_("请写一句退回的原因，指派的人会看到。"), "answer")
    return _close(actor, pk, State.RETURNED, reason, "assignment_returned", gettext_noop("%(name)s 退回了你指派的事情"))


def withdraw(actor: Actor, pk: int) -> Assignment:
    """Whoever gave it takes it back; an administrator may. Raises RecordNotFound, AssignmentRefused, NotAllowed."""
    with transaction.atomic():
        row = Assignment.objects.select_for_update().filter(pk=pk).first()
        if row is None or not (_gave(actor, row) or actor.is_admin or _receives(actor, row)):
            raise RecordNotFound(_("没有这条指派。"))
        if not (_gave(actor, row) or actor.is_admin):
            raise NotAllowed(_("只有指派的人和管理员能收回。"))
        _open(row)
        _end(actor, row, State.WITHDRAWN, "")
        if row.member is not None:
            sentence = gettext_noop("%(name)s 收回了指派给你的事情")
            notify.tell(
                actor, [row.member], kind="assignment_withdrawn", sentence=sentence, values={"name": actor.name},
                note=row.note, type=row.type, record=row.record,
            )  # fmt: skip
    return row


def may_answer(actor: Actor, row: Assignment) -> bool:
    """Whether the actor may finish it or hand it back."""
    return row.state == State.OPEN and _receives(actor, row)


def may_withdraw(actor: Actor, row: Assignment) -> bool:
    """Whether the actor may take it back."""
    return row.state == State.OPEN and (_gave(actor, row) or actor.is_admin)


def _close(actor: Actor, pk: int, state: State, answer: str, kind: str, sentence: str) -> Assignment:
    with transaction.atomic():
        row = _locked(actor, pk)
        _end(actor, row, state, answer)
        _tell(actor, row, kind, sentence, answer)
    return row


def _locked(actor: Actor, pk: int) -> Assignment:
    row = Assignment.objects.select_for_update().filter(pk=pk).first()
    if row is None or not _receives(actor, row):
        raise RecordNotFound(_("没有指派给你的这件事。"))
    return _open(row)


def _open(row: Assignment) -> Assignment:
    if row.state != State.OPEN:
        shown = {"state": row.get_state_display(), "name": row.closed_by}
        raise AssignmentRefused(_("这件事%(state)s（%(name)s），不用再处理。") % shown)
    return row


def _end(actor: Actor, row: Assignment, state: State, answer: str) -> None:
    clean = clean_line(answer).strip()
    if len(clean) > LONGEST:
        raise AssignmentRefused(_("最多写 %(limit)d 个字。") % {"limit": LONGEST}, "answer")
    row.state, row.answer, row.closed_at, row.closed_by = state, clean, timezone.now(), actor.name[:120]
    row.save(update_fields=["state", "answer", "closed_at", "closed_by"])
    notify.close("assigned", [row.pk])


def _tell(actor: Actor, row: Assignment, kind: str, sentence: str, note: str = "") -> None:
    told = [row.by_member] if row.by_member is not None else []
    notify.tell(
        actor, told, kind=kind, sentence=sentence, values={"name": actor.name}, note=note or row.note, type=row.type,
        record=row.record,
    )  # fmt: skip


def _receives(actor: Actor, row: Assignment) -> bool:
    if row.member is not None:
        return row.member == actor.member_pk
    return row.department is not None and row.department == actor.department_pk


def _gave(actor: Actor, row: Assignment) -> bool:
    return row.by_member is not None and row.by_member == actor.member_pk


def title_of(actor: Actor, row: Assignment) -> str | None:
    """The record's title as far as the actor may see it."""
    return records.titles(actor, {row.type: [row.record]}).get((row.type, row.record))
