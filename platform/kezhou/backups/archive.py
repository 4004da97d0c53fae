"""The file of a backup: a zip of ``tables.dump``, ``files/…`` and last ``manifest.json`` with the SHA-256 of every other member."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.files.models import File
from tenants import dumps, files
from tenants.context import current

FORMAT = 1
BLOCK = 1 << 20
TABLES, FILES, MANIFEST = "tables.dump", "files/", "manifest.json"
LEFT_OUT = ("backup", "export", "import", "error_list")
"""Files that are themselves copies of what the backup holds."""
Tell = Callable[[int, int, str], None]


class BackupDamaged(Exception):
    """A backup cannot be read, or is not what it says; ``str()`` is the sentence to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself; `missing` counts files whose content was gone before it was made."""

    format: int
    version: str
    company: str
    made: str
    tables: int
    files: int
    missing: int
    members: dict[str, str]


def weight() -> int:
    """Bytes of the entered company's tables and of the files that a backup holds: a backup is not larger."""
    held = File.objects.exclude(purpose__in=LEFT_OUT).aggregate(size=Sum("size"))["size"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c"
            " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
        )
        tables: int = cursor.fetchone()[0]
    return int(tables) + (held or 0)


def write(target: Path, tell: Tell) -> Manifest:
    """Write the entered company's backup. Raises `tenants.dumps.DumpFailed`, `tenants.files.StoreAway`."""
    members: dict[str, str] = {}
    rows = list(File.objects.exclude(purpose__in=LEFT_OUT).order_by("pk").values_list("place", flat=True))
    with TemporaryDirectory(prefix="kezhou-backup-") as folder, zipfile.ZipFile(target, "w", allowZip64=True) as zipped:
        tell(0, len(rows) + 1, _("正在写数据"))
        dumped = Path(folder) / TABLES
        dumps.dump(dumped)
        tables = dumps.tables_in(dumped)
        members[TABLES] = _add(zipped, TABLES, dumped)
        missing = 0
        for number, place in enumerate(rows, start=1):
            path = files.near(place)
            if path is None:
                missing += 1
            else:
                members[FILES + place] = _add(zipped, FILES + place, path)
            if number % 50 == 0:
                tell(number, len(rows) + 1, _("正在写文件 %(n)d / %(all)d") % {"n": number, "all": len(rows)})
        manifest = Manifest(
            format=FORMAT, version=version("kezhou"), company=current().name, made=timezone.now().isoformat(),
            tables=tables, files=len(members) - 1, missing=missing, members=members,
        )  # fmt: skip
        zipped.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
    return manifest


def _add(zipped: zipfile.ZipFile, name: str, path: Path) -> str:
    zipped.write(path, name, compress_type=zipfile.ZIP_STORED if name == TABLES else zipfile.ZIP_DEFLATED)
    with path.open("rb") as source:
        return _digest(source)


def check(path: Path) -> Manifest:
    """Read a backup wholly: every checksum, and the list of its tables. Raises BackupDamaged."""
    try:
        with zipfile.ZipFile(path) as zipped:
            manifest = Manifest(**json.loads(zipped.read(MANIFEST)))
            for name, digest in manifest.members.items():
                with zipped.open(name) as member:
                    if _digest(member) != digest:
                        raise BackupDamaged(_("“%(name)s”和做备份时不一样，这份备份坏了。") % {"name": name})
            _check_tables(zipped, manifest)
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile, dumps.DumpFailed) as error:
        raise BackupDamaged(_("读不出来，这份备份坏了：%(why)s") % {"why": str(error)[:200]}) from error
    return manifest


def _check_tables(zipped: zipfile.ZipFile, manifest: Manifest) -> None:
    with TemporaryDirectory(prefix="kezhou-backup-") as folder:
        found = dumps.tables_in(Path(zipped.extract(TABLES, folder)))
    if found != manifest.tables:
        facts = {"found": found, "wanted": manifest.tables}
        raise BackupDamaged(_("只读出 %(found)d 张表，应该有 %(wanted)d 张，这份备份坏了。") % facts)


def _digest(source: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := source.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()
