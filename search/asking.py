"""A text asked of one reader in phases: strict, and forgiving only where the strict one finds little."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from search.engines.base import Found, Reader, Tally
from search.query.forgiving import ENOUGH
from search.query.prior import prior
from search.query.tree import EVERYTHING, Preferring, Query, Weighted
from search.schema import TEXT_FIELDS
from search.scope import Ask, Phase, Scope, Sight

FAR_AHEAD = 1_000.0


@dataclass(frozen=True, slots=True)
class Asking:
    """A text among some kinds of one actor; `wishes` is what makes a document weigh more beside the words.

    `close` says that nothing holds all words as they were typed.
    """

    reader: Reader
    ask: Ask
    wishes: tuple[Query, ...]
    lenient: Ask | None = None
    close: bool = False

    def words(self, kinds: Sequence[str]) -> Query:
        """What matches among some kinds: the strict query, or the forgiving one, which finds at least as much."""
        return (self.lenient or self.ask).query(kinds)

    def ranked(self, kinds: Sequence[str]) -> Query:
        """The same, what was meant as it was typed far ahead."""
        if self.lenient is None or self.close:  # nothing was meant as it was typed
            return self.words(kinds)
        return Preferring(self.words(kinds), (Weighted(self.ask.query(kinds), FAR_AHEAD),))

    def preferred(self, matching: Query) -> Query:
        """The same documents, with exact titles and what weighs more ahead."""
        return Preferring(matching, (*self.ask.wished(), *self.wishes))

    def settled(self, find: Callable[[Asking], Found], named: Callable[[Asking], bool]) -> tuple[Asking, Found]:
        """The phase that is enough, and what it found: strict; forgiving below `ENOUGH` hits, unless a record is called exactly
        as was typed (`named`); slips of typing only where nothing was found."""
        found = find(self)
        strict = found.total
        if found.total >= ENOUGH or not self.ask.text.strip() or (strict and named(self)):
            return self, found
        asking = self
        for phase in (Phase.FORGIVING, Phase.SLIPS):
            if found.total and phase is Phase.SLIPS:
                break
            lenient = replace(self.ask, phase=phase)
            if lenient.asked in (None, (asking.lenient or asking.ask).asked):  # the same would be found once more
                continue
            asking = replace(self, lenient=lenient, close=not strict)
            found = find(asking)
        return asking, found


def first_hits(
    reader: Reader, text: str, kinds: Sequence[str], *, inside: Query = EVERYTHING, limit: int = 10
) -> tuple[str, ...]:
    """The uids of the best hits among some kinds, for one who may see all that is `inside`."""
    scope = Scope(tuple(kinds), inside, TEXT_FIELDS, EVERYTHING)
    asking = Asking(reader, Ask(text, Sight.of((scope,)), reader), prior(kinds, reader.documents))
    _, found = asked(asking, kinds, limit=limit)
    return found.uids


def asked(asking: Asking, kinds: Sequence[str], *, limit: int, beside: Sequence[Tally] = ()) -> tuple[Asking, Found]:
    """The best hits of a text among some kinds, in as many phases as it takes, without any filter."""
    reader = asking.reader
    return asking.settled(
        lambda now: reader.search(now.preferred(now.ranked(kinds)), limit=limit, beside=beside),
        lambda now: reader.search(now.ask.named(kinds), limit=1).total > 0,
    )
