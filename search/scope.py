"""What an actor may find, as part of the query: policies compiled to terms, kinds, and the filters of a request."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.access.policy import Terms, policy_for
from kezhou.finding import SearchRequest
from kezhou.finding.unreviewed import reviewers, waiting
from kezhou.records import fields_for
from kezhou.records.spec import FieldSpec, Level, Purpose, TypeSpec
from search.analysis.vocabulary import EMPTY, Vocabulary
from search.confidential import NONE, OPEN, Apart
from search.documents import Parts, confidential_to, parts_of, searchable_by, uid, whole_parts
from search.linked import AUTHOR, REVIEWED
from search.query.compiled import Compiled, Prefixes
from search.query.forgiving import Forgiving
from search.query.places import Places, Shares
from search.query.tree import EVERYTHING, NOTHING, Between, Constant, Everything, OneOf, Query, Term, every, some
from search.query.words import Words
from search.schema import BESIDE_FIELDS, RELATED_FIELDS, TEXT_FIELDS, Field
from tenants.context import current


def condition(terms: Terms, prefix: str = "", kind: str = "") -> Query:
    """A policy's condition (`Condition.terms()`) as a query. A shape not known here finds nothing.

    `prefix` asks the terms of a linked record instead (`customer>`); `kind` is the type whose policy it is.
    """
    match terms:
        case ("all",):
            return Everything()
        case ("in", str(field), tuple(pks)):
            return OneOf(Field.TERMS, tuple(f"{prefix}{field}:{pk}" for pk in pks))
        case ("value", str(field), tuple(values)):
            return OneOf(Field.TERMS, tuple(f"{prefix}{field}={value}" for value in values))
        case ("pk", tuple(pks)) if prefix:
            return OneOf(Field.TERMS, tuple(f"{prefix[:-1]}:{pk}" for pk in pks))
        case ("pk", tuple(pks)) if kind:
            return OneOf(Field.UID, tuple(uid(kind, pk) for pk in pks))
        case ("link", str(field), tuple(inner)):
            return condition(inner, f"{prefix}{field}>")
        case ("and", *inner):
            return every(*(condition(t, prefix, kind) for t in inner))
        case ("or", *inner):
            parts = [condition(t, prefix, kind) for t in inner]
            return Everything() if Everything() in parts else some(*parts)
        case _:
            return NOTHING


@dataclass(frozen=True, slots=True)
class Scope:
    """What one actor may find: kinds that share a condition and the fields that may be searched."""

    kinds: tuple[str, ...]
    condition: Query
    fields: frozenset[Field]
    guard: Query
    confidential: tuple[tuple[Field, tuple[str, ...]], ...] = ()

    @property
    def keys(self) -> frozenset[tuple[Field, str]]:
        """The confidential fields that may be searched, each with the index field where it is at home."""
        return frozenset((field, key) for field, keys in self.confidential for key in keys)

    def among(self, kinds: Iterable[str]) -> Query:
        """The records inside this scope of some of its kinds."""
        wanted = tuple(kind for kind in self.kinds if kind in kinds)
        if not wanted or not (self.fields or self.confidential):
            return NOTHING
        return every(OneOf(Field.KIND, wanted), self.condition)


@dataclass(frozen=True, slots=True)
class Sight:
    """All scopes of one actor in one, so that the words of a search are one tree for all kinds: each field is searched behind the
    conditions under which the actor may search it."""

    scopes: tuple[Scope, ...]
    fields: Mapping[Field, Query]
    confidential: Mapping[Field, tuple[tuple[str, Query], ...]]

    @classmethod
    def of(cls, scopes: Iterable[Scope]) -> Sight:
        """What these scopes let an actor see together."""
        seen = tuple(scope for scope in scopes if scope.fields or scope.confidential)
        fields = {
            field: _behind(seen, field, [scope for scope in seen if field in scope.fields]) for field in TEXT_FIELDS
        }
        apart: dict[Field, list[tuple[str, Query]]] = {}
        for field, key in sorted(
            {(field, key) for scope in seen for field, keys in scope.confidential for key in keys}
        ):
            opening = [scope for scope in seen if (field, key) in scope.keys]
            apart.setdefault(field, []).append((key, _behind(seen, field, opening)))
        return cls(
            seen,
            {field: guard for field, guard in fields.items() if guard != NOTHING},
            {field: tuple(found) for field, found in apart.items()},
        )

    def among(self, kinds: Iterable[str]) -> Query:
        """The records of some kinds that the actor may find."""
        wanted = frozenset(kinds)
        return some(*(scope.among(wanted) for scope in self.scopes))


def _behind(every_scope: Sequence[Scope], field: Field, opening: Sequence[Scope]) -> Query:
    """Where a field may be searched that these scopes open: everywhere when all of them do, without a guard of their own."""
    kinds: dict[Query, list[str]] = {}
    for scope in opening:
        kinds.setdefault(scope.guard if field in RELATED_FIELDS else EVERYTHING, []).extend(scope.kinds)
    if set(kinds) == {EVERYTHING} and len(opening) == len(every_scope):
        return EVERYTHING
    return some(*(every(OneOf(Field.KIND, tuple(found)), guard) for guard, found in kinds.items()))


Shared = tuple[Query, frozenset[Field], Query, tuple[tuple[Field, tuple[str, ...]], ...]]


def scopes(actor: Actor, specs: Mapping[str, TypeSpec], apart: Apart = OPEN) -> tuple[Scope, ...]:
    """The scopes of an actor over the types that the actor may read; `apart` names the confidential fields of the index."""
    grouped: dict[Shared, list[str]] = {}
    present = records.types(actor)
    for key, spec in specs.items():
        seen, kept = parts_of(spec, actor), apart.get(key, NONE)
        fields = searchable_by(seen, whole_parts(spec), kept)
        if not policy_for(actor, key).beside:
            fields -= BESIDE_FIELDS
        shared = (findable(actor, spec), fields, related_guard(actor, seen, present), confidential_to(seen, kept))
        grouped.setdefault(shared, []).append(key)
    return tuple(Scope(tuple(kinds), *shared) for shared, kinds in grouped.items())


def findable(actor: Actor, spec: TypeSpec, prefix: str = "") -> Query:
    """The records of a type that an actor may find: those of the policy, less those that others still review (SRH-10)."""
    inside = condition(policy_for(actor, spec.key).condition.terms(), prefix, spec.key)
    return every(inside, reviewed(actor, spec, prefix))


def reviewed(actor: Actor, spec: TypeSpec, prefix: str = "") -> Query:
    """Records that were reviewed, the actor's own ones, and those that the actor reviews."""
    states = waiting(spec)
    if states is None:
        return Everything()
    mine = condition(reviewers(actor, spec, states).terms(), prefix, spec.key)
    if isinstance(mine, Everything):
        return mine
    own = (f"{prefix}{AUTHOR}:{actor.member_pk}",) if actor.member_pk is not None else ()
    return some(OneOf(Field.TERMS, (f"{prefix}{REVIEWED}", *own)), mine)


def related_guard(actor: Actor, parts: Parts, present: Mapping[str, TypeSpec]) -> Query:
    """Names of linked records are searched only in documents whose linked records this actor may see by name.

    `present` are the types that the actor may read.
    """
    return every(*(_link_guard(actor, field, present.get(field.target or "")) for field in parts.related))


def _link_guard(actor: Actor, field: FieldSpec, target: TypeSpec | None) -> Query:
    none = Term(Field.TERMS, f"{field.key}>none")
    if target is None:
        return none
    policy = policy_for(actor, target.key)
    if policy.level(target.title_field) in {Level.HIDE, Level.MASK}:
        return none
    inside = findable(actor, target, prefix=f"{field.key}>")
    return inside if isinstance(inside, Everything) else some(none, inside)


def showing(actor: Actor, specs: Mapping[str, TypeSpec], key: str) -> frozenset[str]:
    """The kinds of which the actor may filter by this field."""
    return frozenset(
        k for k, spec in specs.items() if any(f.key == key for f in fields_for(spec, actor, Purpose.FILTER))
    )


def showing_category(actor: Actor, specs: Mapping[str, TypeSpec]) -> frozenset[str]:
    """The kinds with a class by which the actor may filter."""
    classed = {k: spec for k, spec in specs.items() if spec.search.category}
    return frozenset(k for k, spec in classed.items() if k in showing(actor, {k: spec}, spec.search.category))


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a request as queries, each of which can be left out for its own facet.

    `askable` are the kinds that the other filters leave, `kinds` those among them that were chosen.
    """

    askable: tuple[str, ...]
    kinds: tuple[str, ...]
    owner: Query
    department: Query
    category: Query
    days: Query

    @classmethod
    def of(
        cls,
        request: SearchRequest,
        kinds: Iterable[str],
        shown: Mapping[str, frozenset[str]],
        classed: frozenset[str],
        below: Mapping[int, frozenset[int]],
    ) -> Filters:
        """The filters of `request`; `below` gives the departments under each department, itself included, `shown` the kinds of which
        the actor may filter by a field, `classed` those with a class.

        A kind whose owner (department, last change) the actor is not shown drops out when it is filtered by: nothing is betrayed.
        """
        askable = tuple(kinds)
        for key in request.filtered:
            askable = tuple(kind for kind in askable if kind in shown[key])
        if request.category:
            askable = tuple(kind for kind in askable if kind in classed)
        departments = sorted({pk for wanted in request.department for pk in below.get(wanted, {wanted})})
        return cls(
            askable=askable,
            kinds=tuple(kind for kind in askable if not request.kinds or kind in request.kinds),
            owner=OneOf(Field.OWNER, request.owner) if request.owner else Everything(),
            department=OneOf(Field.DEPARTMENT, tuple(departments)) if request.department else Everything(),
            category=OneOf(Field.CATEGORY, request.category) if request.category else Everything(),
            days=days(request.since, request.until),
        )

    def narrow(self, query: Query, *, but: str = "") -> Query:
        """The query under all filters but one (kinds are put in by `Scope.query`)."""
        filters = {"owner": self.owner, "department": self.department, "category": self.category, "days": self.days}
        chosen = [query for name, query in filters.items() if name != but]
        return every(query, *(Constant(f, 0.0) for f in chosen if not isinstance(f, Everything)))


def days(since: datetime.date | None, until: datetime.date | None) -> Query:
    """Changes from the first to the last of these days, in the tenant's zone."""
    if since is None and until is None:
        return Everything()
    first = None if since is None else start_of(since)
    last = None if until is None else start_of(until + datetime.timedelta(days=1)) - 1
    return Between(Field.CHANGED, first, last)


def start_of(day: datetime.date) -> int:
    """The milliseconds since 1970 at which a day begins in the tenant's zone."""
    return int(datetime.datetime.combine(day, datetime.time.min, current().zone).timestamp() * 1000)


class Phase(IntEnum):
    """How much is forgiven."""

    STRICT = 0
    FORGIVING = 1
    SLIPS = 2


@dataclass(frozen=True)
class Ask:
    """One text within the sight of one actor, strict or forgiving."""

    text: str
    sight: Sight
    shares: Shares
    phase: Phase = Phase.STRICT
    prefixes: Prefixes | None = None
    vocabulary: Vocabulary = EMPTY

    def query(self, kinds: Iterable[str]) -> Query:
        """What to find among some kinds; where to look does not change the score."""
        return self._among(self.asked or NOTHING, kinds)

    def named(self, kinds: Iterable[str]) -> Query:
        """The records that are called exactly so."""
        return self._among(some(*self.wished()), kinds)

    def wished(self) -> tuple[Query, ...]:
        """The exact title first."""
        return self._words(self.text, None).wished()

    @cached_property
    def asked(self) -> Query | None:
        """What the text asks for in this phase, wherever; None when there is nothing to forgive."""
        return Compiled(self._words, self.prefixes).query(self.text, self._way)

    def _among(self, asked: Query, kinds: Iterable[str]) -> Query:
        inside = self.sight.among(kinds)
        return NOTHING if inside == NOTHING else every(asked, Constant(inside, 0.0))

    def _words(self, text: str, fields: frozenset[Field] | None) -> Words:
        guards, apart = self.sight.fields, self.sight.confidential
        if fields is not None:
            guards = {field: guard for field, guard in guards.items() if field in fields}
            apart = {home: keys for home, keys in apart.items() if home in fields}
        return Words(text, self.shares, Places(guards, apart), self.vocabulary)

    def _way(self, words: Words) -> Query | None:
        return Forgiving(words, slips=self.phase is Phase.SLIPS).query() if self.phase else words.strict()
