"""One installation on this machine: its folder, what was chosen for it, and the environment of its processes."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from kezhou.local.postgres import Postgres
from kezhou.local.problems import LocalProblem
from kezhou.local.valkey import BROKER, CACHE, Valkey

DATABASE = "kezhou"
DEFAULT_HOME = ".kezhou"
INSTANCE_MARK = "KEZHOU_INSTANCE"  # in the environment of every process of the supervisor, to find leftovers by


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the operator chose; kept in the folder, so that the next start needs no options."""

    port: int = 8000
    host: str = "127.0.0.1"
    base_domain: str = "localhost"
    scheme: str = "http"  # https where a proxy does TLS before us
    postgres_port: int | None = None
    valkey_port: int | None = None

    @property
    def address(self) -> str:
        """The address of the public site, for people: a proxy answers on its scheme's own port."""
        if self.scheme == "https":
            return f"https://{self.base_domain}"
        return f"http://{self.base_domain}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Installation:
    """The folder of one installation and the choices made for it; ``durable`` is False only in tests."""

    home: Path
    choices: Choices
    durable: bool = True

    @classmethod
    def open(cls, home: Path | None = None, **changed: object) -> "Installation":
        """The installation at ``home``; ``changed`` choices that are not None replace the kept ones (not yet saved).

        Choices come, the later the stronger, from the folder, from KEZHOU_… variables and from ``changed``.
        """
        place = (home or Path(os.environ.get("KEZHOU_HOME", DEFAULT_HOME))).absolute()
        kept = _read_choices(place / "installation.json")
        given = {name: value for name, value in {**_from_environment(), **changed}.items() if value is not None}
        try:
            choices = replace(kept, **given)  # type: ignore[arg-type]  # the command line has checked the types
        except TypeError as problem:
            raise LocalProblem(f"An installation has no such choice: {problem}.") from problem
        return cls(home=place, choices=choices)

    def save(self) -> None:
        """Keep the choices for the next start and for the other commands."""
        self.home.mkdir(parents=True, exist_ok=True)
        _write(self.home / "installation.json", json.dumps(asdict(self.choices), indent=1))

    @property
    def exists(self) -> bool:
        return (self.home / "installation.json").exists()

    @property
    def files(self) -> Path:
        return self.home / "files"

    @property
    def logs(self) -> Path:
        return self.home / "log"

    @property
    def state(self) -> Path:
        """What the supervisor last knew of its processes (JSON)."""
        return self.home / "run" / "state.json"

    @property
    def messages(self) -> Path:
        """Messages to people where no mail server is configured: one JSON object a line."""
        return self.home / "messages.jsonl"

    def postgres(self) -> Postgres:
        return Postgres(self.home, port=self.choices.postgres_port, durable=self.durable)

    def valkey(self) -> Valkey:
        return Valkey(self.home, port=self.choices.valkey_port)

    def secret_key(self) -> str:
        """The key that signs sessions and tokens: made once, kept in a file of ours alone."""
        path = self.home / "secret-key"
        if not path.exists():
            self.keep("secret-key", secrets.token_urlsafe(48))
        return path.read_text(encoding="utf-8").strip()

    def keep(self, name: str, text: str) -> None:
        """Write a small file of the folder that only we may read."""
        self.home.mkdir(parents=True, exist_ok=True)
        _write(self.home / name, text, mode=0o600)

    def settings(self) -> dict[str, str]:
        """What the operator keeps in the folder's file ``environment``: lines NAME=value, such as EMAIL_URL=…

        Raises:
            LocalProblem: a line is neither that nor empty nor a comment.
        """
        path = self.home / "environment"
        found: dict[str, str] = {}
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        for number, line in enumerate(lines, start=1):
            name, separator, value = line.strip().partition("=")
            if not name or name.startswith("#"):
                continue
            if not separator or not name.strip().isidentifier():
                raise LocalProblem(f"{path}, line {number}, is no setting; write NAME=value, or # before a remark.")
            found[name.strip()] = value.strip()
        return found

    def environment(self) -> dict[str, str]:
        """The variables of the application's processes; both services must run.

        What the operator has set in the environment himself (EMAIL_URL, KEZHOU_DEBUG and the like) is not here: it is
        inherited.
        """
        postgres, valkey = self.postgres(), self.valkey()
        return {
            "DJANGO_SETTINGS_MODULE": "kezhou.settings",
            "DATABASE_URL": postgres.url(DATABASE, over_socket=True),
            "DATABASE_DIRECT_URL": postgres.url(DATABASE),
            "BROKER_URL": valkey.url(BROKER),
            "CACHE_URL": valkey.url(CACHE),
            "KEZHOU_HOME": str(self.home),
            "KEZHOU_PORT": str(self.choices.port),
            "KEZHOU_BASE_DOMAIN": self.choices.base_domain,
            "KEZHOU_SCHEME": self.choices.scheme,
            "KEZHOU_SECRET_KEY": self.secret_key(),
            "KEZHOU_SEARCH_DIR": str(self.home / "search"),
        }

    @contextmanager
    def alone(self, purpose: str) -> Iterator[None]:
        """Hold the installation: no second supervisor and no restore while the block runs.

        Raises:
            LocalProblem: another command holds it; the sentence names its process and purpose.
        """
        (self.home / "run").mkdir(parents=True, exist_ok=True)
        path = self.home / "run" / "lock"
        with path.open("a+", encoding="utf-8") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stream.seek(0)
                raise LocalProblem(
                    f"`kezhou {stream.read().strip() or 'run'}` works on {self.home} already; "
                    "`kezhou status` says where, and Ctrl-C in its window stops it."
                ) from None
            stream.truncate(0)
            stream.write(f"{purpose} (process {os.getpid()})")
            stream.flush()
            yield

    def runs(self) -> bool:
        """Whether a supervisor (or another command) holds the installation at this moment."""
        path = self.home / "run" / "lock"
        if not path.exists():
            return False
        with path.open("r", encoding="utf-8") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    @contextmanager
    def services(self, purpose: str) -> Iterator[None]:
        """Have both services running: those of the supervisor, or our own for as long as the block runs."""
        if self.runs() and self.postgres().ready() and self.valkey().ready():
            yield
            return
        with self.alone(purpose):
            postgres, valkey = self.postgres(), self.valkey()
            try:
                postgres.start()
                postgres.ensure_database(DATABASE)
                valkey.start()
                yield
            finally:
                valkey.stop()
                postgres.stop()


def _read_choices(path: Path) -> Choices:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Choices(**kept)
    except FileNotFoundError:
        return Choices()
    except (ValueError, TypeError) as problem:
        raise LocalProblem(
            f"{path} cannot be read ({problem}); correct it or delete it to start with the defaults."
        ) from (problem)


def _from_environment(environment: Mapping[str, str] = os.environ) -> dict[str, object]:
    found: dict[str, object] = {}
    for name in ("port", "postgres_port", "valkey_port"):
        text = environment.get(f"KEZHOU_{name.upper()}")
        if text:
            found[name] = port_number(text)
    for name in ("host", "base_domain", "scheme"):
        found[name] = environment.get(f"KEZHOU_{name.upper()}") or None
    return found


def port_number(text: str) -> int:
    """A port from the command line or a variable.

    Raises:
        LocalProblem: it is no number from 1 to 65535.
    """
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise LocalProblem(f"{text!r} is no port; a port is a number from 1 to 65535.")
    return int(text)


def _write(path: Path, text: str, *, mode: int = 0o644) -> None:
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    unfinished.rename(path)
