"""Taking an action back: see `kezhou.records.past.undo`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.records.bulk import Outcome, Tell
from kezhou.records.catalogue import shaped
from kezhou.records.deleting import delete, referring, restore
from kezhou.records.past import DERIVED, Undone, steps_of
from kezhou.records.reading import titles
from kezhou.records.retrying import retried
from kezhou.records.rows import run
from kezhou.records.saved import new_action
from kezhou.records.saving import save
from kezhou.records.spec import NotAllowed
from kezhou.records.sql import Sql

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

Step = tuple[str, int, str, int, dict[str, Any]]
Place = tuple[str, int]
MOST_SENTENCES = 20
BATCH = 500


class _Stopped(Exception):
    """Something stands in the way: all is rolled back."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = tuple(sentences[:MOST_SENTENCES])


def take_back(actor: Actor, action: str) -> Undone:
    """The whole action or nothing."""
    fresh = new_action()
    return retried(lambda: _take_back(actor, action, fresh))


def _take_back(actor: Actor, action: str, fresh: str) -> Undone:
    steps = steps_of(actor, action)
    if not steps:
        return Undone(fresh, 0, (_nothing(),))
    try:
        with transaction.atomic():
            if found := _in_the_way(actor, steps, action):
                raise _Stopped(list(found.values()))
            _revert(actor, steps, fresh)
    except _Stopped as stopped:
        return Undone(fresh, 0, stopped.sentences)
    except NotAllowed as refused:
        return Undone(fresh, 0, (str(refused),))
    return Undone(fresh, len({(key, pk) for key, pk, *_rest in steps}))


def take_back_in_parts(actor: Actor, action: str, *, into: Outcome, tell: Tell | None = None) -> Outcome:
    """An action of very many records, in batches of their own: what was changed or used since stays, with the reason.

    One transaction for a hundred thousand records would hold up everybody else and the search index with them. A run that was stopped
    goes on under the same action (`into.action`) with what is left; what it had taken back counts as done.
    """
    steps: dict[tuple[str, int], list[Step]] = defaultdict(list)
    for step in steps_of(actor, action):
        steps[step[0], step[1]].append(step)
    records = list(steps)
    if not records:
        into.skipped.append((0, "", _nothing()))
    for start in range(0, len(records), BATCH):
        part = {record: steps[record] for record in records[start : start + BATCH]}
        before = _taken_back(actor, part, into.action)
        into.changed += len(before)
        left = {record: steps for record, steps in part.items() if record not in before}
        _take_back_part(actor, left, action, into)
        if tell is not None:
            tell(min(start + BATCH, len(records)), len(records))
    return into


def _taken_back(actor: Actor, part: Iterable[Place], fresh: str) -> set[Place]:
    """The records of the batch that an earlier run under the action `fresh` has taken back."""
    found: set[Place] = set()
    for key, pks in _by_type(part).items():
        text = f"SELECT t.id FROM {shaped(actor).types[key].rows} t WHERE t.id = ANY(%s) AND t.action = %s"
        found |= {(key, row[0]) for row in run(Sql(text, (sorted(pks), fresh)))}
    return found


def _take_back_part(actor: Actor, part: dict[Place, list[Step]], action: str, into: Outcome) -> None:
    """One batch; where something in it is refused, its halves, so that one record holds up no other."""
    try:
        stays = retried(lambda: _revert_what_goes(actor, part, action, into.action))
    except _Stopped as stopped:
        if len(part) > 1:
            records = list(part)
            for half in (records[: len(records) // 2], records[len(records) // 2 :]):
                _take_back_part(actor, {record: part[record] for record in half}, action, into)
            return
        stays = dict.fromkeys(part, "".join(stopped.sentences))
    into.changed += len(part) - len(stays)
    names = titles(actor, _by_type(stays))
    into.skipped += [(pk, names.get((key, pk)) or f"#{pk}", why) for (key, pk), why in stays.items()]


def _revert_what_goes(actor: Actor, part: dict[Place, list[Step]], action: str, fresh: str) -> dict[Place, str]:
    """Take back what can be, in one transaction; answers what stays, with the reason."""
    with transaction.atomic():
        stays = _in_the_way(actor, [step for steps in part.values() for step in steps], action)
        going = [step for record, steps in part.items() if record not in stays for step in steps]
        _revert(actor, going, fresh)
    return stays


def size_of(actor: Actor, action: str) -> int:
    """How many records an action wrote."""
    where = "WHERE action = %s AND source <> %s"
    text = f"SELECT count(*) FROM (SELECT DISTINCT type, record FROM records_history {where}) r"
    return int(run(Sql(text, (action, DERIVED)))[0][0])


def _nothing() -> str:
    return _("没有找到这次操作，或者它的记录类型已经停用。")


def _by_type(records: Iterable[Place]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for key, pk in records:
        found[key].append(pk)
    return found


def _in_the_way(actor: Actor, steps: list[Step], action: str) -> dict[Place, str]:
    """The records of the steps that cannot be taken back, with the reason: changed since, or used by others. The rows stay locked."""
    found: dict[Place, str] = {}
    for key, pks in _by_type({(key, pk): None for key, pk, *_rest in steps}).items():
        spec = shaped(actor).types[key]
        text = f"SELECT t.id FROM {spec.rows} t WHERE t.id = ANY(%s) AND t.action IS DISTINCT FROM %s FOR UPDATE"
        later = [row[0] for row in run(Sql(text, (sorted(pks), action)))]
        names = titles(actor, {key: later})
        for pk in later:
            shown = {"type": spec.title, "title": names.get((key, pk)) or f"#{pk}"}
            found[key, pk] = _("%(type)s“%(title)s”之后又被修改过，不能撤销。") % shown
    used = _used(actor, _by_type((key, pk) for key, pk, kind, *_more in steps if kind == "created"))
    return found | {place: why for place, why in used.items() if place not in found}


def _used(actor: Actor, created: dict[str, list[int]]) -> dict[Place, str]:
    """Records of the action to which others, not of the action, refer."""
    sentences: dict[Place, str] = {}
    for key, pks in created.items():
        spec = shaped(actor).types[key]
        for link, found in referring(actor, spec, sorted(set(pks))):
            others = sorted({target for pk, target in found if pk not in created.get(link.type, ())})
            names = titles(actor, {key: others})
            by = shaped(actor).types[link.type].title
            for pk in others:
                shown = {"type": spec.title, "title": names.get((key, pk)) or f"#{pk}", "by": by}
                sentences[key, pk] = _("%(type)s“%(title)s”已被%(by)s使用，不能撤销。") % shown
    return sentences


def _revert(actor: Actor, steps: list[Step], fresh: str) -> None:
    created: dict[str, list[int]] = defaultdict(list)
    deleted: dict[str, list[int]] = defaultdict(list)
    changed: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for key, pk, kind, _version, changes in steps:
        if kind in {"created", "restored"}:
            created[key].append(pk)
            changed[key].pop(pk, None)
        elif kind == "deleted":
            deleted[key].append(pk)
        elif kind in {"changed", "moved", "acted"}:
            changed[key].setdefault(pk, {}).update({name: pair[0] for name, pair in changes.items()})
    for key, rows in changed.items():
        _put_back(actor, key, rows, fresh)
    for key, pks in reversed(created.items()):
        for start in range(0, len(pks), BATCH):
            _demand(delete(actor, key, pks[start : start + BATCH], action=fresh, source="undo", unchecked=True))
    for key, pks in deleted.items():
        _demand(restore(actor, key, pks, action=fresh, source="undo", alone=True))


def _put_back(actor: Actor, key: str, rows: dict[int, dict[str, Any]], fresh: str) -> None:
    known = shaped(actor).types[key].by_key
    changes = [
        {"pk": pk, **{name: old for name, old in olds.items() if name in known and not known[name].system}}
        for pk, olds in rows.items()
    ]
    for start in range(0, len(changes), BATCH):
        _demand(save(actor, key, changes[start : start + BATCH], action=fresh, source="undo", twins="allow"))


def _demand(result: Any) -> None:
    if not result.ok:
        raise _Stopped([problem.sentence for problem in result.problems])
