"""A real S3 server on loopback: SeaweedFS, which comes as a package, with a key for us and one that may read one company only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kezhou.local import ports
from kezhou.local.service import die_with_parent

BUCKET, PREFIX = "kezhou", "files"
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class S3Server:
    """Where it listens, and the keys that it knows."""

    url: str
    key: str = "kezhou-key"
    secret: str = "the-right-secret-of-kezhou"
    alpha_key: str = "alpha-key"
    alpha_secret: str = "the-right-secret-of-alpha"


@contextmanager
def running(folder: Path) -> Iterator[S3Server]:
    """Start one in `folder`; it is gone afterwards."""
    port = ports.free_port()
    server = S3Server(f"http://{ports.LOOPBACK}:{port}")
    config = folder / "identities.json"
    config.write_text(json.dumps(_identities(server)), "utf-8")
    names = ("master", "volume", "filer")
    listening = [f"-{name}.port{kind}={ports.free_port()}" for name in names for kind in ("", ".grpc")]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("weed")), "server", f"-dir={folder}", f"-ip={ports.LOOPBACK}",
                f"-ip.bind={ports.LOOPBACK}", "-metricsPort=0", "-volume.max=4", "-master.volumeSizeLimitMB=64", "-s3",
                f"-s3.config={config}", f"-s3.port={port}", f"-s3.port.grpc={ports.free_port()}", "-s3.port.iceberg=0", "-s3.port.lance=0",
                *listening,
            ],
            cwd=folder, env={**os.environ, "TMPDIR": str(folder)}, stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent(signal.SIGTERM),
        )  # fmt: skip
    try:
        _wait(process, server.url, folder)
        yield server
    finally:
        process.kill()  # an orderly stop waits for other machines
        process.wait()


def _identities(server: S3Server) -> dict[str, object]:
    def identity(name: str, key: str, secret: str, *actions: str) -> dict[str, object]:
        return {"name": name, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": actions}

    return {
        "identities": [
            identity("kezhou", server.key, server.secret, "Admin"),
            identity("alpha", server.alpha_key, server.alpha_secret, f"Read:{BUCKET}/{PREFIX}/t_alpha/*"),
        ]
    }


def _wait(process: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2)
        except urllib.error.HTTPError:
            return  # it refuses whoever is without a key, so it answers
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"SeaweedFS did not start: {(folder / 'server.log').read_text('utf-8')[-2000:]}")
