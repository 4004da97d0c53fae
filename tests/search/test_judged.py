"""The judged set over 20,000 records, by each engine: what users type finds what they mean (SRH-04, SRH-05)."""

from __future__ import annotations

import pytest

from search.engines.base import Document, Engine
from tenants.context import Current
from tests.judged.corpus import records
from tests.judged.measuring import Figures, document, measure
from tests.judged.queries import judgements

RECORDS = 20_000


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    """What both engines are given: the analysis knows no engine, so it is done once."""
    return [document(made) for made in records(RECORDS)]


def told(figures: Figures) -> str:
    """The table, and the first queries that went wrong."""
    wrong = (
        f"{query.kind}: {query.text} → {found[:3]}, not {sorted(query.relevant)[:3]}" for query, found in figures.missed
    )
    return "\n".join([*figures.lines(), *list(wrong)[:20]])


@pytest.mark.req("SRH-04", part="judged set: names, parts, persons, telephones, numbers, pinyin, scripts, slips, files")
def test_what_is_meant_is_found(engine: Engine, in_place: Current, documents: list[Document]) -> None:
    with engine.rebuild(documents):
        pass

    figures = measure(engine.reader(), judgements(RECORDS))

    assert figures.recall >= 0.98, told(figures)
    assert figures.mrr >= 0.97, told(figures)
    assert min(recall for recall, _ in figures.kinds.values()) >= 0.9, told(figures)
