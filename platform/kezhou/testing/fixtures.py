"""Fixtures of the test suite, as a pytest plugin: a real database and cache, two companies, and plugins switched on.

A test that takes ``alpha``, ``beta`` or ``in_alpha`` runs in a transaction that is rolled back. Marked ``committed``
it gets a fresh database of its own, for what needs commits, threads or other processes.
"""

import gc
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.cache import caches
from pytest_django.plugin import DjangoDbBlocker

from kezhou.celery import app
from kezhou.local import assets
from kezhou.testing import services
from kezhou.testing.database import TestDatabase
from kezhou.testing.ground import Ground
from tenants import directory
from tenants.context import Current, tenant

if TYPE_CHECKING:
    from kezhou.jobs.models import Job

SwitchOn = Callable[..., None]


def pytest_configure(config: pytest.Config) -> None:
    """Pages are tested with the scripts as they are now: instant when none was edited, and done once, before workers start."""
    if not hasattr(config, "workerinput"):
        assets.prepare()


def pytest_collection_finish() -> None:
    """Code, models and collected tests stay for good: the collector, a tenth of the time of a run, need not walk them again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


@pytest.fixture(scope="session")
def _test_database(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[TestDatabase]:
    place = TestDatabase(os.environ.get("PYTEST_XDIST_WORKER", "main"))
    with django_db_blocker.unblock():
        place.open()
        Ground.present = Ground(place)
    yield place
    with django_db_blocker.unblock():
        Ground.present.close()
        Ground.present = None
        place.close()
    shutil.rmtree(settings.KEZHOU_HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(_test_database: TestDatabase) -> None:
    """In the place of pytest-django's fixture, which would run every migration in one schema."""


@pytest.fixture(scope="session")
def _test_cache() -> None:
    settings.CACHES["default"]["LOCATION"] = settings.CACHE_URL = services.valkey().url(1)
    settings.BROKER_URL = services.valkey().url(0)
    app.conf.update(broker_url=settings.BROKER_URL)
    caches.settings["default"]["LOCATION"] = settings.CACHE_URL
    _forget_cache()


@pytest.fixture
def queue(_test_cache: None) -> str:
    """The name of this test's own queue at the real broker."""
    name = f"test-{secrets.token_hex(6)}"
    app.conf.update(task_default_queue=name)
    app.__dict__.pop("amqp", None)  # computed from the settings when first used
    return name


@pytest.fixture
def cache(_test_cache: None) -> None:
    """The real cache, empty as far as this test can see."""
    caches.settings["default"]["KEY_PREFIX"] = f"t{secrets.token_hex(6)}"
    _forget_cache()


def _forget_cache() -> None:
    """Let the next use of the cache read the settings again."""
    for name in caches.settings:
        if hasattr(caches._connections, name):  # type: ignore[attr-defined]  # the way Django's own tests do it
            del caches[name]


@pytest.fixture
def database(
    request: pytest.FixtureRequest,
    _test_database: TestDatabase,
    cache: None,
    queue: str,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """A database to write into: rolled back afterwards, or a fresh copy for a test marked ``committed``."""
    directory.forget_hosts()
    with django_db_blocker.unblock():
        if request.node.get_closest_marker("committed"):
            name = _test_database.fresh()
            yield
            _test_database.back_to_shared(name)
        else:
            ground = Ground.present
            assert ground is not None
            ground.begin()
            yield
            ground.roll_back()
    directory.forget_hosts()
    shutil.rmtree(settings.KEZHOU_FILES, ignore_errors=True)


@pytest.fixture
def db(database: None) -> None:
    """What tests of Django projects ask for by habit: the same as ``database``."""


def _company(slug: str) -> Current:
    found = directory.find_by_slug(slug)
    assert found is not None, f"The test database has no company {slug!r}."
    return found


@pytest.fixture
def alpha(database: None) -> Current:
    """A company with core tables and its standard rows."""
    return _company("alpha")


@pytest.fixture
def beta(database: None) -> Current:
    """Another one with the same primary keys inside."""
    return _company("beta")


@pytest.fixture
def in_alpha(alpha: Current) -> Iterator[Current]:
    """The company alpha, entered."""
    with tenant(alpha) as place:
        yield place


@pytest.fixture
def in_beta(beta: Current) -> Iterator[Current]:
    """The company beta, entered."""
    with tenant(beta) as place:
        yield place


@pytest.fixture
def plugins_on() -> SwitchOn:
    """``plugins_on("customers", "sales")`` switches plugins on in the entered tenant, as an administrator would."""
    from kezhou.testing.plugins import switch_on  # needs the apps

    return switch_on


@pytest.fixture
def process_environment(database: None, queue: str) -> Mapping[str, str]:
    """The environment in which another process works on this test's database (for tests marked ``committed``)."""
    root = Path(__file__).resolve().parents[3]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(root), str(root / "platform"), str(root / "plugins" / "example"))),
        "DJANGO_SETTINGS_MODULE": "kezhou.settings",
        "DATABASE_URL": settings.DATABASE_URL,
        "DATABASE_DIRECT_URL": settings.DATABASE_DIRECT_URL,
        "CACHE_URL": settings.CACHE_URL,
        "BROKER_URL": settings.BROKER_URL,
        "KEZHOU_QUEUE": queue,
        "KEZHOU_POOL": "yes",
        "KEZHOU_HOME": str(settings.KEZHOU_HOME),
    }


@pytest.fixture
def run_jobs() -> "Callable[[], list[Job]]":
    """``run_jobs()`` does in this process what a worker would do with the entered tenant's waiting jobs."""

    def really() -> "list[Job]":
        from kezhou.jobs.models import Job  # needs the apps
        from kezhou.jobs.running import take_up

        done: list[Job] = []
        while waiting := Job.objects.filter(state=Job.State.QUEUED).order_by("pk").first():
            take_up(waiting.pk)
            waiting.refresh_from_db()
            done.append(waiting)
        return done

    return really


@pytest.fixture
def entered() -> Iterator[ExitStack]:
    """A stack for contexts that a test enters step by step."""
    with ExitStack() as stack:
        yield stack
