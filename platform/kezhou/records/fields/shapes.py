"""The small values that field types take and give: what reading needs, how showing is done, what a form draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from kezhou.records.spec import RecordError

SHANGHAI = ZoneInfo("Asia/Shanghai")


class FieldError(RecordError):
    """A value that its field refuses; `str()` is one full sentence: what is wrong, and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What reading a value needs to know of the moment and the place.

    `resolve(target type key, texts)` finds linked records by title or name: text → primary key; texts without exactly
    one match are missing. None means that links are given by primary key only.
    """

    zone: tzinfo = SHANGHAI
    today: date = field(default_factory=lambda: datetime.now(UTC).astimezone(SHANGHAI).date())
    resolve: Callable[[str, Sequence[str]], Mapping[str, int]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How values are shown in one request: bound once, used for every cell.

    `titles` holds the titles of linked records by (type key, primary key), as far as the actor may see them; a missing
    or None title shows as 无权限. `compact` writes money in 万 and 亿. `door` begins the addresses of what cells link to.
    """

    zone: tzinfo = SHANGHAI
    today: date = field(default_factory=lambda: datetime.now(UTC).astimezone(SHANGHAI).date())
    titles: Mapping[tuple[str, int], str | None] = field(default_factory=dict)
    language: str = "zh-hans"
    compact: bool = False
    door: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One entry of a select control; `parent` is the key of the value above it, `picture` where a small picture of it is."""

    key: str
    label: str
    hue: str = "grey"
    selected: bool = False
    enabled: bool = True
    parent: str = ""
    picture: str = ""


ControlKind = Literal[
    "text",
    "textarea",
    "number",
    "date",
    "datetime",
    "time",
    "switch",
    "select",
    "multiselect",
    "lookup",
    "email",
    "tel",
    "stars",
    "pieces",
    "files",
    "region",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One line below a control about the value in it, such as an amount in capitals; `tone` is info or warn."""

    text: str
    tone: Literal["info", "warn"] = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """How a form asks for a value: templates draw it by `kind`; `value` is what stands in the input at first.

    A value of several inputs has a control per piece, each named key__piece; `noted` says that the note is worth asking
    for again when the value changes. `follows` names the control whose value narrows the choices; a look-up then finds only records
    whose link `through` holds that value, which is `above` where that control is not in the form.
    """

    kind: ControlKind
    name: str
    label: str
    value: str = ""
    required: bool = False
    help: str = ""
    unit: str = ""
    placeholder: str = ""
    choices: tuple[Choice, ...] = ()
    target: str = ""
    title: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    note: Note | None = None
    noted: bool = False
    follows: str = ""
    through: str = ""
    above: str = ""
    pieces: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The expression index of one often filtered or sorted own field; its statements run outside a transaction."""

    name: str
    create: str
    analyze: str
    drop: str
