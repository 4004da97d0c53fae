"""An index of a few documents without a database, for what is a matter of words alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from search.analysis.fields import field_tokens
from search.engines.base import Document
from search.engines.embedded import EmbeddedEngine
from search.query.tree import Preferring, Some, Weighted
from search.query.words import ENOUGH, Words
from search.schema import TEXT_FIELDS, Field
from tenants.context import Current, current, tenant

Make = Callable[..., Document]


def made(pk: int, *, title: str = "", related: Sequence[str] = (), body: Sequence[str] = (), codes: Sequence[str] = (),
         kind: str = "customers.customer", version: int = 1, owner: int | None = None) -> Document:  # fmt: skip
    """A document of some texts."""
    tokens = field_tokens(title=[title] if title else [], related=related, body=body, codes=codes)
    terms = (f"owner:{owner}",) if owner else ()
    return Document(f"{kind}:{pk}", kind, terms, owner, None, "", pk * 1000, version, title, tokens)


def place(pk: int) -> Current:
    """A tenant that needs no row: the engine asks for nothing but its name."""
    return Current(pk=pk, slug=f"t{pk}", name=f"T{pk}", schema=f"t_t{pk}")


@pytest.fixture
def engine(tmp_path: Path) -> EmbeddedEngine:
    """An engine in a folder of its own."""
    return EmbeddedEngine(tmp_path / "search")


@pytest.fixture
def in_place() -> Iterator[Current]:
    """Inside tenant 1."""
    with tenant(place(1)) as here:
        yield here


class Library:
    """Documents of one index, found by text; uids are numbers in the order of adding."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine
        self._numbers = itertools.count(1)
        with engine.rebuild([]):
            pass

    def add(self, **texts: object) -> str:
        """Adds a document and says its uid."""
        document = made(next(self._numbers), **texts)  # type: ignore[arg-type]  # texts are passed through
        with self._engine.batch() as batch:
            batch.put(document)
        return document.uid

    def find(self, text: str, *, fields: frozenset[Field] = TEXT_FIELDS) -> list[str]:
        """Uids found, best first, both phases."""
        reader = self._engine.reader()
        words = Words(text, reader.share, fields)
        query = words.strict()
        found = reader.search(query, limit=50)
        lenient = words.forgiving() if found.total < ENOUGH else None
        if lenient is not None:
            query = Some((Weighted(query, 1000.0), lenient))
        return list(reader.search(Preferring(query, words.wished()), limit=50).uids)


@pytest.fixture
def library(engine: EmbeddedEngine, in_place: Current) -> Library:
    """An empty index in tenant 1."""
    return Library(engine)


@pytest.fixture
def search_folder(settings: Any, tmp_path: Path) -> Path:
    """An empty search folder for this test alone."""
    settings.KEZHOU_SEARCH_DIR = tmp_path / "indexes"
    return tmp_path / "indexes"


@pytest.fixture
def company(in_alpha: Current, search_folder: Path) -> Current:
    """Company alpha with customers and sales on, entered; nothing indexed yet."""
    from tests.search.staff import plugins  # needs the apps

    plugins()
    return current()
