"""The web processes behind pgbouncer in transaction mode: 10,000 requests of three companies over four server connections.

`PGBOUNCER` names the program where it is not in the path; 1.20 or newer, because only from there it follows the search path.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from kezhou.local.ports import LOOPBACK, free_port
from tests.bench.leaks import mixed
from tests.bench.notes import note
from tests.bench.place import Place, answers

REQUESTS, CONNECTIONS = 10_000, 4
OLDEST = (1, 20)


def measure(place: Place, options: argparse.Namespace) -> None:
    """Right, wrong and failed requests, and the rate beside that of the same load without the pooler."""
    program = _program()
    directly = _rate(place, place.port)
    with _bouncer(place, program) as url, _web(place, url) as port:
        pooled = _rate(place, port)
    for name, found in (("without pooler", directly), ("behind pgbouncer", pooled)):
        print(f"\n{name}: {found}")
        note(f"pooler: {name}", **found)
    print(f"ratio {pooled['per_second'] / directly['per_second']:.2f}")


def _rate(place: Place, port: int) -> dict[str, float]:
    began = time.monotonic()
    found, first = mixed(place, port, seconds=1, requests=REQUESTS)
    if first:
        print(first)
    return {**found, "per_second": round(found["requests"] / (time.monotonic() - began), 1)}


def _program() -> str:
    program = os.environ.get("PGBOUNCER") or shutil.which("pgbouncer")
    if not program:
        raise SystemExit("This part needs pgbouncer 1.20 or newer; PGBOUNCER names it.")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(map(int, re.findall(r"\d+", told.splitlines()[0])[:2]))
    if version < OLDEST:
        raise SystemExit(f"{told.splitlines()[0]} does not follow the search path: 1.20 or newer is needed.")
    return program


@contextmanager
def _bouncer(place: Place, program: str) -> Iterator[str]:
    direct = place.environment["DATABASE_DIRECT_URL"]
    parts = urlsplit(direct)
    with psycopg.connect(direct, autocommit=True) as connection:
        connection.execute(f"ALTER ROLE \"{parts.username}\" SET search_path = ''")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        config = Path(folder) / "pgbouncer.ini"
        server = f"host={parts.hostname} port={parts.port} dbname={parts.path[1:]} user={parts.username}"
        secret = f" password={parts.password}" if parts.password else ""
        config.write_text(
            f"[databases]\n{parts.path[1:]} = {server}{secret}\n[pgbouncer]\nlisten_addr = {LOOPBACK}\nlisten_port = {port}\n"
            f"auth_type = any\npool_mode = transaction\ndefault_pool_size = {CONNECTIONS}\nmax_client_conn = 200\n"
            "track_extra_parameters = search_path\nignore_startup_parameters = extra_float_digits,options\nunix_socket_dir =\n",
            "utf-8",
        )
        config.chmod(0o644)
        user = ["-u", "nobody"] if os.getuid() == 0 else []
        process = subprocess.Popen([program, "-q", *user, str(config)])
        try:
            yield f"postgres://{parts.username}@{LOOPBACK}:{port}{parts.path}"
        finally:
            process.terminate()
            process.wait(20)
            with psycopg.connect(direct, autocommit=True) as connection:
                connection.execute(f'ALTER ROLE "{parts.username}" RESET search_path')


@contextmanager
def _web(place: Place, url: str) -> Iterator[int]:
    port = free_port()
    environment = {**place.environment, "DATABASE_URL": url, "KEZHOU_POOLER": "yes"}
    command = [sys.executable, "-m", "kezhou.cli", "serve", "web", "--host", LOOPBACK, "--port", str(port)]
    process = subprocess.Popen(command, env=environment)
    try:
        until = time.monotonic() + 120
        while not answers(port):
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError("The web process behind pgbouncer did not come up.")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)
