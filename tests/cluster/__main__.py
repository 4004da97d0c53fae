"""`make cluster`: the chart is installed, upgraded, drained, rolled back and removed on a real API server; the log goes to docs.

Nothing runs in the pods (see `tests.cluster.api`); that the processes work is what tests/cluster/test_rolling.py shows.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import helm_python as helm

from kezhou.local.ports import LOOPBACK
from tests.cluster import api
from tests.cluster.api import Cluster

ROOT = Path(__file__).resolve().parents[2]
CHART, LOG = ROOT / "helm", ROOT / "docs" / "cluster-log.md"
SPACE, RELEASE = "kezhou", "crm"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{SPACE}/deployments"
PODS = f"/api/v1/namespaces/{SPACE}/pods"
FIRST: dict[str, Any] = {
    "secret": {"values": dict.fromkeys(("DATABASE_URL", "BROKER_URL", "CACHE_URL", "ELASTICSEARCH_URL", "KEZHOU_SECRET_KEY"), "x")},
    "files": {"s3": {"bucket": "kezhou"}}, "baseDomain": "crm.example.com",
}  # fmt: skip
SECOND = {
    **FIRST,
    "image": {"repository": "kezhou", "tag": "0.2.0"},
    "web": {"replicas": 3, "autoscaling": {"enabled": False}},
}


class Walk:
    """The steps and what each showed."""

    def __init__(self, cluster: Cluster, config: Any, say: Callable[[str], None]) -> None:
        self.cluster, self.config, self.say = cluster, config, say

    def step(self, what: str, act: Callable[[], str]) -> None:
        """One step; what it showed goes into the log with its time."""
        began = time.monotonic()
        shown = act()
        self.say(f"- **{what}** ({time.monotonic() - began:.1f} s): {shown}")

    def install(self) -> str:
        release = self.config.install(
            str(CHART), RELEASE, FIRST, namespace=SPACE, create_namespace=True, wait="legacy", timeout=300
        )  # fmt: skip
        return f"revision {release['revision']} {release['status']}; {self.standing()}"

    def upgrade(self) -> str:
        before = self.job()
        release = self.config.upgrade(str(CHART), RELEASE, SECOND, namespace=SPACE, wait="legacy", timeout=300)  # fmt: skip
        assert self.job() != before, "The upgrade job did not run again."
        return f"revision {release['revision']} {release['status']}, the upgrade job ran again; {self.standing()}"

    def refuse(self) -> str:
        try:
            self.config.upgrade(str(CHART), RELEASE, {**SECOND, "web": {"replica": 3}}, namespace=SPACE)
        except helm.HelmError as refused:
            return f"“{str(refused).strip().splitlines()[-1].strip()}”; {self.standing()}"
        raise AssertionError("A value that is not in the schema was taken.")

    def drain(self) -> str:
        """A node is emptied through the eviction API: budgets hold the last pods until others are ready."""
        name = self.web_pods()[0]["spec"]["nodeName"]
        node = self.cluster.ask("GET", f"/api/v1/nodes/{name}")[1]
        node["spec"]["unschedulable"] = True
        assert self.cluster.ask("PUT", f"/api/v1/nodes/{name}", node)[0] == 200
        answers: list[int] = []
        while mine := [pod for pod in self.cluster.items(PODS) if self.evictable(pod, name)]:
            for pod in mine:
                key = {"name": pod["metadata"]["name"], "namespace": SPACE}
                body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": key}
                answers.append(self.cluster.ask("POST", f"{PODS}/{key['name']}/eviction", body)[0])
            time.sleep(0.5)
        self.cluster.until(self.all_ready, "every deployment ready after the drain")
        told = ", ".join(f"{answers.count(code)} x {code}" for code in sorted(set(answers)))
        return f"{name} is empty, evictions answered {told}; {self.standing()}"

    def rollback(self) -> str:
        self.config.rollback(RELEASE, version=1, wait="legacy", timeout=300)
        history = [(each["revision"], each["status"]) for each in self.config.history(RELEASE)]
        return f"history {history}; {self.standing()}"

    def remove(self) -> str:
        self.config.uninstall(RELEASE, wait="legacy", timeout=300)
        left = [each["metadata"]["name"] for each in self.cluster.items(DEPLOYMENTS)]
        return f"deployments left: {left}"

    def web_pods(self) -> list[dict[str, Any]]:
        return [
            pod
            for pod in self.cluster.items(PODS)
            if pod["metadata"]["labels"].get("app.kubernetes.io/component") == "web"
        ]

    def evictable(self, pod: dict[str, Any], node: str) -> bool:
        done = pod["status"].get("phase") in {"Succeeded", "Failed"} or "deletionTimestamp" in pod["metadata"]
        return pod["spec"].get("nodeName") == node and not done

    def job(self) -> str:
        return str(self.cluster.ask("GET", f"/apis/batch/v1/namespaces/{SPACE}/jobs/{RELEASE}-kezhou-upgrade")[1]["metadata"]["uid"])  # fmt: skip

    def all_ready(self) -> bool:
        return all(
            each["status"].get("readyReplicas", 0)
            == each["spec"]["replicas"]
            == each["status"].get("updatedReplicas", 0)
            for each in self.cluster.items(DEPLOYMENTS)
        )

    def standing(self) -> str:
        self.cluster.until(self.all_ready, "every deployment ready")
        found = []
        for each in self.cluster.items(DEPLOYMENTS):
            image = each["spec"]["template"]["spec"]["containers"][0]["image"]
            found.append(f"{each['metadata']['name'].removeprefix(f'{RELEASE}-kezhou-')} {each['status']['readyReplicas']} x {image}")  # fmt: skip
        return ", ".join(found)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make cluster")
    parser.add_argument("--folder", type=Path, default=ROOT / ".kezhou" / "cluster", help="where the programs are kept")
    options = parser.parse_args()
    lines: list[str] = []

    def say(line: str) -> None:
        print(line, flush=True)
        if line.startswith("- "):
            lines.append(line)

    with api.running(options.folder.absolute(), say) as cluster:
        config = helm.Config(kubeconfig_path=cluster.kubeconfig, namespace=SPACE)
        walk = Walk(cluster, config, say)
        walk.step("install", walk.install)
        walk.step("upgrade to another image and three web pods", walk.upgrade)
        walk.step("a value that is not in the schema is refused", walk.refuse)
        walk.step("a node is emptied", walk.drain)
        walk.step("rollback to revision 1", walk.rollback)
        walk.step("uninstall", walk.remove)
    head = (
        f"# The chart on a real API server\n\nWritten by `make cluster`: Kubernetes {api.VERSION} on {LOOPBACK} with {api.NODES} nodes "
        f"played by kwok, Helm {helm.helm_sdk_version()}. Pods are scheduled, become ready and end; nothing runs in them.\n\n"
    )
    LOG.write_text(head + "\n".join(lines) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
