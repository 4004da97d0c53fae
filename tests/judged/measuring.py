"""The judged set asked of an engine as the product asks, and what came of it by kind of asking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from search.analysis.fields import field_tokens
from search.asking import first_hits
from search.documents import signed
from search.engines.base import Document, Engine, Reader
from tests.judged.corpus import KINDS, Made, records
from tests.judged.queries import Judged, score


def document(made: Made) -> Document:
    """The record as the indexer writes it."""
    tokens = field_tokens(
        title=[made.title], related=[made.related] if made.related else [], body=[made.note], codes=made.codes,
        files=[made.attachment] if made.attachment else [],
    )  # fmt: skip
    terms = (f"owner:{made.owner}", f"department:{made.department}")
    changed = 1_800_000_000_000 - made.changed * 86_400_000
    return Document(made.uid, made.kind, terms, made.owner, made.department, "", changed, 1, signed(made.title), tokens)


def fill(engine: Engine, count: int) -> None:
    """Build the index of the entered tenant from the first `count` records."""
    with engine.rebuild(document(made) for made in records(count)):
        pass


@dataclass(frozen=True, slots=True)
class Figures:
    """Recall among the first ten and mean reciprocal rank, of all queries and of each kind, and what was missed."""

    recall: float
    mrr: float
    kinds: Mapping[str, tuple[float, float]]
    missed: tuple[tuple[Judged, tuple[str, ...]], ...]

    def lines(self) -> Iterator[str]:
        """A table for people."""
        yield f"{'':40}{'recall@10':>10}{'MRR':>8}"
        yield f"{'all':40}{self.recall:10.3f}{self.mrr:8.3f}"
        yield from (f"{kind:40}{recall:10.3f}{mrr:8.3f}" for kind, (recall, mrr) in self.kinds.items())


def measure(reader: Reader, judged: Sequence[Judged]) -> Figures:
    """Ask every query."""
    return figures((query, first_hits(reader, query.text, KINDS)) for query in judged)


def figures(answers: Iterable[tuple[Judged, tuple[str, ...]]]) -> Figures:
    """What answers are worth."""
    scores: dict[str, list[tuple[float, float]]] = defaultdict(list)
    missed = []
    for query, found in answers:
        got = score(found, query.relevant)
        scores[query.kind].append(got)
        if got != (1.0, 1.0):
            missed.append((query, found))
    every = [one for kind in scores.values() for one in kind]
    return Figures(*_means(every), {kind: _means(found) for kind, found in scores.items()}, tuple(missed))


def _means(scores: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(recall for recall, _ in scores) / len(scores), sum(rank for _, rank in scores) / len(scores)
