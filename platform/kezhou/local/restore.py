"""`kezhou restore`: a backup becomes the installation, or nothing changes.

Everything is checked and loaded beside what is there; only at the end the two change places.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace as replace_values
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql

from kezhou.local import backup as form
from kezhou.local import prepared
from kezhou.local.backup import BLOCK, Manifest
from kezhou.local.installation import DATABASE, Installation
from kezhou.local.postgres import OWNER, Postgres
from kezhou.local.postgres_binaries import programs
from kezhou.local.problems import LocalProblem
from kezhou.local.service_user import remove_service_folder

BESIDE, BEFORE = "kezhou_restoring", "kezhou_replaced"


def restore(
    installation: Installation,
    source: Path,
    *,
    replace: bool = False,
    finish: Callable[[str], None],
    say: Callable[[str], None] = lambda sentence: None,
) -> Manifest:
    """Bring a backup back; the installation must not run.

    Args:
        replace: give up what the installation holds now.
        finish: called with the address of the loaded database before it takes its place (the outbox's numbers).

    Raises:
        LocalProblem: the backup is damaged or too new, the installation holds data, or it runs.
    """
    with _opened(source) as archive, installation.alone("restore"):
        manifest = check(archive, say=say)
        postgres = installation.postgres()
        postgres.start()
        try:
            if not replace and _holds_data(postgres, installation.files):
                raise LocalProblem(
                    f"{installation.home} holds data already; restore into another folder with --home, "
                    "or give them up with --replace."
                )
            say("Loading the database ...")
            _load(postgres, archive)
            finish(postgres.url(BESIDE, over_socket=True))
            say("Unpacking the files ...")
            beside = _unpack(installation, archive, manifest)
            _change_places(postgres, installation, beside)
        finally:
            postgres.stop()
        _forget_what_is_derived(installation, archive, manifest)
    return manifest


def check(archive: zipfile.ZipFile, *, say: Callable[[str], None] = lambda sentence: None) -> Manifest:
    """Read the whole backup once and compare every checksum."""
    say("Checking the backup ...")
    try:
        values = json.loads(archive.read(form.MANIFEST))
        members = {name: (str(digest), int(size)) for name, (digest, size) in values.pop("members").items()}
        manifest = Manifest(**values, members=members)
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as problem:
        raise LocalProblem(
            "This is no complete backup of Kezhou: its list of contents is missing or damaged."
        ) from problem
    if manifest.format > form.FORMAT or _parts(manifest.version) > _parts(version("kezhou")):
        raise LocalProblem(
            f"The backup was made by Kezhou {manifest.version}, which is newer than this one ({version('kezhou')}); "
            "upgrade first."
        )
    for name, (digest, _) in members.items():
        _check_name(name)
        if _digest(archive, name) != digest:
            raise LocalProblem(f"The backup is damaged: {name} is not what its checksum says.")
    return manifest


def _opened(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except FileNotFoundError:
        raise LocalProblem(f"There is no file {source}.") from None
    except (OSError, zipfile.BadZipFile) as problem:
        raise LocalProblem(f"{source} is no backup of Kezhou, or it was cut off ({problem}).") from problem


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    try:
        with archive.open(name) as member:
            while block := member.read(BLOCK):
                digest.update(block)
    except (KeyError, zipfile.BadZipFile, OSError) as problem:
        raise LocalProblem(f"The backup is damaged: {name} cannot be read ({problem}).") from problem
    return digest.hexdigest()


def _check_name(name: str) -> None:
    path = Path(name)
    known = name in {form.DUMP, *form.KEPT} or name.startswith(form.FILES)
    if not known or path.is_absolute() or ".." in path.parts or "\\" in name:
        raise LocalProblem(
            f"The backup names a file {name!r} that has no place in an installation; nothing was changed."
        )


def _holds_data(postgres: Postgres, files: Path) -> bool:
    if files.exists() and any(path.is_file() for path in files.rglob("*")):
        return True
    with postgres.connect() as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            return False
    with postgres.connect(DATABASE) as connection:
        tables = connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1").fetchone()
    return tables is not None


def _load(postgres: Postgres, archive: zipfile.ZipFile) -> None:
    _drop(postgres, BESIDE)
    postgres.ensure_database(BESIDE)
    command = [programs()("pg_restore"), "--no-owner", "--no-privileges", "--no-password", "--exit-on-error"]
    environment = form.database_environment(postgres.url(BESIDE, over_socket=True))
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [*command, "--single-transaction", f"--dbname={BESIDE}"], env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=complaints,
        )  # fmt: skip
        assert process.stdin is not None
        try:
            with archive.open(form.DUMP) as member, process.stdin:
                shutil.copyfileobj(member, process.stdin, BLOCK)
        except BrokenPipeError:
            pass  # pg_restore gave up; what it said follows
        if process.wait() != 0:
            complaints.seek(0)
            _drop(postgres, BESIDE)
            raise LocalProblem(f"The database of the backup could not be loaded: {form.last_line(complaints.read())}")
    with postgres.connect(BESIDE, role=OWNER) as connection:
        connection.execute("ANALYZE")


def _unpack(installation: Installation, archive: zipfile.ZipFile, manifest: Manifest) -> Path:
    beside = installation.home / "files.restoring"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for name in manifest.members:
        if name.startswith(form.FILES):
            target = beside / name.removeprefix(form.FILES)
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as member, target.open("wb") as stream:
                shutil.copyfileobj(member, stream, BLOCK)
    return beside


def _change_places(postgres: Postgres, installation: Installation, beside: Path) -> None:
    before = installation.home / "files.replaced"
    shutil.rmtree(before, ignore_errors=True)
    _drop(postgres, BEFORE)
    with postgres.connect() as connection, connection.transaction():
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            _rename(connection, DATABASE, BEFORE)
        _rename(connection, BESIDE, DATABASE)
    if installation.files.exists():
        installation.files.rename(before)
    beside.rename(installation.files)
    _drop(postgres, BEFORE)
    shutil.rmtree(before, ignore_errors=True)


def _forget_what_is_derived(installation: Installation, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """The search index is built anew, cache and queue start empty; the key comes with the data it signed."""
    prepared.forget(installation)
    shutil.rmtree(installation.home / "search", ignore_errors=True)
    installation.valkey().stop()
    remove_service_folder(installation.home, "valkey")
    for name in form.KEPT:
        if name in manifest.members:
            installation.keep(name, archive.read(name).decode())
    if not installation.exists:
        installation = replace_values(
            installation, choices=replace_values(installation.choices, base_domain=manifest.base_domain)
        )
    installation.save()


def _drop(postgres: Postgres, name: str) -> None:
    with postgres.connect() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _rename(connection: "psycopg.Connection[tuple[str]]", old: str, new: str) -> None:
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))


def _parts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())
