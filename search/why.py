"""Why a record is a hit of a search (SRH-05): which words stand where, how rare they are, and what weighed beside them.

Told to the one who asked, from the record as that person sees it; numbers of records are of those that the person may find.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.finding import SearchRequest, language
from kezhou.finding.model import Excerpt, Explanation, Reason
from kezhou.finding.unreviewed import unfindable
from kezhou.records.reading import Entry
from search import own_words
from search.analysis.folding import fold
from search.analysis.highlight import Marker, marker
from search.answer import Question, questioned
from search.documents import Parts, parts_of, texts_of, uid
from search.engines.base import Engine
from search.lines import excerpts_in_lines
from search.papers import excerpts
from search.query.tree import Constant, Query, Term, every
from search.ranking import bonuses
from search.schema import Field
from search.scope import Phase

RARE, COMMON = 0.01, 0.2
MOST_PIECES = 8


def explained(engine: Engine, actor: Actor, request: SearchRequest, type: str, pk: int) -> Explanation | None:
    """Why this record is found; None when it is no hit of this actor's. Raises `EngineAway`."""
    question = questioned(engine.reader(), actor, request)
    spec = question.specs.get(type)
    if spec is None or unfindable(actor, spec, [pk]):
        return None
    entry = records.get_many(actor, spec, [pk]).get(pk)
    if entry is None:
        return None
    asking, _found = question.asking.settled(question.found, question.named)
    asked = _One(replace(question, asking=asking), entry, parts_of(spec, actor))
    score = asked.points(asking.preferred(question.filters.narrow(asking.ranked((type,)))))
    if score is None:
        return None
    return Explanation(entry.title, 0.0 if asking.lenient else score, tuple(asked.words()), tuple(asked.bonuses()))


@dataclass(frozen=True, slots=True)
class _One:
    """One record under one question."""

    question: Question
    entry: Entry
    parts: Parts

    def points(self, query: Query) -> float | None:
        """What a query gives this record; None when it does not match."""
        only = Constant(Term(Field.UID, uid(self.entry.type.key, self.entry.pk)), 0.0)
        found = self.question.reader.search(every(only, query), limit=1)
        return found.scores[0] if found.total and found.scores else None

    def words(self) -> Iterator[Reason]:
        """What the words of the search did, in order."""
        for piece in _pieces(self.question.request.text):
            ask = replace(self.question.asking.ask, text=piece, phase=Phase.STRICT)
            points = self.points(ask.query((self.entry.type.key,)))
            where = self._where(piece)
            if points is None:
                yield Reason(_("“%(word)s”没有原样出现，按相近的写法找到：读音相同、缺字或打错") % {"word": piece})
            elif where:
                yield Reason(f"{where}{self._rarity(ask.query(tuple(self.question.specs)))}", points)
            else:
                yield Reason(_("“%(word)s”分开出现在几个地方") % {"word": piece}, points)

    def _rarity(self, query: Query) -> str:
        """How many of the records that the asker may find hold the word."""
        reader = self.question.reader
        count = reader.search(query, limit=1).total
        whole = reader.search(
            replace(self.question.asking.ask, text="").query(tuple(self.question.specs)), limit=1
        ).total
        share = count / whole if whole else 1.0
        said = _("很少见") if share < RARE else _("常见") if share > COMMON else _("不算常见")
        return _("；你能找到的记录里 %(count)d 条有它，%(said)s") % {"count": count, "said": said}

    def _where(self, piece: str) -> str:
        """In which fields the word stands, and in which form."""
        text = language.wanted(piece)
        plain, wide = marker(text), marker(text, own_words.others(self.question.asking.ask.vocabulary, text))
        labels: dict[str, list[str]] = {}
        for field in self.parts.all:
            for value in texts_of(self.entry, field):
                form = _form(plain, wide, value)
                if form is not None and str(field.label) not in labels.setdefault(form, []):
                    labels[form].append(str(field.label))
        if labels:
            return _("；").join(_told(piece, form, found) for form, found in labels.items())
        beside = self._beside(wide)
        return _("“%(word)s”：%(where)s") % {"word": piece.strip("“”"), "where": beside.label} if beside else ""

    def _beside(self, mark: Marker) -> Excerpt | None:
        """The line of the record, or the comment or file on it, in which the word stands: read only where no field has it."""
        entry, actor = self.entry, self.question.actor
        found = excerpts_in_lines(mark, actor, entry.type, [entry.pk])
        if not found:
            held = [file for f in self.parts.files for file in f.kind.files_of(entry.values.get(f.key))]
            found = excerpts(mark, entry.type.key, [entry.pk], {entry.pk: held})
        return found.get(entry.pk)

    def bonuses(self) -> Iterator[Reason]:
        """What weighed beside the words."""
        question = self.question
        for wish in question.asking.ask.wished():
            if points := self.points(wish):
                yield Reason(_("名称与搜索的文字完全相同"), points)
        for bonus in bonuses(question.actor, question.request, question.findable, question.reader.documents):
            if points := self.points(bonus.part):
                yield Reason(bonus.why, points)


def _pieces(text: str) -> list[str]:
    """What was typed, word by word; what was excluded is no reason."""
    if language.plain(text):
        return text.split()[:MOST_PIECES]
    found = [clause for clause in language.clauses(text) if not clause.excluded]
    return [f"“{clause.text}”" if clause.phrase else language.written(clause) for clause in found][:MOST_PIECES]


def _form(plain: Marker, wide: Marker, text: str) -> str | None:
    """How a word stands in a text: "" as typed, else what stands there instead; None when it does not."""
    spans = wide.spans(text)
    if not spans:
        return None
    folded = fold(text)
    if plain.strong.spans(folded) or plain.weak.spans(folded):
        return ""
    return text[spans[0][0] : spans[0][1]]


def _told(piece: str, form: str, labels: list[str]) -> str:
    shown = {"word": piece.strip("“”"), "form": form, "where": _("、").join(labels)}
    if form:
        return _("“%(word)s”指的是%(where)s里的“%(form)s”（拼音或同义词）") % shown
    return _("“%(word)s”在%(where)s里") % shown
