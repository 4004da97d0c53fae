"""Reading a timeline: two statements for the entries and the names in them, one for the counts, however much there is."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from django.utils.translation import gettext as _

from kezhou.access.actor import Actor
from kezhou.records import Entry, past, type_of
from kezhou.records.rows import run
from kezhou.records.spec import FilterError
from kezhou.records.sql import Sql
from kezhou.timeline.branches import BODY, COLUMNS, KINDS, RANK, Place, branches
from kezhou.timeline.events import Event, Filed, Given, Said, Stream, said_of

SIZE = 30
COUNTED = 1_000


def of(actor: Actor, entry: Entry, *, kinds: Sequence[str] = KINDS, before: str = "", size: int = SIZE) -> Stream:
    """What happened to a record that the actor sees, newest first, as far as the actor may know it.

    `before` is the cursor of an earlier answer. Raises FilterError (400) for a cursor or a kind that is none.
    """
    strange = [kind for kind in kinds if kind not in KINDS]
    if strange:
        raise FilterError(_("时间线没有“%(kind)s”这一类。") % {"kind": strange[0][:40]})
    parts = [part for _kind, part in branches(actor, entry, kinds, _place(before) if before else None, size + 1)]
    if not parts:
        return Stream(())
    text = " UNION ALL ".join(f"(SELECT * FROM ({part.text}) b{n} ({COLUMNS}))" for n, part in enumerate(parts))
    rows = run(
        Sql(
            f"SELECT {COLUMNS} FROM ({text}) e ORDER BY at DESC, rank, id DESC LIMIT {size + 1}",
            tuple(param for part in parts for param in part.params),
        )
    )
    events = _events(actor, entry, rows[:size])
    return Stream(events, events[-1].cursor if len(rows) > size else "")


def counts(actor: Actor, entry: Entry) -> Mapping[str, int]:
    """How many entries there are of each kind, counted to 1,000: one statement."""
    found = dict.fromkeys(KINDS, 0)
    parts = list(branches(actor, entry, KINDS, None, COUNTED))
    text = " UNION ALL ".join(f"SELECT {RANK[kind]}, count(*) FROM ({part.text}) b" for kind, part in parts)
    for rank, count in run(Sql(text, tuple(param for _kind, part in parts for param in part.params))):
        found[KINDS[rank]] += count
    return {kind: min(count, COUNTED) for kind, count in found.items()}


def pinned(entry: Entry) -> tuple[Said, ...]:
    """The comments that were pinned to the top, the last pinned first: one statement."""
    rows = run(
        Sql(
            f"SELECT c.created_at, {BODY} FROM comments_comment c WHERE c.type = %s AND c.record = %s AND c.pinned_at IS NOT NULL "
            "AND c.removed_at IS NULL ORDER BY c.pinned_at DESC",
            (entry.type.key, entry.pk),
        )
    )
    return tuple(said_of(_json(body), at) for at, body in rows)


def _events(actor: Actor, entry: Entry, rows: Sequence[tuple[Any, ...]]) -> tuple[Event, ...]:
    """The rows as entries; what is told of changes, and the titles of all records in it, come with one more statement."""
    changed = [row for row in rows if KINDS[row[0]] in {"change", "move", "linked"}]
    steps = [(row[3], (row[1], row[5], row[2], *row[6:11], _json(row[11]))) for row in changed]
    linked = [(row[3], row[4]) for row in rows if row[0] == RANK["linked"]]
    changes, titles = past.told(actor, steps, linked, inside=(entry.type, entry.pk))
    known = {(row[0], row[1]): change for row, change in zip(changed, changes, strict=True)}
    return tuple(_event(actor, row, known, titles) for row in rows)


def _event(actor: Actor, row: tuple[Any, ...], known: Mapping[Any, Any], titles: Mapping[Any, str | None]) -> Event:
    rank, pk, at, type_key, record, _kind, name, member, *_rest, body = row
    kind = KINDS[rank]
    facts = {"kind": kind, "pk": pk, "at": at, "name": name, "member": member, "cursor": _cursor(at, rank, pk)}
    if kind == "comment":
        return Event(**facts, said=said_of(_json(body), at))
    if kind == "file":
        held = _json(body)
        return Event(**facts, file=Filed(pk, held["name"], held["size"], held["media_type"], held["deleted_by"]))
    if kind == "assignment":
        told = _json(body)
        due = date.fromisoformat(told["due"]) if told["due"] else None
        return Event(**facts, given=Given(told["deed"], told["receiver"], told["note"], due))
    if kind == "linked":
        title = titles.get((type_key, record))
        return Event(**facts, change=known[rank, pk], type=type_of(actor, type_key), record=record, title=title)
    return Event(**facts, change=known[rank, pk])


def _json(raw: Any) -> dict[str, Any]:
    return dict(orjson.loads(raw)) if isinstance(raw, (str, bytes)) else raw


def _cursor(at: datetime, rank: int, pk: int) -> str:
    return urlsafe_b64encode(f"{at.isoformat()}|{rank}|{pk}".encode()).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        at, rank, pk = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not 0 <= int(rank) < len(KINDS) or not 0 <= int(pk) < 2**63:
            raise ValueError(cursor)
        return Place(moment, int(rank), int(pk))
    except (ValueError, UnicodeError) as error:
        raise FilterError(_("“更早”的位置不对，请从头打开这条记录。")) from error
