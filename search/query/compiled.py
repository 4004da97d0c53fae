"""A whole query of a user inside one scope: words, phrases, exclusions and prefixes put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kezhou.finding.language import Clause, clauses, plain, written
from search.query.tree import EVERYTHING, NOTHING, Constant, Nothing, OneOf, Query, Without, every, some
from search.query.words import Words
from search.schema import PINYIN_FIELDS, TITLE_FIELDS, Field


class Meaning(Protocol):
    """What a prefix stands for: fields, and kinds that are found by their names as well."""

    @property
    def fields(self) -> frozenset[Field]: ...

    @property
    def kinds(self) -> Sequence[str]: ...


class Prefixes(Protocol):
    """How prefixes are understood (`search.prefixes`)."""

    def meaning(self, prefix: str) -> Meaning | None: ...

    def people(self, prefix: str, text: str) -> Query | None: ...


Ways = Callable[[Words], Query | None]
"""How strictly words are asked: `Words.strict`, or `search.query.forgiving`."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """Puts a query together; `words` makes the builder of some words over some fields (None: all that may be searched)."""

    words: Callable[[str, frozenset[Field] | None], Words]
    prefixes: Prefixes | None

    def query(self, text: str, way: Ways) -> Query | None:
        """What the text asks for; None when `way` has nothing to say (nothing to forgive)."""
        if plain(text):
            return way(self.words(text, None))
        found = [self._known(clause) for clause in clauses(text)]
        wanted = [clause for clause in found if not clause.excluded]
        loose = " ".join(clause.text for clause in wanted if not clause.phrase and not clause.prefix)
        parts = [self._clause(clause) for clause in wanted if clause.phrase or clause.prefix]
        asked = way(self.words(loose, None)) if loose else EVERYTHING
        if asked is None:
            return None
        required = every(*([asked] if loose or not parts else []), *parts)
        return self._less(required, [clause for clause in found if clause.excluded])

    def _known(self, clause: Clause) -> Clause:
        """A prefix that names nothing was no prefix."""
        if not clause.prefix or self._means(clause.prefix, clause.text):
            return clause
        return Clause(written(clause), clause.phrase, clause.excluded)

    def _means(self, prefix: str, text: str) -> bool:
        prefixes = self.prefixes
        return prefixes is not None and (
            prefixes.meaning(prefix) is not None or prefixes.people(prefix, text) is not None
        )

    def _less(self, required: Query, excluded: list[Clause]) -> Query:
        unwanted = some(*(self._clause(clause) for clause in excluded)) if excluded else NOTHING
        return required if isinstance(unwanted, Nothing) else Without(required, unwanted)

    def _clause(self, clause: Clause) -> Query:
        if self.prefixes is None or not clause.prefix:
            return self._in(clause, None)
        people = self.prefixes.people(clause.prefix, clause.text)
        if people is not None:
            return people if isinstance(people, Nothing) else Constant(people, 1.0)
        meaning = self.prefixes.meaning(clause.prefix)
        if meaning is None:
            return self._in(clause, None)
        ways = [self._in(clause, meaning.fields)]
        if meaning.kinds:
            named = self._in(clause, TITLE_FIELDS | PINYIN_FIELDS)
            ways.append(every(named, Constant(OneOf(Field.KIND, tuple(meaning.kinds)), 0.0)))
        return some(*ways)

    def _in(self, clause: Clause, fields: frozenset[Field] | None) -> Query:
        words = self.words(clause.text, fields)
        return words.phrase() if clause.phrase else words.strict()
