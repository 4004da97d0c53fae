"""Numbers for the new records of a batch: a fixed number of statements however many records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from kezhou.records.drafting import Batch, Work
from kezhou.records.numbering.counting import take
from kezhou.records.numbering.rules import Rule
from kezhou.records.rows import run
from kezhou.records.spec import TypeSpec
from kezhou.records.sql import Sql
from tenants.context import current

TRIES = 50


def assign(spec: TypeSpec, fresh: Sequence[Work], now: datetime) -> None:
    """Give every new record that a rule numbers its number, unless one was given. Numbers that are taken are left out."""
    at = now.astimezone(current().zone)
    waiting = [(work, rule) for work in fresh if (rule := rule_for(spec, work.after)) and not work.after.get("number")]
    for _try in range(TRIES):
        if not waiting:
            return
        _number(waiting, at)
        taken = _taken(spec, [str(work.after["number"]) for work, _rule in waiting])
        waiting = [(work, rule) for work, rule in waiting if work.after["number"] in taken]
    for work, _rule in waiting:
        work.refuse(_("编号规则接连给出已用过的编号，没有保存。请管理员检查编号规则。"), field="number")


def rule_for(spec: TypeSpec, values: Mapping[str, Any]) -> Rule | None:
    """The rule that numbers a record with these values; None where nothing but the prefix does, or people do."""
    found = next((rule for rule in spec.numbering if rule.fits(values)), None)
    return None if found is None or found.mode == "manual" else found


def _number(waiting: Sequence[tuple[Work, Rule]], at: datetime) -> None:
    for gapless in (True, False):
        scopes = [(work, rule, rule.scope(work.after, at)) for work, rule in waiting if rule.gapless is gapless]
        if not scopes:
            continue
        wanted = Counter(scope for _work, _rule, scope in scopes)
        last = take(wanted, gapless=gapless)
        following = {scope: last[scope] - count + 1 for scope, count in wanted.items()}
        for work, rule, scope in scopes:
            work.after["number"] = rule.number(following[scope], work.after, at)
            work.changed.add("number")
            following[scope] += 1


def _taken(spec: TypeSpec, numbers: Sequence[str]) -> set[str]:
    rows = run(
        Sql("SELECT k.number FROM records_numbertaken k WHERE k.type = %s AND k.number = ANY(%s)", (spec.key, numbers))
    )
    return {row[0] for row in rows}


def refuse_doubled(works: Sequence[Work]) -> None:
    """Two records of one batch may not be given the same number."""
    first: dict[str, Work] = {}
    for work in works:
        number = work.after.get("number")
        if number and first.setdefault(number, work) is not work:
            refuse_taken(work, number)


def refuse_taken(work: Work, number: str) -> None:
    """Say that a number was given before."""
    sentence = _("编号“%(number)s”已经用过，请换一个；用过的编号删除后也不再用。") % {"number": number}
    work.refuse(sentence, field="number", code="constraint")


def claim(batch: Batch, works: Sequence[Work]) -> None:
    """Existing records that get another number: it is theirs from now on, unless somebody else ever had it. One statement."""
    changed = [work for work in works if "number" in work.changed and work.after.get("number")]
    if not changed:
        return
    if batch.source == "import" and batch.fields["number"].system:
        for work in changed:
            work.refuse(_("已有记录的编号不能由导入修改。"), field="number", code="not_allowed")
        return
    refuse_doubled(changed)
    rows = run(
        Sql(
            "INSERT INTO records_numbertaken AS k (type, number, record) "
            "SELECT %s, w.number, w.record FROM unnest(%s::text[], %s::bigint[]) AS w(number, record) "
            "ON CONFLICT (type, number) DO UPDATE SET record = excluded.record WHERE k.record = excluded.record "
            "RETURNING k.number",
            (
                batch.spec.key,
                [work.after["number"] for work in changed if work.alive],
                [work.pk for work in changed if work.alive],
            ),
        )
    )
    mine = {row[0] for row in rows}
    for work in changed:
        if work.alive and work.after["number"] not in mine:
            refuse_taken(work, str(work.after["number"]))
