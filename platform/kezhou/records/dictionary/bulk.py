"""Many values at once: pasted lines, and the rows of a spreadsheet that was exported, changed and brought back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.records import dictionaries
from kezhou.records.dictionaries import DictionaryError, Value, demand_admin

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

UNDER = ">"
"""In a path: 糖酒食品 > 白酒."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One wanted value: `row` as its author counts them, `path` the labels from the top, None what is not said."""

    row: int
    path: tuple[str, ...]
    key: str = ""
    hue: str | None = None
    enabled: bool | None = None
    default: bool | None = None
    aliases: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of it."""

    added: int = 0
    changed: int = 0
    same: int = 0


class BulkError(DictionaryError):
    """Nothing was written; `problems` holds (row, sentence) pairs."""

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__(_("有 %(n)s 行不对，一行也没有写入。") % {"n": len(self.problems)})


def lines_of(text: str) -> tuple[Line, ...]:
    """Pasted text, one value a line; `上级 > 值` puts it under another."""
    found = enumerate(text.splitlines(), 1)
    return tuple(Line(row=row, path=_path(line)) for row, line in found if line.strip())


def _path(line: str) -> tuple[str, ...]:
    parts = (part.strip() for part in line.replace("＞", UNDER).split(UNDER))
    return tuple(part for part in parts if part)


def apply(actor: Actor, dictionary: str, lines: Iterable[Line]) -> Applied:
    """Add what is new and change what is said otherwise, all or nothing; what is not named stays. Raises BulkError, NotAllowed."""
    demand_admin(actor)
    problems: list[tuple[int, str]] = []
    counts = {"added": 0, "changed": 0, "same": 0}
    with transaction.atomic():
        before = dictionaries.values(actor, dictionary)
        for line in lines:
            try:
                with transaction.atomic():
                    counts[_one(actor, dictionary, line, before)] += 1
            except DictionaryError as error:
                problems.append((line.row, str(error)))
        if problems:
            transaction.set_rollback(True)
    if problems:
        raise BulkError(problems)
    return Applied(**counts)


def _one(actor: Actor, dictionary: str, line: Line, before: Sequence[Value]) -> str:
    known = dictionaries.values(actor, dictionary)
    if not line.path:
        raise DictionaryError(_("这一行没有名称。"))
    parent = _unmoved(before, line)
    if parent is None:
        parent = ""
        for label in line.path[:-1]:
            parent = _among(known, label, parent) or dictionaries.add(actor, dictionary, label, parent=parent)
            known = dictionaries.values(actor, dictionary)
    value = _standing(known, line, parent)
    if value is None:
        key = dictionaries.add(
            actor,
            dictionary,
            line.path[-1],
            key=line.key,
            hue=line.hue or "grey",
            aliases=line.aliases or (),
            parent=parent,
        )
        if line.default or line.enabled is False:
            dictionaries.change(actor, dictionary, key, default=line.default, enabled=line.enabled)
        return "added"
    return _changed(actor, dictionary, value, line, parent)


def _unmoved(before: Sequence[Value], line: Line) -> str | None:
    """The parent of a value that still names the path it had: another row may have renamed what stands above it."""
    value = next((each for each in before if line.key and each.key == line.key), None)
    if value is None or _path(path_of(before, value))[:-1] != line.path[:-1]:
        return None
    return value.parent


def _among(known: Iterable[Value], label: str, parent: str) -> str:
    return next((value.key for value in known if value.label == label and value.parent == parent), "")


def _standing(known: Sequence[Value], line: Line, parent: str) -> Value | None:
    if line.key:
        return next((value for value in known if value.key == line.key), None)
    return next((value for value in known if value.label == line.path[-1] and value.parent == parent), None)


def _changed(actor: Actor, dictionary: str, value: Value, line: Line, parent: str) -> str:
    wanted = {
        "label": line.path[-1],
        "parent": parent,
        "hue": line.hue,
        "enabled": line.enabled,
        "default": line.default,
        "aliases": line.aliases,
    }
    if all(asked is None or getattr(value, name) == asked for name, asked in wanted.items()):
        return "same"
    dictionaries.change(
        actor,
        dictionary,
        value.key,
        label=line.path[-1],
        parent=parent,
        hue=line.hue,
        enabled=line.enabled,
        default=line.default,
        aliases=line.aliases,
    )
    return "changed"


def path_of(known: Sequence[Value], value: Value) -> str:
    """The labels from the top down to a value, as `lines_of` reads them."""
    by_key = {each.key: each for each in known}
    labels, at = [value.label], value
    while at.parent:
        at = by_key[at.parent]
        labels.insert(0, at.label)
    return f" {UNDER} ".join(labels)
