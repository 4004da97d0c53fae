"""`kezhou backup`: database and files of the whole installation in one file, streamed.

The file is a zip: ``database.dump`` (pg_dump's custom format), ``files/…``, the signing key, and last
``manifest.json`` with the version and the SHA-256 of every other member. The search index is not in it: it is made
anew from the database.
"""

import hashlib
import json
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict

from kezhou.local.installation import DATABASE, Installation
from kezhou.local.postgres_binaries import programs
from kezhou.local.problems import LocalProblem

FORMAT = 1
BLOCK = 1 << 20
DUMP, FILES, MANIFEST = "database.dump", "files/", "manifest.json"
KEPT = (
    "secret-key",
    "demo.json",
)  # small files of the folder that belong to the data: the signing key, the demo's sign-ins


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup says of itself; ``members`` maps each name to its SHA-256 and its size in bytes."""

    format: int
    version: str
    postgres: str
    made: str
    base_domain: str
    members: dict[str, tuple[str, int]]


def backup(installation: Installation, target: Path) -> Manifest:
    """Write the backup to ``target``; the services must run.

    Raises:
        LocalProblem: the file exists, the disk is full, or the database could not be dumped; no file is left then.
    """
    if target.exists():
        raise LocalProblem(f"{target} exists already; a backup never overwrites a file, so name another.")
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)  # it holds secrets
        with os.fdopen(descriptor, "w+b") as stream:
            manifest = _write(installation, stream)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.rename(target)
    except OSError as problem:
        raise LocalProblem(f"The backup could not be written to {target}: {problem.strerror or problem}.") from problem
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _write(installation: Installation, stream: IO[bytes]) -> Manifest:
    members: dict[str, tuple[str, int]] = {}
    with zipfile.ZipFile(stream, "w", allowZip64=True) as archive:
        with _dumping(installation) as dump:
            members[DUMP] = _add(archive, DUMP, dump, compression=zipfile.ZIP_STORED)
        # After the database: a file that its rows name was there before them; one that came later does no harm.
        for path in _files(installation.files):
            name = FILES + path.relative_to(installation.files).as_posix()
            try:
                source = path.open("rb")
            except FileNotFoundError:
                continue  # it expired meanwhile
            with source:
                members[name] = _add(archive, name, source, compression=zipfile.ZIP_DEFLATED)
        for name in KEPT:
            path = installation.home / name
            if path.exists():
                with path.open("rb") as source:
                    members[name] = _add(archive, name, source, compression=zipfile.ZIP_STORED)
        manifest = Manifest(
            format=FORMAT, version=version("kezhou"), postgres=programs().version,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            base_domain=installation.choices.base_domain, members=members,
        )  # fmt: skip
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
    return manifest


def _add(archive: zipfile.ZipFile, name: str, source: IO[bytes], *, compression: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    entry = zipfile.ZipInfo(name, date_time=datetime.now(UTC).timetuple()[:6])
    entry.compress_type = compression
    entry.external_attr = 0o600 << 16
    with archive.open(entry, "w", force_zip64=True) as member:
        while block := source.read(BLOCK):
            digest.update(block)
            size += len(block)
            member.write(block)
    return digest.hexdigest(), size


def _files(folder: Path) -> Iterator[Path]:
    if folder.exists():
        found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        # Contents that are being sent lie in a hidden folder (tenants.files) and belong to no record yet.
        yield from sorted(path for path in found if not path.relative_to(folder).parts[0].startswith("."))


@contextmanager
def _dumping(installation: Installation) -> Iterator[IO[bytes]]:
    command = [programs()("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", "--no-password"]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command, env=database_environment(database_url(installation)), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=complaints,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            yield process.stdout
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            process.stdout.close()
        if process.wait() != 0:
            complaints.seek(0)
            raise LocalProblem(f"The database could not be dumped: {last_line(complaints.read())}")


def database_url(installation: Installation, database: str = DATABASE) -> str:
    """The database to work on: the one of the environment (a cluster), else the embedded one."""
    return os.environ.get("DATABASE_DIRECT_URL") or installation.postgres().url(database, over_socket=True)


def database_environment(url: str) -> dict[str, str]:
    """PostgreSQL's own variables for a program, so that the password is not among its arguments."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    values = conninfo_to_dict(url)
    given = {variable: str(values[name]) for name, variable in names.items() if values.get(name)}
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", **given}


def last_line(output: bytes) -> str:
    """The last thing a program said, for a sentence."""
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it gave no reason."
