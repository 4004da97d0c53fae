"""Databases for tests: templates by hash, one copy per worker, and a fresh copy for a test that commits.

Two layers of templates, so that most edits cost little: the *base* (shared schema and snapshot of the core's tables)
depends on migrations alone; the *full* one adds the companies ``alpha`` and ``beta``, provisioned by the product's own
code with the tables of all plugins, and depends on everything that may write rows then.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

import psutil
import psycopg
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from kezhou.local.postgres import OWNER
from kezhou.testing import services
from kezhou.testing.settings import CHECKOUT, TEST_HOME
from tenants import directory, plugin_tables, provisioning, snapshots, upgrade
from tenants.apps_of import plugin_labels
from tenants.context import control_plane, tenant
from tenants.models import OutboxEvent
from tenants.provisioning import NewTenant

_BUILD_LOCK = 0x6B7A_7E57
_KEPT = {"kz_base": 3, "kz_full": 5}
COMPANIES = (("alpha", "甲方旅行社有限公司"), ("beta", "乙方商务服务有限公司"))


class TestDatabase:
    """The copy that one test worker works on."""

    __test__ = False

    def __init__(self, worker: str) -> None:
        self.name = f"kz_run_{os.getpid()}_{worker}"
        self._copies = 0

    def open(self) -> None:
        """Make the copy and connect Django with it."""
        copy(ensure_template(), self.name)
        use(self.name)

    def close(self) -> None:
        """Drop the copy."""
        connections.close_all()
        drop(self.name)

    def fresh(self) -> str:
        """Another copy for one test, connected; give it to ``back_to_shared`` afterwards."""
        name = self.new_name()
        copy(ensure_template(), name)
        use(name)
        return name

    def back_to_shared(self, name: str) -> None:
        """Connect the worker's copy again and drop the other one."""
        connections.close_all()
        use(self.name)
        drop(name)

    def new_name(self) -> str:
        """A name for another copy of this worker."""
        self._copies += 1
        return f"{self.name}_{self._copies}"


_kept: dict[str, BaseDatabaseWrapper] = {}


def use(name: str) -> None:
    """Let Django work on this database; the connection to the one before is kept for when that is used again."""
    _keep(connections["default"])
    del connections["default"]
    _name_for_new_connections(name)
    if name in _kept:
        connections["default"] = _kept[name]
    _keep(connections["default"])
    directory.forget_hosts()


def _keep(present: BaseDatabaseWrapper) -> None:
    """Once a browser runs, Django finds other connections in this thread than before (asgiref): those from before are closed."""
    before = _kept.get(present.settings_dict["NAME"], present)
    if before is not present:
        before.close()
    _kept[present.settings_dict["NAME"]] = present


def disconnect(name: str) -> None:
    """Close the connections to a database, which can then be copied or dropped."""
    present = connections["default"]
    if present.settings_dict["NAME"] == name:
        present.close()
    if name in _kept:
        _kept.pop(name).close()


def _name_for_new_connections(name: str) -> None:
    url = services.postgres().url(name, over_socket=True)
    address = services.postgres().address()
    assert address is not None
    changes = {
        "NAME": name, "USER": OWNER, "PASSWORD": psycopg.conninfo.conninfo_to_dict(url)["password"],
        "HOST": str(address.socket_folder), "PORT": str(address.port),
    }  # fmt: skip
    connections.settings["default"] = {**connections.settings["default"], **changes}
    settings.DATABASE_URL = settings.DATABASE_DIRECT_URL = services.postgres().url(name)


def copy(template: str, name: str) -> None:
    """A new database with everything that the template has."""
    _administer(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)),
        sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy").format(
            *map(sql.Identifier, (name, template, OWNER))
        ),
    )


def drop(name: str) -> None:
    """Delete a database, whoever is connected."""
    disconnect(name)
    _administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _administer(*statements: sql.SQL | sql.Composed) -> None:
    with services.postgres().connect() as connection:
        for statement in statements:
            connection.execute(statement)


# -- templates ---------------------------------------------------------------------------------------------------------


def ensure_template() -> str:
    """The name of the full template for the code as it is, built when missing; one session builds at a time."""
    base, full = _names()
    with services.postgres().connect() as connection:
        if _exists(connection, full):
            return full
        connection.execute("SELECT pg_advisory_lock(%s)", [_BUILD_LOCK])
        if not _exists(connection, base):
            _build(base, "template0", _fill_base)
        if not _exists(connection, full):
            _build(full, base, _fill_full)
        _sweep(connection)
    return full


@lru_cache(maxsize=1)
def _names() -> tuple[str, str]:
    """Of the code as it was when this process loaded it: it may be edited while the tests run."""
    return f"kz_base_{_migrations_hash()}", f"kz_full_{_code_hash()}"


def _build(name: str, template: str, fill: Callable[[], None]) -> None:
    unfinished = f"{name}_unfinished"
    copy(template, unfinished)
    use(unfinished)
    try:
        fill()
    finally:
        connections.close_all()
    _administer(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name)))


def _fill_base() -> None:
    upgrade.prepare_shared()


def _fill_full() -> None:
    snapshots.ensure()
    for slug, name in COMPANIES:
        place = provisioning.provision(NewTenant(slug=slug, name=name))
        with tenant(place):
            install_all_plugin_tables()
    with control_plane():
        OutboxEvent.objects.all().delete()  # a test's consumer sees the test's own events only


def install_all_plugin_tables() -> None:
    """The tables of every installed plugin in the entered tenant; none of them is on."""
    labels = sorted(plugin_labels())
    plugin_tables.install(labels)
    for label in labels:
        directory.set_plugin_state(label, "off", has_tables=True)


def _exists(connection: "psycopg.Connection[tuple[str]]", name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _sweep(connection: "psycopg.Connection[tuple[str]]") -> None:
    """Drop old templates, and copies whose session is gone."""
    rows = connection.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE 'kz\\_%' ORDER BY oid DESC"
    ).fetchall()
    names = [row[0] for row in rows]
    doomed = [
        name for name in names if (run := re.match(r"kz_run_(\d+)_", name)) and not psutil.pid_exists(int(run[1]))
    ]
    for prefix, kept in _KEPT.items():
        doomed += [name for name in names if re.fullmatch(rf"{prefix}_[0-9a-f]+", name)][kept:]
    doomed += [name for name in names if name.endswith("_unfinished")]  # we hold the lock: nobody builds
    for name in doomed:
        drop(name)
    for folder in TEST_HOME.glob("session-*"):
        if not psutil.pid_exists(int(folder.name.removeprefix("session-"))):
            shutil.rmtree(folder, ignore_errors=True)


# -- hashes ------------------------------------------------------------------------------------------------------------


def _migrations_hash() -> str:
    files = [file for config in apps.get_app_configs() for file in Path(config.path).glob("migrations/*.py")]
    own = [*(CHECKOUT / "tenants").glob("*.py")]
    return _hash([*files, *own])


def _code_hash() -> str:
    """Everything that can take part in provisioning; pages and their templates cannot."""
    folders = [
        CHECKOUT / "platform" / "kezhou",
        CHECKOUT / "tenants",
        CHECKOUT / "billing",
        CHECKOUT / "portal",
        CHECKOUT / "plugins",
    ]
    idle = {"web", "local", "api", "exchange", "finding"}
    files = [file for folder in folders for file in folder.rglob("*.py") if not idle & set(file.parts[-4:-1])]
    files += (CHECKOUT / "platform" / "kezhou").glob("*/migrations/*.py")
    files += (CHECKOUT / "tests" / "testplugin").rglob("*.py")
    return _hash(files)


def _hash(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(set(files)):
        digest.update(f"{file}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
