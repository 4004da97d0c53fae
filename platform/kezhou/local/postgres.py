"""The embedded PostgreSQL server: made, started, found again after a crash, and stopped.

server = Postgres(Path(".kezhou"))
server.start()                      # initdb when needed; adopts a server that already runs
server.ensure_database("kezhou")
server.url("kezhou")                # for DATABASE_URL
server.stop()
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from kezhou.local import ports, service
from kezhou.local.postgres_binaries import Programs, programs_for
from kezhou.local.problems import LocalProblem
from kezhou.local.service_user import ServiceUser, service_folder, service_user

ADMINISTRATOR = "postgres"
OWNER = "kezhou"
SOCKET_FOLDER_LIMIT = 92  # bytes: a Unix socket's path holds 107, "/.s.PGSQL.65535" takes 15 of them
START_SECONDS = 60.0
RETRY_SECONDS = 15.0
LAST_LINES = 20  # of the log are looked through for the reason of an end
STOP_SECONDS = 30.0

DURABLE: Mapping[str, str] = {
    # pg_dump of many schemas locks every table at once: the default of 64 fails at a few hundred tenants.
    "max_locks_per_transaction": "1024",
    "max_connections": "100",
    "shared_buffers": "128MB",
    # With 4 MB a bitmap of a frequent word over a million rows turns lossy, and every row of its pages is matched again.
    "work_mem": "16MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
    "max_wal_size": "1GB",
}
DISPOSABLE: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "5min",
    "checkpoint_timeout": "1h",
}


@dataclass(frozen=True, kw_only=True)
class PostgresAddress:
    """Where a running server listens."""

    port: int
    socket_folder: Path
    pid: int


@dataclass(kw_only=True)
class _State:
    process: "subprocess.Popen[bytes] | None" = None
    passwords: dict[str, str] = field(default_factory=dict)


class Postgres:
    """One server and its data folder below ``home/postgres``.

    Args:
        home: the installation's folder (KEZHOU_HOME).
        port: the TCP port on 127.0.0.1; None keeps the one used last or takes a free one.
        durable: False switches fsync off: for tests only, a power failure then loses the data.
        settings: server settings that go over ours.
        data: the data folder when it lies elsewhere (the tests keep theirs in memory); its parent is the services' user's.
    """

    def __init__(
        self,
        home: Path,
        *,
        port: int | None = None,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
        data: Path | None = None,
    ) -> None:
        self.user: ServiceUser = service_user()
        self.folder = service_folder(home, "postgres", self.user)
        self.data = data or self.folder / "data"
        self.log = self.folder / "server.log"
        self.wanted_port = port
        self.durable = durable
        self.settings: dict[str, str] = {**DURABLE, **({} if durable else DISPOSABLE), **(settings or {})}
        self._state = _State()

    # -- addresses ---------------------------------------------------------------------------------------------

    def url(self, database: str, *, role: str = OWNER, over_socket: bool = False) -> str:
        """The address for DATABASE_URL, password included; ``role`` is the owner or the administrator."""
        address = self.address()
        if address is None:
            raise LocalProblem(f"PostgreSQL in {self.folder} does not run, so it has no address; start it first.")
        login = f"postgres://{role}:{self._password(role)}@"
        if over_socket:  # in this form, which Django's settings and libpq read alike
            return f"{login}/{database}?host={quote(str(address.socket_folder))}&port={address.port}"
        return f"{login}{ports.LOOPBACK}:{address.port}/{database}"

    def address(self) -> PostgresAddress | None:
        """Where the server says it listens, from its own postmaster.pid; None when it does not run or is starting."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            pid, port, socket_folder = int(lines[0]), int(lines[3]), Path(lines[4])
        except (OSError, IndexError, ValueError):
            return None
        return PostgresAddress(port=port, socket_folder=socket_folder, pid=pid) if service.is_alive(pid) else None

    def ready(self) -> bool:
        """Whether our server, with our data, answers a statement."""
        address = self.address()
        if address is None:
            return False
        try:
            with self._connect(address) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.Error:
            return False
        return row is not None and Path(row[0]).resolve() == self.data.resolve()

    def connect(self, database: str = "postgres", *, role: str = ADMINISTRATOR) -> "psycopg.Connection[tuple[str]]":
        """An autocommit connection for work of the launcher, harness or backup."""
        return psycopg.connect(self.url(database, role=role), autocommit=True, connect_timeout=5)

    # -- life --------------------------------------------------------------------------------------------------

    def start(self) -> PostgresAddress:
        """Start the server so that it outlives us, or adopt the one that already runs on these data."""
        with service.one_at_a_time(self.folder / "start.lock"):
            if self.ready():
                return self._known_address()
            with self.log.open("ab") as log:
                self.user.own(self.log)
                return self._start(log, end_with_parent=None)

    def start_as_child(self, output: IO[bytes] | int) -> "subprocess.Popen[bytes]":
        """Start the server as a child that ends with us; a server left over from an earlier start is ended first."""
        self.stop()
        with service.one_at_a_time(self.folder / "start.lock"):
            self._start(output, end_with_parent=signal.SIGINT)
        assert self._state.process is not None
        return self._state.process

    def stop(self) -> None:
        """Stop the server if it runs: open transactions are rolled back, data are on disk afterwards."""
        address = self.address()
        if address is not None and self._is_ours(address.pid):
            service.end(address.pid, signal.SIGINT, patience=STOP_SECONDS)
        if self._state.process is not None:
            self._state.process.wait()
            self._state.process = None

    def remove(self) -> None:
        """Stop the server and delete its data for good."""
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ensure_database(self, name: str) -> bool:
        """Make the database, owned by our role, when it is missing; says whether it was made.

        Raises:
            LocalProblem: the database has a character type under which Chinese text has no trigrams.
        """
        with self.connect() as connection:
            row = connection.execute("SELECT datctype FROM pg_database WHERE datname = %s", [name]).fetchone()
            if row is None:
                statement = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(statement.format(sql.Identifier(name), sql.Identifier(OWNER)))
                return True
        if row[0].upper().replace("-", "") != "C.UTF8":
            raise LocalProblem(
                f"The database {name} was made with the character type {row[0]!r}, under which Chinese text cannot be "
                "searched; dump it and restore it into one made with C.UTF-8."
            )
        return False

    # -- inside ------------------------------------------------------------------------------------------------

    def _start(self, output: IO[bytes] | int, *, end_with_parent: int | None) -> PostgresAddress:
        tools = programs_for(self.user, self.folder)
        self._prepare_data(tools)
        deadline = time.monotonic() + RETRY_SECONDS
        while True:
            self._clear_stale_lock(deadline)
            self._collect_killed(deadline)
            port, socket_folder = self._choose_port(), self._socket_folder()
            self._clear_stale_socket_locks(socket_folder)
            process = service.spawn(
                self._command(tools, port=port, socket_folder=socket_folder),
                user=self.user, folder=self.folder, output=output, end_with_parent=end_with_parent,
            )  # fmt: skip
            self._state.process = process
            if self._wait_ready(process):
                self._remember_port(port)
                self._prepare_roles()
                return self._known_address()
            # After kill -9 the old process is still listed, or its children hold the shared memory, for a moment.
            if time.monotonic() > deadline:
                raise LocalProblem(
                    f"PostgreSQL did not start within {RETRY_SECONDS:.0f} seconds; its last words are in {self.log}"
                    f"{self._last_words()}"
                )
            time.sleep(0.25)

    def _command(self, tools: Programs, *, port: int, socket_folder: Path) -> list[str]:
        settings = {
            **self.settings,
            "port": str(port),
            "listen_addresses": ports.LOOPBACK,
            "unix_socket_directories": str(socket_folder),
            "unix_socket_permissions": "0700",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [tools("postgres"), "-D", str(self.data), *options]

    def _prepare_data(self, tools: Programs) -> None:
        if (self.data / "PG_VERSION").exists():
            made_by = (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
            if made_by != tools.major:
                raise LocalProblem(
                    f"The data in {self.data} were made by PostgreSQL {made_by}, and this is {tools.major}: start the "
                    "earlier version of Kezhou, make a backup with it, and restore that here."
                )
            return
        # initdb works in a folder of another name: a half-finished one is never taken for data.
        unfinished = self.data.with_name("data.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        secret = self.user.secret_file(self.folder / "initdb.password", self._password(ADMINISTRATOR))
        options = [
            f"--username={ADMINISTRATOR}", "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            # Without LC_CTYPE of C.UTF-8 show_trgm() of Chinese text is empty, whatever the provider.
            "--locale=C", "--lc-ctype=C.UTF-8", "--lc-collate=C", "--data-checksums",
        ]  # fmt: skip
        if not self.durable:
            options.append("--no-sync")
        with tempfile.TemporaryFile() as output:
            try:
                process = service.spawn(
                    [tools("initdb"), "-D", str(unfinished), *options],
                    user=self.user, folder=self.folder, output=output,
                )  # fmt: skip
                code = process.wait()
            finally:
                secret.unlink(missing_ok=True)
            if code != 0:
                output.seek(0)
                said = output.read().decode("utf-8", "replace").strip().splitlines()
                raise LocalProblem(f"PostgreSQL could not make its data folder {self.data}: {said[-1] if said else ''}")
        unfinished.rename(self.data)

    def _prepare_roles(self) -> None:
        """The role of the application: it may make databases (tests, restore), and is no superuser."""
        with self._connect(self._known_address()) as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone()
            if known is None:
                statement = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
                connection.execute(statement.format(sql.Identifier(OWNER), sql.Literal(self._password(OWNER))))

    def _wait_ready(self, process: "subprocess.Popen[bytes]") -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                return False
            address = self.address()
            if address is not None and address.pid == process.pid and self.ready():
                return True
            time.sleep(0.02)
        raise LocalProblem(
            f"PostgreSQL was started but did not answer within {START_SECONDS:.0f} seconds{self._last_words()}"
        )

    def _clear_stale_lock(self, deadline: float) -> None:
        """Remove postmaster.pid when the process it names is not our server (any more)."""
        lock = self.data / "postmaster.pid"
        while lock.exists():
            try:
                pid = int(lock.read_text(encoding="utf-8").splitlines()[0])
            except (OSError, IndexError, ValueError):
                return
            if not service.is_alive(pid) or not self._is_ours(pid):
                lock.unlink(missing_ok=True)
                return
            if self.ready() or time.monotonic() > deadline:
                raise LocalProblem(f"Another PostgreSQL (process {pid}) works on {self.data}; stop it first.")
            time.sleep(0.1)

    def _collect_killed(self, deadline: float) -> None:
        """Wait for the server that we started and somebody killed: until then PostgreSQL takes it for running."""
        if self._state.process is None:
            return
        try:
            self._state.process.wait(timeout=max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            raise LocalProblem(
                f"The PostgreSQL that was started last (process {self._state.process.pid}) neither answers nor ends."
            ) from None

    @staticmethod
    def _clear_stale_socket_locks(folder: Path) -> None:
        """Remove locks of ended servers: PostgreSQL does not see that a process nobody collected has ended."""
        for lock in folder.glob(".s.PGSQL.*.lock"):
            try:
                pid = int(lock.read_text(encoding="utf-8").splitlines()[0])
            except (OSError, IndexError, ValueError):
                continue
            if not service.is_alive(pid):
                lock.unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        """A postmaster's working directory is its data folder; its name alone could be anybody's."""
        try:
            process = psutil.Process(pid)
            return process.name().startswith("postgres") and Path(process.cwd()).resolve() == self.data.resolve()
        except psutil.Error:
            return False

    def _choose_port(self) -> int:
        if self.wanted_port is not None:
            if ports.is_taken(self.wanted_port):
                raise LocalProblem(
                    f"Port {self.wanted_port}, chosen for PostgreSQL, is taken by {ports.holder(self.wanted_port)}; "
                    "stop that program or choose another with KEZHOU_POSTGRES_PORT."
                )
            return self.wanted_port
        try:
            last = int((self.folder / "port").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ports.free_port()
        return ports.free_port() if ports.is_taken(last) else last

    def _remember_port(self, port: int) -> None:
        (self.folder / "port").write_text(f"{port}\n", encoding="utf-8")

    def _socket_folder(self) -> Path:
        near = self.folder / "socket"
        if len(os.fsencode(near)) <= SOCKET_FOLDER_LIMIT:
            return self.user.folder(near)
        return self.user.folder(service.short_folder(self.folder, self.user))

    def _password(self, role: str) -> str:
        """The password of a role, made once and kept in a file that only we can read."""
        if role not in self._state.passwords:
            path = self.folder / "passwords.json"
            known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
            if role not in known:
                known = {ADMINISTRATOR: secrets.token_urlsafe(24), OWNER: secrets.token_urlsafe(24)} | known
                unfinished = self.user.secret_file(path.with_suffix(".unfinished"), json.dumps(known))
                unfinished.rename(path)
            self._state.passwords = known
        return self._state.passwords[role]

    def _connect(self, address: PostgresAddress) -> "psycopg.Connection[tuple[str]]":
        return psycopg.connect(
            host=ports.LOOPBACK, port=address.port, user=ADMINISTRATOR, password=self._password(ADMINISTRATOR),
            dbname="postgres", autocommit=True, connect_timeout=2,
        )  # fmt: skip

    def _known_address(self) -> PostgresAddress:
        address = self.address()
        if address is None:
            raise LocalProblem(f"PostgreSQL in {self.folder} went away just after it had started; see {self.log}.")
        return address

    def _last_words(self) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            return "."
        told = [line for line in lines[-LAST_LINES:] if "FATAL:" in line or "PANIC:" in line] or lines[-1:]
        return f": {told[-1]}" if told else "."
