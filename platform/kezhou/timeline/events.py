"""What a timeline shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from kezhou.comments.mentions import Mention, marked
from kezhou.files.kinds import icon_of, preview
from kezhou.records import Change
from kezhou.records.spec import TypeSpec


@dataclass(frozen=True, slots=True)
class Filed:
    """A file as the timeline shows it."""

    pk: int
    name: str
    size: int
    media_type: str
    deleted_by: str = ""

    @property
    def icon(self) -> str:
        """What stands for it."""
        return icon_of(self.media_type, self.name)

    @property
    def preview(self) -> str:
        """picture, pdf, table, text or ""."""
        return preview(self.media_type, self.name)


@dataclass(frozen=True, slots=True)
class Given:
    """That the record was assigned to somebody (`deed` is assigned), or what became of it (done, returned, withdrawn)."""

    deed: str
    receiver: str
    note: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A comment; `text` is empty when it was taken back, which is shown while there are answers."""

    pk: int
    at: datetime
    name: str
    member: int | None
    text: str
    html: Markup
    edited_at: datetime | None
    edits: tuple[str, ...]
    removed: bool
    pinned: bool
    replies: tuple[Said, ...] = ()
    files: tuple[Filed, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One entry: `kind` is change, move, comment, file, assignment or linked; then `change`, `said`, `file` or `given` holds it.

    A linked event is a change of `type` `pk`, called `title` (None when the actor may not see its name).
    """

    kind: str
    pk: int
    at: datetime
    name: str
    member: int | None
    cursor: str
    change: Change | None = None
    said: Said | None = None
    file: Filed | None = None
    given: Given | None = None
    type: TypeSpec | None = None
    record: int = 0
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """Some entries, newest first, and the cursor of the next ones ("" when there are none)."""

    events: tuple[Event, ...]
    next: str = ""


def said_of(row: Mapping[str, Any], at: datetime) -> Said:
    """A comment from the JSON that the statement made of it."""
    removed = bool(row["removed"])
    mentions = [Mention(**mention) for mention in row["mentions"]]
    text = "" if removed else row["text"]
    return Said(
        pk=row["id"],
        at=at,
        name=row["name"],
        member=row["member"],
        text=text,
        html=Markup("") if removed else marked(text, mentions),
        edited_at=_moment(row["edited_at"]),
        edits=() if removed else tuple(edit["text"] for edit in row["edits"]),
        removed=removed,
        pinned=bool(row["pinned"]),
        replies=tuple(said_of(reply, _sure(reply["at"])) for reply in row.get("replies") or ()),
        files=() if removed else _files(row.get("files") or ()),
    )


def _files(rows: Sequence[Mapping[str, Any]]) -> tuple[Filed, ...]:
    return tuple(Filed(row["id"], row["name"], row["size"], row["media_type"]) for row in rows)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _sure(text: str) -> datetime:
    return datetime.fromisoformat(text)
