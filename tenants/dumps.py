"""The entered company's tables as pg_dump writes them, and what such a dump holds."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tenants.context import current
from tenants.snapshots import pg_dump, present_database_url

LEFT_OUT = ("django_session",)
"""Tables whose rows stay behind: nobody is signed in by a backup."""


class DumpFailed(Exception):
    """pg_dump or pg_restore did not do it; ``str()`` is what it said last."""


def dump(target: Path) -> None:
    """Write every table of the entered company to a file in pg_dump's own format. Raises DumpFailed."""
    schema = current().schema
    url = urlsplit(present_database_url())
    left_out = [f'--exclude-table-data="{schema}".{table}' for table in LEFT_OUT]
    command = [
        str(pg_dump()), "--format=custom", "--no-owner", "--no-privileges", "--no-password", f'--schema="{schema}"', *left_out,
        f"--host={unquote(url.hostname or '')}", f"--port={url.port or 5432}", f"--username={unquote(url.username or '')}",
        f"--file={target}", unquote(url.path.lstrip("/")),
    ]  # fmt: skip
    _run(command, {**os.environ, "PGPASSWORD": unquote(url.password or "")})


def tables_in(path: Path) -> int:
    """How many tables with rows a dump holds; reads its whole list of contents. Raises DumpFailed."""
    listed = _run([str(pg_dump().with_name("pg_restore")), "--list", str(path)], dict(os.environ))
    return sum(" TABLE DATA " in line for line in listed.splitlines())


def _run(command: Sequence[str], environment: dict[str, str]) -> str:
    with tempfile.TemporaryFile() as complaints:
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=complaints, check=False)
        if done.returncode:
            complaints.seek(0)
            lines = complaints.read().decode("utf-8", "replace").strip().splitlines()
            raise DumpFailed(lines[-1] if lines else f"{Path(command[0]).name} gave no reason.")
    return done.stdout.decode("utf-8", "replace")
