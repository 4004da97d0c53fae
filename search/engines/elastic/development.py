"""A real Elasticsearch for development and tests: fetched as a Maven artifact, started on loopback, kept running.

    python -m search.engines.elastic.development start     # what `make elasticsearch` calls; prints the address
    python -m search.engines.elastic.development stop

A folder may follow, and `--short`: for a server that lives for one test run.

`ELASTICSEARCH_URL` names a server that runs already; then nothing is fetched or started. The artifact is the official
minimal distribution; it needs Maven and Java 17 or newer and refuses to run as root, so as root it runs as `nobody`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from kezhou.local import ports, service
from kezhou.local.problems import LocalProblem
from kezhou.local.service_user import service_folder, service_user

VERSION = "8.19.8"
GROUP = "org.elasticsearch.distribution.integ-test-zip"
HEAP = "512m"
START_SECONDS = 300.0
STOP_SECONDS = 20.0
HOME = Path(".kezhou") / "development"
SHORT = "-XX:TieredStopAtLevel=1"
"""Java's quick compiler alone: a start takes half of the CPU, and what a test run asks is never asked often enough for the other."""


class DevelopmentServer:
    """One server and its folder `home/elasticsearch`.

    Args:
        short: it lives for one test run; measure with another one.
    """

    def __init__(self, home: Path, *, version: str = VERSION, short: bool = False) -> None:
        self._short = short
        self.user = service_user()
        self.folder = service_folder(home, "elasticsearch", self.user)
        self.version = version
        self.program = self.folder / f"elasticsearch-{version}"

    def start(self) -> str:
        """The address of the running server, which is fetched and started when need be. Raises LocalProblem."""
        if named := os.environ.get("ELASTICSEARCH_URL"):
            return named
        with service.one_at_a_time(self.folder / "start.lock"):
            known = self._known()
            if known and _answers(known["url"]):
                return str(known["url"])
            self.stop()
            if not (self.program / "bin" / "elasticsearch").exists():
                self._unpack(_fetch(self.version, self.folder))
            return self._launch(_port_of(known))

    def stop(self) -> None:
        """Stop the server with the helper that it forks; nothing happens when it does not run."""
        known = self._known()
        if not known or not _is_ours(known["pid"], self.program):
            return
        service.end(int(str(known["pid"])), signal.SIGTERM, patience=STOP_SECONDS)
        (self.folder / "address.json").unlink(missing_ok=True)

    def pid(self) -> int | None:
        """The process of the running server, for tests that take it away."""
        known = self._known()
        return int(str(known["pid"])) if known and _is_ours(known["pid"], self.program) else None

    def _known(self) -> dict[str, object] | None:
        try:
            return dict(json.loads((self.folder / "address.json").read_text("utf-8")))
        except (OSError, ValueError):
            return None

    def _unpack(self, archive: Path) -> None:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(self.folder)
        archive.unlink()
        for path in (self.program, *self.program.rglob("*")):
            self.user.own(path)
        for path in [*self.program.glob("bin/*"), *self.program.glob("modules/*/platform/*/bin/*")]:
            path.chmod(0o755)

    def _launch(self, before: int) -> str:
        """Start it where it was before if it can be, so that whoever knew the address finds it again."""
        port = before if before and not ports.is_taken(before) else ports.free_port()
        transport = ports.free_port()
        self._configure(port, transport)
        environment = {
            **os.environ, "ES_JAVA_HOME": str(_java()), "HOME": str(self.folder),
            "ES_TMPDIR": str(self.user.folder(self.folder / "tmp")), "CLI_JAVA_OPTS": SHORT if self._short else "",
        }  # fmt: skip
        with (self.folder / "server.log").open("ab") as log:
            started = subprocess.Popen(
                [str(self.program / "bin" / "elasticsearch")],
                cwd=self.program, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                user=self.user.uid, group=self.user.gid, extra_groups=[] if self.user.is_other else None,
            )  # fmt: skip
        url = f"http://{ports.LOOPBACK}:{port}"
        said = json.dumps({"url": url, "pid": started.pid})
        (self.folder / "address.json").write_text(said, "utf-8")
        for _ in _until(time.monotonic() + START_SECONDS):
            if _answers(url):
                return url
            if started.poll() is not None:
                break
        raise LocalProblem(f"Elasticsearch did not start; its last words are in {self.folder / 'server.log'}.")

    def _configure(self, port: int, transport: int) -> None:
        for name in ("data", "logs"):
            self.user.folder(self.folder / name)
        config = self.program / "config"
        lines = (
            "discovery.type: single-node", f"network.host: {ports.LOOPBACK}", f"http.port: {port}",
            f"transport.port: {transport}", "xpack.security.enabled: false", f"path.data: {self.folder / 'data'}",
            f"path.logs: {self.folder / 'logs'}", "cluster.routing.allocation.disk.threshold_enabled: false",
        )  # fmt: skip
        (config / "elasticsearch.yml").write_text("\n".join(lines) + "\n", "utf-8")
        heap = config / "jvm.options.d" / "heap.options"
        heap.parent.mkdir(exist_ok=True)
        heap.write_text("\n".join((f"-Xms{HEAP}", f"-Xmx{HEAP}", *([SHORT] if self._short else []))) + "\n", "utf-8")
        for path in (config / "elasticsearch.yml", heap.parent, heap):
            self.user.own(path)


def _until(deadline: float) -> Iterator[None]:
    while time.monotonic() < deadline:
        yield
        time.sleep(0.25)


def _answers(url: object) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health", timeout=2) as answer:  # noqa: S310 our own loopback address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _port_of(known: dict[str, object] | None) -> int:
    return int(urlsplit(str(known["url"])).port or 0) if known else 0


def _is_ours(pid: object, program: Path) -> bool:
    try:
        return str(program) in " ".join(psutil.Process(int(str(pid))).cmdline())
    except (psutil.Error, ValueError):
        return False


def _java() -> Path:
    """The newest Java of the machine that is at least 17."""
    found = [os.environ["JAVA_HOME"]] if os.environ.get("JAVA_HOME") else []
    program = shutil.which("java")
    if program:
        found.append(str(Path(program).resolve().parents[1]))
    for home in found:
        if (Path(home) / "bin" / "java").exists():
            return Path(home)
    raise LocalProblem(
        "Elasticsearch needs Java 17 or newer (on Debian and Ubuntu: apt-get install openjdk-17-jre-headless)."
    )


def _fetch(version: str, folder: Path) -> Path:
    """The archive, by way of the machine's own Maven repository."""
    maven = shutil.which("mvn")
    if maven is None:
        raise LocalProblem("Elasticsearch is fetched with Maven (on Debian and Ubuntu: apt-get install maven).")
    artifact = f"{GROUP}:elasticsearch:{version}:zip"
    command = [maven, "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    archive = folder / f"elasticsearch-{version}.zip"
    if ran.returncode != 0 or not archive.exists():
        raise LocalProblem(f"Elasticsearch {version} could not be fetched: {(ran.stdout + ran.stderr)[-500:]}")
    return archive


def main() -> int:
    """Start or stop the server of this checkout."""
    what, *where = [word for word in sys.argv[1:] if word != "--short"] or ["start"]
    server = DevelopmentServer(Path(where[0]) if where else HOME, short="--short" in sys.argv)
    if what == "stop":
        server.stop()
        return 0
    try:
        print(server.start())
    except LocalProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
