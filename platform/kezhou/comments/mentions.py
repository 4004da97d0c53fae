"""@somebody: which members and departments a text names, and who of them may be told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.access.actors import actors_for
from kezhou.access.policy import policy_for
from kezhou.records import Entry
from kezhou.records.rows import run
from kezhou.records.sql import Sql

LONGEST_NAME = 40
MOST_MARKS = 20
MOST_TOLD = 100
SUGGESTED = 8
_MARK = re.compile(rf"@([^\s@]{{1,{LONGEST_NAME}}})")


@dataclass(frozen=True, slots=True)
class Mention:
    """A member or department that a text names: `kind` is member or department."""

    kind: str
    pk: int
    name: str


@dataclass(frozen=True, slots=True)
class Reached:
    """Who will be told, and the names of those who may not see the record and are not."""

    members: tuple[int, ...] = ()
    blind: tuple[str, ...] = ()


def named(text: str, chosen: Iterable[int] = ()) -> tuple[Mention, ...]:
    """The members and departments behind the @ of a text, the longest name at each: one statement, none without an @.

    `chosen` are members that were picked from the list; of several with one name they are the ones meant.
    """
    runs = [found.group(1) for found in _MARK.finditer(text)][:MOST_MARKS]
    if not runs:
        return ()
    wanted = sorted({run_[:length] for run_ in runs for length in range(1, len(run_) + 1)})
    rows = run(
        Sql(
            "SELECT 'member', id, name FROM access_member WHERE name = ANY(%s) AND state = 'active' AND deleted_at IS NULL "
            "UNION ALL SELECT 'department', id, name FROM access_department WHERE name = ANY(%s) AND deleted_at IS NULL "
            "ORDER BY 1 DESC, 2",
            (wanted, wanted),
        )
    )
    known = [Mention(*row) for row in rows]
    picked = set(chosen)
    meant = {mention for run_ in runs for mention in _meant(run_, known, picked)}
    return tuple(mention for mention in known if mention in meant)


def _meant(run_: str, known: Sequence[Mention], picked: set[int]) -> list[Mention]:
    fitting = [mention for mention in known if run_.startswith(mention.name)]
    longest = max((len(mention.name) for mention in fitting), default=0)
    best = [mention for mention in fitting if len(mention.name) == longest]
    return [mention for mention in best if mention.kind == "member" and mention.pk in picked] or best


def reached(entry: Entry, mentions: Sequence[Mention], *, but: int | None) -> Reached:
    """Of the members mentioned, and those of mentioned departments, who may see the record, and who may not."""
    people = [mention.pk for mention in mentions if mention.kind == "member"]
    places = [mention.pk for mention in mentions if mention.kind == "department"]
    if not mentions:
        return Reached()
    rows = run(
        Sql(
            "SELECT id FROM access_member WHERE (id = ANY(%s) OR department_id = ANY(%s)) AND state = 'active' "
            "AND deleted_at IS NULL ORDER BY (id = ANY(%s)) DESC, id LIMIT %s",
            (people, places, people, MOST_TOLD),
        )
    )
    facts = {"owner": entry.owner, "department": entry.department}
    told, blind = [], []
    for actor in actors_for([row[0] for row in rows if row[0] != but]):
        if policy_for(actor, entry.type.key).condition.holds(facts):
            told.append(actor.member_pk)
        elif actor.member_pk in people:
            blind.append(actor.name)
    return Reached(tuple(told), tuple(blind))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of the picker."""

    kind: str
    pk: int
    name: str
    note: str


def suggestions(actor: Actor, text: str) -> tuple[Suggestion, ...]:
    """Members (name, pinyin, initials) and departments that fit what was typed behind the @."""
    found = []
    for kind, type_key in (("member", "core.member"), ("department", "core.department")):
        if type_key not in records.types(actor):
            continue
        asked = records.ListRequest(
            columns=("department",) if kind == "member" else ("parent",), q=text, size=SUGGESTED, sums=False,
            filter=["state", "eq", "active"] if kind == "member" else None,
            sort=() if text else ("-changed_at",),
        )  # fmt: skip
        found += [
            Suggestion(kind, row.pk, row.title, _note(row.texts[0]))
            for row in records.page(actor, type_key, asked).rows
        ]
    return tuple(found[:SUGGESTED])


def _note(text: str) -> str:
    return "" if text in {"—", "-"} else text


def marked(text: str, mentions: Iterable[Mention]) -> Markup:
    """The text as HTML, with every mention marked."""
    names = sorted({mention.name for mention in mentions}, key=len, reverse=True)
    shown = str(escape(text))
    if names:
        pattern = re.compile("@(?:" + "|".join(re.escape(str(escape(name))) for name in names) + ")")
        shown = pattern.sub(lambda found: f'<span class="kz-at">{found.group(0)}</span>', shown)
    return Markup(shown.replace("\n", "<br>"))  # noqa: S704  # escaped above
