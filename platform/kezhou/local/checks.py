"""What is looked at before a start, so that a missing thing is told in a sentence and not by a crash later."""

import errno
import secrets
import shutil
import socket
from pathlib import Path

from kezhou.local import ports
from kezhou.local.problems import LocalProblem

MEGABYTE = 2**20
ROOM_TO_BEGIN = 600 * MEGABYTE  # programs, an empty cluster, write-ahead log, the demo company
ROOM_TO_GO_ON = 200 * MEGABYTE


def check_disk(home: Path, *, is_new: bool, needed: int | None = None) -> None:
    """Refuse to start where the disk is nearly full: PostgreSQL stops in the middle of a write when it is.

    Args:
        needed: bytes; None takes the usual amount for a new or an existing installation.
    """
    wanted = needed if needed is not None else (ROOM_TO_BEGIN if is_new else ROOM_TO_GO_ON)
    place = _nearest_existing(home)
    free = shutil.disk_usage(place).free
    if free < wanted:
        raise LocalProblem(
            f"Only {free // MEGABYTE} MB are free on the disk of {home}, and Kezhou wants {wanted // MEGABYTE} MB; "
            "make room there, or choose a folder on another disk with --home (make run FOLDER=...)."
        )


def check_folder(home: Path) -> None:
    """Refuse a folder in which we cannot write."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / ".write-probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as problem:
        raise LocalProblem(
            f"Kezhou cannot write in {home} ({problem.strerror}); give yourself the right, "
            "or choose another folder with --home (make run FOLDER=...)."
        ) from problem


def check_web_port(port: int, host: str) -> None:
    """Refuse a web port that another program holds or that we may not open.

    The web server itself would not notice: two of them listen on one port without an error.
    """
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except PermissionError:
        raise LocalProblem(
            f"An ordinary user may not open port {port}; choose one above 1023 with --port (make run PORT=8000) "
            "and put a proxy before it."
        ) from None
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise LocalProblem(
                f"Port {port} is taken by {ports.holder(port)}; stop that program, "
                "or choose another port with --port (make run PORT=8001)."
            ) from None
        raise LocalProblem(
            f"Kezhou cannot listen on {host}:{port} ({problem.strerror}); give an address of this machine with --host."
        ) from problem


def domain_warning(base_domain: str, host: str) -> str | None:
    """What is missing for a chosen base domain, or None: every company is a name below it, so it needs a wildcard."""
    if base_domain == "localhost":
        return None  # browsers know *.localhost themselves
    name = f"check-{secrets.token_hex(4)}.{base_domain}"
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)}
    except OSError:
        return (
            f"No address is known for {name}: add a wildcard DNS record, *.{base_domain} (and {base_domain} itself), "
            "pointing to this machine; until then no company's page can be opened."
        )
    if _is_loopback(host) and not any(_is_loopback(address) for address in found):
        return (
            f"*.{base_domain} points to {', '.join(sorted(found))}, but Kezhou listens on {host} only: put a proxy "
            "before it, or start with --host 0.0.0.0 (make run HOST=0.0.0.0)."
        )
    return None


def _is_loopback(address: str) -> bool:
    return address.startswith("127.") or address in {"::1", "localhost"}


def _nearest_existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
