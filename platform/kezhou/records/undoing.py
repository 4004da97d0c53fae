"""Taking an action back: see `kezhou.records.past.undo`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.records.catalogue import shaped
from kezhou.records.deleting import delete, referring, restore
from kezhou.records.past import Undone, steps_of
from kezhou.records.reading import titles
from kezhou.records.rows import run
from kezhou.records.saved import new_action
from kezhou.records.saving import save
from kezhou.records.spec import NotAllowed
from kezhou.records.sql import Sql

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

Step = tuple[str, int, str, int, dict[str, Any]]
MOST_SENTENCES = 20
BATCH = 500


class _Stopped(Exception):
    """Something stands in the way: all is rolled back."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = tuple(sentences[:MOST_SENTENCES])


def take_back(actor: Actor, action: str) -> Undone:
    """The whole action or nothing."""
    fresh = new_action()
    steps = steps_of(actor, action)
    if not steps:
        return Undone(fresh, 0, (_("没有找到这次操作，或者它的记录类型已经停用。"),))
    try:
        with transaction.atomic():
            _demand_unused(actor, steps, action)
            _revert(actor, steps, fresh)
    except _Stopped as stopped:
        return Undone(fresh, 0, stopped.sentences)
    except NotAllowed as refused:
        return Undone(fresh, 0, (str(refused),))
    return Undone(fresh, len({(key, pk) for key, pk, *_rest in steps}))


def _demand_unused(actor: Actor, steps: list[Step], action: str) -> None:
    touched: dict[str, set[int]] = defaultdict(set)
    for key, pk, *_rest in steps:
        touched[key].add(pk)
    sentences = []
    for key, pks in touched.items():
        spec = shaped(actor).types[key]
        later = [
            row[0]
            for row in run(
                Sql(
                    f"SELECT t.id FROM {spec.rows} t WHERE t.id = ANY(%s) AND t.action IS DISTINCT FROM %s FOR UPDATE",
                    (sorted(pks), action),
                )
            )
        ]
        names = titles(actor, {key: later[:MOST_SENTENCES]})
        sentences += [
            _("%(type)s“%(title)s”之后又被修改过，不能撤销。")
            % {"type": spec.title, "title": names.get((key, pk)) or f"#{pk}"}
            for pk in later[:MOST_SENTENCES]
        ]
    created: dict[str, set[int]] = defaultdict(set)
    for key, pk, kind, *_more in steps:
        if kind == "created":
            created[key].add(pk)
    sentences += _used(actor, created)
    if sentences:
        raise _Stopped(sentences)


def _used(actor: Actor, created: dict[str, set[int]]) -> list[str]:
    """Records of the action to which others, not of the action, refer."""
    sentences = []
    for key, pks in created.items():
        spec = shaped(actor).types[key]
        for link, found in referring(actor, spec, sorted(pks)):
            others = sorted({target for pk, target in found if pk not in created.get(link.type, ())})
            names = titles(actor, {key: others[:MOST_SENTENCES]})
            by = shaped(actor).types[link.type].title
            sentences += [
                _("%(type)s“%(title)s”已被%(by)s使用，不能撤销。")
                % {"type": spec.title, "title": names.get((key, pk)) or f"#{pk}", "by": by}
                for pk in others[:MOST_SENTENCES]
            ]
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
