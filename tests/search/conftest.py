"""An index of a few documents without a database, for what is a matter of words alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from search.analysis.fields import field_tokens
from search.analysis.vocabulary import EMPTY, Vocabulary
from search.asking import Asking, asked
from search.engines.base import Document, Engine
from search.engines.embedded import EmbeddedEngine
from search.query.tree import EVERYTHING
from search.schema import TEXT_FIELDS, Field
from search.scope import Ask, Scope, Sight
from tenants.context import Current, current, tenant
from tests.engines import ENGINES, use
from tests.search.door import Door

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


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Each engine in turn, empty."""
    if request.param == "elastic":
        shared: Engine = request.getfixturevalue("elastic")
        return shared
    return EmbeddedEngine(tmp_path / "search")


@pytest.fixture
def in_place() -> Iterator[Current]:
    """Inside tenant 1."""
    with tenant(place(1)) as here:
        yield here


class Library:
    """Documents of one index, found by text; uids are numbers in the order of adding."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._numbers = itertools.count(1)
        with engine.rebuild([]):
            pass

    def add(self, **texts: object) -> str:
        """Adds a document and says its uid."""
        return self._put(made(next(self._numbers), **texts))[0]  # type: ignore[arg-type]  # texts are passed through

    def add_all(self, *titles: str) -> list[str]:
        """Adds documents of these titles in one batch."""
        return self._put(*(made(next(self._numbers), title=title) for title in titles))

    def _put(self, *documents: Document) -> list[str]:
        with self._engine.batch() as batch:
            for document in documents:
                batch.put(document)
        return [document.uid for document in documents]

    def find(self, text: str, *, fields: frozenset[Field] = TEXT_FIELDS, vocabulary: Vocabulary = EMPTY) -> list[str]:
        """Uids found, best first, all phases."""
        reader = self._engine.reader()
        kinds = ("customers.customer",)
        asking = Asking(
            reader,
            Ask(text, Sight.of((Scope(kinds, EVERYTHING, fields, EVERYTHING),)), reader, vocabulary=vocabulary),
            (),
        )
        return list(asked(asking, kinds, limit=50)[1].uids)


@pytest.fixture
def library(engine: Engine, in_place: Current) -> Library:
    """An empty index in tenant 1."""
    return Library(engine)


@pytest.fixture(params=ENGINES)
def search_folder(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Path:
    """Here every test of the installation's search runs on each engine in turn."""
    return use(request, settings, tmp_path / "indexes")


class Outage:
    """Takes the installation's engine away and brings it back: the folder loses its pointers, the server its network."""

    def __init__(self, folder: Path, settings: Any) -> None:
        self._folder = folder
        self._door: Door | None = None
        if settings.KEZHOU_ELASTICSEARCH_URL:
            place = urlsplit(settings.KEZHOU_ELASTICSEARCH_URL)
            self._door = Door((str(place.hostname), int(place.port or 9200)))
            settings.KEZHOU_ELASTICSEARCH_URL = self._door.url

    def begin(self) -> None:
        """From now on the engine is away."""
        if self._door is not None:
            self._door.shut()
        for path in self._folder.glob("*/live.json"):
            path.unlink()

    def end(self) -> None:
        """The engine can be reached again; a folder is built anew by the indexer."""
        if self._door is not None:
            self._door.unlock()


@pytest.fixture
def outage(search_folder: Path, settings: Any) -> Iterator[Outage]:
    """A way to take the engine away."""
    made = Outage(search_folder, settings)
    yield made
    made.begin()


@pytest.fixture
def search_environment(search_folder: Path, settings: Any) -> dict[str, str]:
    """What a process of its own needs to find the same engine."""
    return {
        "KEZHOU_SEARCH_DIR": str(search_folder),
        "ELASTICSEARCH_URL": settings.KEZHOU_ELASTICSEARCH_URL,
        "KEZHOU_ELASTICSEARCH_PREFIX": settings.KEZHOU_ELASTICSEARCH_PREFIX,
        "KEZHOU_ELASTICSEARCH_PARTS": str(settings.KEZHOU_ELASTICSEARCH_PARTS),
        "KEZHOU_ELASTICSEARCH_REPLICAS": str(settings.KEZHOU_ELASTICSEARCH_REPLICAS),
    }


@pytest.fixture
def company(in_alpha: Current, search_folder: Path) -> Current:
    """Company alpha with customers and sales on, entered; nothing indexed yet."""
    from tests.search.staff import plugins  # needs the apps

    plugins()
    return current()
