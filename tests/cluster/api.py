"""A Kubernetes without machines on loopback: API server, controllers, scheduler and database, with nodes that kwok plays.

Pods get names, nodes, states and ends as anywhere, but nothing runs in them. Built once with Go into a folder and kept there.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kezhou.local.ports import LOOPBACK, free_port
from kezhou.local.service import die_with_parent

HERE = Path(__file__).resolve().parents[2] / "helm" / "cluster"
VERSION = "1.36.3"
TOKEN = "of-this-run-only"
NODES = 3
STAGES = ("node/fast/node-initialize", "pod/fast/pod-ready", "pod/fast/pod-complete", "pod/fast/pod-delete")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Cluster:
    """The running API server; `kubeconfig` is for those who bring their own client."""

    url: str
    kubeconfig: Path

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the decoded answer of one request."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30, context=_trusting()) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read() or b"null")

    def items(self, path: str) -> list[dict[str, Any]]:
        """The objects of a list."""
        return list(self.ask("GET", path)[1]["items"])

    def until(self, reached: Callable[[], bool], what: str, *, seconds: float = 120) -> None:
        """Wait for a state of the cluster. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > deadline:
                raise TimeoutError(f"After {seconds:g} s: not {what}.")
            time.sleep(0.25)


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the server's certificate is made by itself
    return context


def build(folder: Path, say: Say) -> Path:
    """The programs, built when they are not there: about six minutes and 600 MB. Needs Go 1.26."""
    programs = folder / "bin"
    if (programs / "kwok").exists():
        return programs
    if shutil.which("go") is None:
        raise SystemExit(
            "`make cluster` builds Kubernetes and needs Go 1.26 or newer (go.dev, or your system's packages)."
        )
    kubernetes = [f"k8s.io/kubernetes/cmd/kube-{name}" for name in ("apiserver", "controller-manager", "scheduler")]
    major, minor, _patch = VERSION.split(".")
    told = " ".join(
        f"-X k8s.io/component-base/version.git{name}={value}"
        for name, value in (("Version", f"v{VERSION}"), ("Major", major), ("Minor", minor))
    )
    for module, packages, flags in (
        ("store", ["go.etcd.io/etcd/server/v3"], "-s -w"),
        ("tools", kubernetes, f"-s -w {told}"),
        ("nodes", ["sigs.k8s.io/kwok/cmd/kwok"], "-s -w"),
    ):
        say(f"Building {', '.join(package.rsplit('/')[-1] for package in packages)} ...")
        output = programs / "etcd" if module == "store" else programs
        programs.mkdir(parents=True, exist_ok=True)
        command = ["go", "build", "-trimpath", "-ldflags", flags, "-o", f"{output}{'' if module == 'store' else '/'}"]
        subprocess.run([*command, *packages], cwd=HERE / module, env={**os.environ, "CGO_ENABLED": "0"}, check=True)
    return programs


@contextmanager
def running(folder: Path, say: Say) -> Iterator[Cluster]:
    """A cluster of its own in `folder`; everything ends with the block, the API server before its database."""
    programs = build(folder, say)
    work = folder / "run"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    store, peer, api = free_port(), free_port(), free_port()
    cluster = Cluster(f"https://{LOOPBACK}:{api}", _kubeconfig(work, api))
    _keys(work)
    with ExitStack() as stack:

        def start(name: str, *options: str) -> None:
            stack.enter_context(_process(programs / name, options, work))

        start("etcd", f"--data-dir={work / 'etcd'}", f"--listen-client-urls=http://{LOOPBACK}:{store}",
              f"--advertise-client-urls=http://{LOOPBACK}:{store}", f"--listen-peer-urls=http://{LOOPBACK}:{peer}",
              f"--initial-advertise-peer-urls=http://{LOOPBACK}:{peer}", f"--initial-cluster=default=http://{LOOPBACK}:{peer}")  # fmt: skip
        start("kube-apiserver", f"--etcd-servers=http://{LOOPBACK}:{store}", f"--secure-port={api}", f"--bind-address={LOOPBACK}",
              f"--advertise-address={LOOPBACK}", f"--cert-dir={work / 'certificates'}", "--service-account-issuer=https://kubernetes",
              f"--service-account-key-file={work / 'accounts.pub'}", f"--service-account-signing-key-file={work / 'accounts.key'}",
              "--service-cluster-ip-range=10.96.0.0/16", "--authorization-mode=RBAC", f"--token-auth-file={work / 'tokens.csv'}",
              "--endpoint-reconciler-type=none", "--disable-admission-plugins=ServiceAccount")  # fmt: skip
        cluster.until(lambda: _ready(cluster), "ready", seconds=300)
        start("kube-controller-manager", f"--kubeconfig={cluster.kubeconfig}", "--leader-elect=false", f"--bind-address={LOOPBACK}",
              f"--secure-port={free_port()}", f"--cert-dir={work / 'certificates'}",
              f"--service-account-private-key-file={work / 'accounts.key'}")  # fmt: skip
        start("kube-scheduler", f"--kubeconfig={cluster.kubeconfig}", "--leader-elect=false", f"--bind-address={LOOPBACK}",
              f"--secure-port={free_port()}", f"--cert-dir={work / 'certificates'}")  # fmt: skip
        start(
            "kwok",
            f"--kubeconfig={cluster.kubeconfig}",
            "--manage-all-nodes=true",
            *(f"--config={path}" for path in _stages()),
        )
        for number in range(NODES):
            cluster.ask("POST", "/api/v1/nodes", _node(number))
        cluster.until(lambda: len(_ready_nodes(cluster)) == NODES, "all nodes ready")
        yield cluster


@contextmanager
def _process(program: Path, options: tuple[str, ...], work: Path) -> Iterator[None]:
    with (work / f"{program.name}.log").open("wb") as log:
        process = subprocess.Popen(
            [str(program), *options], cwd=work, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _kubeconfig(work: Path, port: int) -> Path:
    path = work / "kubeconfig"
    cluster = {"server": f"https://{LOOPBACK}:{port}", "insecure-skip-tls-verify": True}
    content = {
        "apiVersion": "v1", "kind": "Config", "current-context": "here",
        "clusters": [{"name": "here", "cluster": cluster}], "users": [{"name": "admin", "user": {"token": TOKEN}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "admin"}}],
    }  # fmt: skip
    path.write_text(json.dumps(content), "utf-8")
    return path


def _keys(work: Path) -> None:
    (work / "tokens.csv").write_text(f"{TOKEN},admin,admin,system:masters\n", "utf-8")
    key = str(work / "accounts.key")
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-out", str(work / "accounts.pub")], check=True, capture_output=True)  # fmt: skip


def _stages() -> list[Path]:
    """How kwok plays nodes and pods: files of its own module."""
    found = subprocess.run(
        ["go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok"], cwd=HERE / "nodes", capture_output=True, text=True, check=True
    )  # fmt: skip
    module = Path(found.stdout.strip())
    return [module / "kustomize" / "stage" / f"{stage}.yaml" for stage in STAGES]


def _ready(cluster: Cluster) -> bool:
    try:
        return cluster.ask("GET", "/api/v1/namespaces/kube-system")[0] == 200
    except OSError:
        return False


def _node(number: int) -> dict[str, Any]:
    name = f"node-{number}"
    return {
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": name, "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": f"zone-{number}"},
        },
        "status": {
            "allocatable": {"cpu": "8", "memory": "32Gi", "pods": "110"}, "capacity": {"cpu": "8", "memory": "32Gi", "pods": "110"},
        },
    }  # fmt: skip


def _ready_nodes(cluster: Cluster) -> list[str]:
    return [
        node["metadata"]["name"]
        for node in cluster.items("/api/v1/nodes")
        if any(each["type"] == "Ready" and each["status"] == "True" for each in node["status"].get("conditions", ()))
    ]
