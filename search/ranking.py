"""What makes a record weigh more beside the words (SRH-05): its kind, how lately it was changed, how important it is, and what it
is to the one who asks. Each is a part of the neutral tree with a fixed number of points, so every engine ranks alike and each can be told.

Nothing that the actor may not see has weight: an order would betray it as well as a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import parameters
from kezhou.access.actor import Actor
from kezhou.finding import SearchRequest
from kezhou.finding.ranking import IMPORTANCE, RECENCY, RELATION
from kezhou.records import fields_for
from kezhou.records.spec import Purpose, TypeSpec
from search.documents import uid
from search.findable import Findable
from search.linked import IMPORTANT, month
from search.query.prior import kind_points
from search.query.tree import Constant, OneOf, Query, Term, every
from search.schema import Field

IMPORTANT_POINTS, MINE_POINTS, DEPARTMENT_POINTS, OPENED_POINTS = 2.5, 4.0, 2.0, 6.0
LATELY_POINTS, THIS_YEAR_POINTS = 3.0, 1.5
MOST_OPENED = 12


@dataclass(frozen=True, slots=True)
class Bonus:
    """More score for some documents, and the sentence that says why."""

    query: Query
    points: float
    why: str

    @property
    def part(self) -> Query:
        """The bonus as a part of a query."""
        return Constant(self.query, self.points)


def bonuses(actor: Actor, request: SearchRequest, findable: Findable, documents: int) -> tuple[Bonus, ...]:
    """Everything beside the words that counts for this actor among so many records, as strong as the company wants it."""
    recency, importance, relation = (parameters.whole(key, actor) for key in (RECENCY, IMPORTANCE, RELATION))
    return (
        *_kinds(findable.specs, documents),
        *(_recency(findable, recency) if recency else ()),
        *(_importance(actor, findable.specs, importance) if importance else ()),
        *(_relation(actor, request, findable, relation) if relation else ()),
    )


def wishes(actor: Actor, request: SearchRequest, findable: Findable, documents: int) -> tuple[Query, ...]:
    """The same as parts of a query. Without opened records they hang on nothing of the request and are made once: telling why took a
    twentieth of every search."""
    strengths = (parameters.whole(key, actor) for key in (RECENCY, IMPORTANCE, RELATION))
    key = (actor.member_pk, actor.department_pk, documents, timezone.localdate(), *strengths)
    held: tuple[Query, ...] | None = None if request.opened else findable.kept.get(key)
    if held is None:
        held = tuple(bonus.part for bonus in bonuses(actor, request, findable, documents))
        if not request.opened:
            findable.kept.clear()  # the number of documents is another than before, or the day
            findable.kept[key] = held
    return held


def _kinds(specs: Mapping[str, TypeSpec], documents: int) -> tuple[Bonus, ...]:
    """The kinds that stand first in the menu, less and less from the first to the fifth."""
    found = zip(specs.items(), kind_points(documents), strict=False)
    return tuple(
        Bonus(Term(Field.KIND, key), points, _("“%(kind)s”是靠前的种类") % {"kind": spec.title})
        for (key, spec), points in found
    )


def months(back: int) -> tuple[str, ...]:
    """The terms of this month and of so many before."""
    today = timezone.localdate()
    number = today.year * 12 + today.month - 1
    return tuple(month((number - n) // 12, (number - n) % 12 + 1) for n in range(back + 1))


def _recency(findable: Findable, strength: int) -> tuple[Bonus, ...]:
    kinds = findable.shown["changed_at"]
    if not kinds:
        return ()
    lately, year = (_among(kinds, findable.specs, OneOf(Field.TERMS, months(back))) for back in (1, 11))
    return (
        Bonus(lately, LATELY_POINTS * strength, _("这个月或上个月改动过")),
        Bonus(year, THIS_YEAR_POINTS * strength, _("最近十二个月里改动过")),
    )


def _importance(actor: Actor, specs: Mapping[str, TypeSpec], strength: int) -> tuple[Bonus, ...]:
    found = []
    for key, spec in specs.items():
        fields = {field for field, _value, _weight in spec.search.importance}
        if not fields or not fields <= {field.key for field in fields_for(spec, actor, Purpose.FILTER)}:
            continue
        for weight in sorted({weight for _field, _value, weight in spec.search.importance}):
            asked = every(Term(Field.KIND, key), Term(Field.TERMS, f"{IMPORTANT}:{weight}"))
            found.append(Bonus(asked, IMPORTANT_POINTS * weight * strength, _important(spec, weight)))
    return tuple(found)


def _important(spec: TypeSpec, weight: int) -> str:
    labels = [
        _("%(label)s是“%(value)s”") % {"label": field.label, "value": option.label}
        for key, value, given in spec.search.importance
        if given == weight and (field := spec.by_key[key]) and (option := field.option(value))
    ]
    return _("重要：%(why)s") % {"why": _("或").join(labels)}


def _relation(actor: Actor, request: SearchRequest, findable: Findable, strength: int) -> tuple[Bonus, ...]:
    found, specs = [], findable.specs
    if actor.member_pk is not None and (kinds := findable.shown["owner"]):
        mine = _among(kinds, specs, Term(Field.OWNER, actor.member_pk))
        found.append(Bonus(mine, MINE_POINTS * strength, _("由你负责")))
    if actor.department_pk is not None and (kinds := findable.shown["department"]):
        ours = _among(kinds, specs, Term(Field.DEPARTMENT, actor.department_pk))
        found.append(Bonus(ours, DEPARTMENT_POINTS * strength, _("属于你的部门")))
    opened = tuple(uid(kind, pk) for kind, pk in request.opened if kind in specs)[:MOST_OPENED]
    if opened:
        found.append(Bonus(OneOf(Field.UID, opened), OPENED_POINTS * strength, _("你最近打开过")))
    return tuple(found)


def _among(kinds: frozenset[str], specs: Mapping[str, TypeSpec], query: Query) -> Query:
    """Only kinds of which the actor is shown what counts."""
    return query if len(kinds) == len(specs) else every(OneOf(Field.KIND, tuple(sorted(kinds))), query)
