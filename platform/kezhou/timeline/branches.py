"""The branches of a timeline as SQL: each gives its newest entries before a place, so that the whole is one statement.

Every row has the columns of `COLUMNS`; the order is the moment, then the branch, then the key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from kezhou.access.actor import Actor
from kezhou.access.policy import policy_for
from kezhou.records import Entry, type_of
from kezhou.records.catalogue import fields_for
from kezhou.records.classes import class_of
from kezhou.records.filters import Compiler, Leaf
from kezhou.records.layouts import layout_for
from kezhou.records.past import CHANGES
from kezhou.records.reading import context
from kezhou.records.spec import FilterError, Level, PanelSpec, Purpose, TypeSpec
from kezhou.records.sql import TRUE, Sql, all_of, any_of

KINDS = ("comment", "move", "change", "file", "linked", "assignment")
RANK = {kind: rank for rank, kind in enumerate(KINDS)}
MOST_LINKED = 1_000
"""Of each kind the records changed last; a customer with 10,000 trips would cost as many look-ups otherwise."""
COLUMNS = "rank, id, at, type, record, kind, name, member, source, action, version, body"
_HISTORY = "h.id, h.at, h.type, h.record, h.kind, h.name, h.member, h.source, h.action::text AS action, h.version, "
_HISTORY += CHANGES.replace("AS changes", "AS body")
_BY_SOMEBODY = Sql("(h.kind <> 'changed' OR h.source NOT IN ('derived', 'freshen', 'system'))")
"""What the engine did by itself in a record that points here is no news about this one; that it came or went is."""
_PAST = "records_history h WHERE h.type = %s AND h.record = "


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next entries begin: behind this one."""

    at: datetime
    rank: int
    pk: int

    def before(self, at: str, pk: str, rank: int) -> Sql:
        """Entries of a branch that come later in the list than this place."""
        if rank < self.rank:
            return Sql(f"{at} < %s", (self.at,))
        if rank > self.rank:
            return Sql(f"{at} <= %s", (self.at,))
        return Sql(f"({at}, {pk}) < (%s, %s)", (self.at, self.pk))


def branches(
    actor: Actor, entry: Entry, kinds: Sequence[str], place: Place | None, size: int
) -> Iterator[tuple[str, Sql]]:
    """The chosen kinds as statements of at most `size` rows each."""
    for kind in kinds:
        if kind == "comment":
            yield kind, _comments(entry, place, size)
        elif kind == "file":
            yield kind, _files(entry, place, size)
        elif kind == "assignment":
            yield from ((kind, part) for part in _assignments(entry, place, size))
        elif kind == "linked":
            yield from ((kind, part) for part in _linked(actor, entry, place, size))
        elif kind == "change" or moves_of(actor, entry):
            yield kind, _changes(actor, entry, kind, place, size)


def moves_of(actor: Actor, entry: Entry) -> str:
    """The key of the field that holds the record's state, when there is one that the actor may read."""
    states = entry.type.states
    readable = {field.key for field in fields_for(entry.type, actor, Purpose.READ)} if states is not None else set()
    return states.field if states is not None and states.field in readable else ""


def _limited(place: Place | None, at: str, pk: str, kind: str) -> Sql:
    return TRUE if place is None else place.before(at, pk, RANK[kind])


def told(actor: Actor, spec: TypeSpec) -> Sql:
    """Changes of which the actor may see at least one field; what else happened to the record is always told."""
    keys = [field.key for field in fields_for(spec, actor, Purpose.READ) if field.level is not Level.HIDE]
    keys += [lines.key for lines in spec.lines]
    return Sql("(h.kind <> 'changed' OR jsonb_exists_any(h.changes, %s))", (keys,))


def _changes(actor: Actor, entry: Entry, kind: str, place: Place | None, size: int) -> Sql:
    state = moves_of(actor, entry)
    moved = (
        Sql("(h.kind IN ('changed', 'moved', 'acted') AND jsonb_exists(h.changes, %s))", (state,))
        if state
        else Sql("FALSE")
    )
    where = all_of(
        [told(actor, entry.type), moved if kind == "move" else ~moved, _limited(place, "h.at", "h.id", kind)]
    )
    return Sql(
        f"SELECT {RANK[kind]} AS rank, {_HISTORY} FROM {_PAST}%s AND {where.text} ORDER BY h.at DESC, h.id DESC LIMIT {size}",
        (entry.type.key, entry.pk, *where.params),
    )


def linked_panels(actor: Actor, entry: Entry) -> tuple[PanelSpec, ...]:
    """The lists of records that point here, as the actor's layout has them."""
    return layout_for(actor, entry.type, class_of(entry.type, entry.values)).related


def _linked(actor: Actor, entry: Entry, place: Place | None, size: int) -> Iterator[Sql]:
    for other, points in _pointing(actor, entry):
        rows = all_of([points, policy_for(actor, other.key).condition.sql("o")])
        where = all_of([told(actor, other), _BY_SOMEBODY, _limited(place, "h.at", "h.id", "linked")])
        latest = f"SELECT o.id FROM {other.rows} o WHERE {rows.text} ORDER BY o.changed_at DESC, o.id DESC LIMIT {MOST_LINKED}"
        yield Sql(
            f"SELECT {RANK['linked']} AS rank, p.* FROM ({latest}) o CROSS JOIN LATERAL (SELECT {_HISTORY} FROM {_PAST}o.id "
            f"AND {where.text} ORDER BY h.at DESC, h.id DESC LIMIT {size}) p ORDER BY p.at DESC, p.id DESC LIMIT {size}",
            (*rows.params, other.key, *where.params),
        )


def _pointing(actor: Actor, entry: Entry) -> Iterator[tuple[TypeSpec, Sql]]:
    """Each type that points here once, whichever of its links does."""
    compiler, found = Compiler(actor, context()), defaultdict(list)
    for panel in linked_panels(actor, entry):
        try:
            points = compiler.sql(Leaf(str(panel.link), "eq", entry.pk), type_of(actor, str(panel.type)), "o")
        except FilterError:
            continue  # the actor may not see what it points to
        found[str(panel.type)].append(points)
    for key, links in found.items():
        yield type_of(actor, key), any_of(links)


SAID = (
    "jsonb_build_object('id', {c}.id, 'at', {c}.created_at, 'name', {c}.name, 'member', {c}.member, 'text', {c}.text, 'mentions', "
    "{c}.mentions, 'edits', {c}.edits, 'edited_at', {c}.edited_at, 'removed', {c}.removed_at IS NOT NULL, "
    "'pinned', {c}.pinned_at IS NOT NULL)"
)
ANSWERED = "EXISTS (SELECT 1 FROM comments_comment r WHERE r.parent = c.id AND r.removed_at IS NULL)"
BODY = (
    f"{SAID.format(c='c')} || jsonb_build_object('replies', (SELECT jsonb_agg({SAID.format(c='r')} ORDER BY r.id) "
    "FROM comments_comment r WHERE r.parent = c.id AND r.removed_at IS NULL), 'files', (SELECT jsonb_agg(jsonb_build_object("
    "'id', a.id, 'name', a.name, 'size', f.size, 'media_type', f.media_type) ORDER BY a.id) FROM files_attachment a "
    "JOIN files_file f ON f.id = a.file_id WHERE a.comment = c.id AND a.deleted_at IS NULL))"
)


def _comments(entry: Entry, place: Place | None, size: int) -> Sql:
    where = all_of([Sql(f"(c.removed_at IS NULL OR {ANSWERED})"), _limited(place, "c.created_at", "c.id", "comment")])
    return Sql(
        f"SELECT {RANK['comment']} AS rank, c.id, c.created_at AS at, c.type, c.record, 'comment', c.name, c.member, '', '', 0, "
        f"{BODY} FROM (SELECT * FROM comments_comment c WHERE c.type = %s AND c.record = %s AND c.parent IS NULL "
        f"AND {where.text} ORDER BY c.created_at DESC, c.id DESC LIMIT {size}) c",
        (entry.type.key, entry.pk, *where.params),
    )


def _assignments(entry: Entry, place: Place | None, size: int) -> Iterator[Sql]:
    """That something was assigned, and what became of it."""
    for at, name, member, deed, note in (
        ("a.created_at", "a.by_name", "a.by_member", "'assigned'", "a.note"),
        ("a.closed_at", "a.closed_by", "NULL::bigint", "a.state", "a.answer"),
    ):
        where = all_of([Sql(f"{at} IS NOT NULL"), _limited(place, at, "a.id", "assignment")])
        yield Sql(
            f"SELECT {RANK['assignment']} AS rank, a.id, {at} AS at, a.type, a.record, 'assignment', {name}, {member}, '', '', 0, "
            f"jsonb_build_object('deed', {deed}, 'receiver', a.receiver, 'note', {note}, 'due', a.due_on) "
            f"FROM assignments_assignment a WHERE a.type = %s AND a.record = %s AND {where.text} "
            f"ORDER BY {at} DESC, a.id DESC LIMIT {size}",
            (entry.type.key, entry.pk, *where.params),
        )


def _files(entry: Entry, place: Place | None, size: int) -> Sql:
    where = _limited(place, "a.created_at", "a.id", "file")
    return Sql(
        f"SELECT {RANK['file']} AS rank, a.id, a.created_at AS at, a.type, a.record, 'file', a.member_name, a.member, '', '', 0, "
        "jsonb_build_object('id', a.id, 'name', a.name, 'size', f.size, 'media_type', f.media_type, 'deleted_by', a.deleted_by) "
        "FROM files_attachment a JOIN files_file f ON f.id = a.file_id WHERE a.type = %s AND a.record = %s "
        f"AND a.comment IS NULL AND {where.text} ORDER BY a.created_at DESC, a.id DESC LIMIT {size}",
        (entry.type.key, entry.pk, *where.params),
    )
