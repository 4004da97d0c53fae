"""Search on either engine: `search_folder` is the embedded one, `@both_engines` runs a test on a real Elasticsearch as well.

Marked so is what an engine takes part in: what is found, counted, hidden. What is a matter of analysis or of a page's looks runs once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kezhou.local.problems import LocalProblem

if TYPE_CHECKING:
    from search.engines.elastic.engine import ElasticEngine

ENGINES = ("embedded", "elastic")


@pytest.fixture(scope="session")
def elastic_url() -> str:
    """A running Elasticsearch; without one the tests of that engine fail under CI and are skipped elsewhere."""
    from kezhou.testing.settings import TEST_HOME  # known when Django is set up
    from search.engines.elastic.development import DevelopmentServer

    try:
        return DevelopmentServer(TEST_HOME, short=True).start()
    except LocalProblem as problem:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"Elasticsearch is not to be had here: {problem}")


def elastic_prefix() -> str:
    """Every worker of every session has indexes of its own."""
    return (
        f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}-{os.environ.get('PYTEST_XDIST_TESTRUNUID', 'alone')[:8]}"
    )


@pytest.fixture
def elastic(elastic_url: str) -> ElasticEngine:
    """An empty shared engine."""
    from search import engines  # loads the client, which only tests of search need
    from search.engines.elastic.engine import PULSE, ElasticEngine
    from search.engines.elastic.server import Server

    made = ElasticEngine(Server(elastic_url, prefix=elastic_prefix()), parts=1)
    made.sweep([])
    made._pointers.forget(PULSE)
    engines._shared.cache_clear()  # what it remembers for a second is of another test
    return made


def use(request: pytest.FixtureRequest, settings: Any, folder: Path) -> Path:
    """Makes the engine that the test is run with the installation's: an empty folder, or an empty shared index."""
    settings.KEZHOU_SEARCH_DIR = folder
    if getattr(request, "param", "embedded") == "elastic":
        request.getfixturevalue("elastic")
        settings.KEZHOU_ELASTICSEARCH_URL = request.getfixturevalue("elastic_url")
        settings.KEZHOU_ELASTICSEARCH_PREFIX = elastic_prefix()
        settings.KEZHOU_ELASTICSEARCH_PARTS = 1
        settings.KEZHOU_ELASTICSEARCH_REPLICAS = 0
    return folder


@pytest.fixture
def search_folder(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Path:
    """An empty search folder for this test alone; with `@both_engines` each engine in turn as the installation's."""
    return use(request, settings, tmp_path / "indexes")


both_engines = pytest.mark.parametrize("search_folder", ENGINES, indirect=True)
