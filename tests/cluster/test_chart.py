"""The chart is rendered by Helm's own code, held against the schemas of Kubernetes, and against what the program understands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helm_python as helm
import kubernetes_validate
import pytest
import yaml

from kezhou.cli.commands import commands
from kezhou.cli.entrance import parser_of

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm"
OWN_SECRET = {"secret": {"existing": "kezhou-secrets"}}
BUCKET = {"files": {"s3": {"bucket": "kezhou", "endpoint": "https://s3.example.com", "links": True}}}
VARIANTS: dict[str, dict[str, Any]] = {
    "bucket": OWN_SECRET | BUCKET,
    "volume": OWN_SECRET | {"files": {"existingClaim": "kezhou-files"}},
    "pooler": OWN_SECRET | BUCKET | {"database": {"pooler": True}},
    "scaling": OWN_SECRET
    | BUCKET
    | {
        "web": {"autoscaling": {"enabled": True, "max": 20}},
        "worker": {"autoscaling": {"enabled": True}, "disruption": {"minAvailable": "50%"}},
    },
    "own values": BUCKET
    | {
        "secret": {
            "values": dict.fromkeys(
                ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "ELASTICSEARCH_URL", "KEZHOU_SECRET_KEY"), "x"
            )
        },
        "imagePullSecrets": [{"name": "registry"}],
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "crm", "operator": "Exists"}],
        "podAnnotations": {"a": "b"},
        "ingress": {"className": "nginx", "annotations": {"a": "b"}, "tlsSecret": ""},
        "networkPolicy": {"from": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}]},
    },
    "bare": OWN_SECRET | BUCKET | {"ingress": {"enabled": False}, "networkPolicy": {"enabled": False}},
}
VERSIONS = ("1.30", "1.33", "1.36")


def rendered(values: dict[str, Any]) -> list[dict[str, Any]]:
    with helm.Chart.load(str(CHART)) as chart:
        files = chart.render(values, name="crm", namespace="kezhou")
    texts = [text for name, text in files.items() if not name.endswith(".txt")]
    return [found for text in texts for found in yaml.safe_load_all(text) if found]


def pods(documents: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for document in documents:
        if document["kind"] in {"Deployment", "Job"}:
            yield document["metadata"]["name"], document["spec"]["template"]["spec"]


def test_lint_finds_nothing_but_the_missing_icon() -> None:
    found = helm.lint(str(CHART), VARIANTS["bucket"], strict=True)

    assert [(each["severity"], each["error"]) for each in found["messages"]] == [(1, "icon is recommended")]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_object_is_what_kubernetes_knows(variant: str, version: str) -> None:
    documents = rendered(VARIANTS[variant])

    for document in documents:
        kubernetes_validate.validate(document, version, strict=True)
    assert len({(document["kind"], document["metadata"]["name"]) for document in documents}) == len(documents)


@pytest.mark.parametrize("variant", VARIANTS)
def test_pods_run_without_rights_and_write_only_where_they_may(variant: str) -> None:
    for name, pod in pods(rendered(VARIANTS[variant])):
        (container,) = pod["containers"]
        assert (pod["securityContext"]["runAsNonRoot"], pod["automountServiceAccountToken"]) == (True, False), name
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }, name  # fmt: skip
        assert {each["mountPath"] for each in container["volumeMounts"]} >= {"/home/kezhou", "/tmp"}
        assert set(container["resources"]) == {"requests", "limits"}


def test_what_the_pods_are_called_with_is_what_the_program_understands() -> None:
    roles = set()
    for name, pod in pods(rendered(VARIANTS["scaling"])):
        (container,) = pod["containers"]
        probes = [container[each] for each in ("startupProbe", "livenessProbe", "readinessProbe") if each in container]
        calls = [container["args"], *(probe["exec"]["command"][1:] for probe in probes if "exec" in probe)]
        for words in calls:
            parser_of(commands()[words[0]]).parse_args(words[1:])
        assert probes or name.endswith("-upgrade")
        roles.add(container["args"][1] if container["args"][0] == "serve" else container["args"][0])

    assert roles == {"web", "worker", "scheduler", "indexer", "upgrade"}


def test_services_budgets_scalers_and_policies_find_their_pods() -> None:
    documents = rendered(VARIANTS["scaling"])
    labels = {
        each["metadata"]["name"]: each["spec"]["template"]["metadata"]["labels"]
        for each in documents
        if each["kind"] == "Deployment"
    }

    def found(selector: dict[str, str]) -> set[str]:
        return {name for name, own in labels.items() if selector.items() <= own.items()}

    by_kind: dict[str, list[set[str]]] = {}
    for document in documents:
        spec = document.get("spec", {})
        match document["kind"]:
            case "Service":
                selector = spec["selector"]
            case "PodDisruptionBudget" | "Deployment":
                selector = spec["selector"]["matchLabels"]
            case "NetworkPolicy":
                selector = spec["podSelector"]["matchLabels"]
            case "HorizontalPodAutoscaler":
                by_kind.setdefault("HorizontalPodAutoscaler", []).append({spec["scaleTargetRef"]["name"]})
                continue
            case _:
                continue
        by_kind.setdefault(document["kind"], []).append(found(selector))

    web, worker = {"crm-kezhou-web"}, {"crm-kezhou-worker"}
    assert by_kind["Service"] == [web]
    assert by_kind["PodDisruptionBudget"] == by_kind["HorizontalPodAutoscaler"] == [web, worker]
    assert sorted(by_kind["NetworkPolicy"], key=len) == [web, set(labels)]
    assert sorted(by_kind["Deployment"], key=sorted) == [{name} for name in sorted(labels)]


def test_what_the_upgrade_needs_is_there_before_it() -> None:
    weights = {
        document["kind"]: int(document["metadata"]["annotations"]["helm.sh/hook-weight"])
        for document in rendered(VARIANTS["own values"])
        if "helm.sh/hook" in document["metadata"].get("annotations", {})
    }

    assert weights == {"Secret": -10, "ServiceAccount": -10, "NetworkPolicy": -10, "Job": 0}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (OWN_SECRET, "Name a bucket (files.s3.bucket) or a claim that all pods can write (files.existingClaim)."),
        (BUCKET, "Name a Secret of yours (secret.existing), or give DATABASE_URL in secret.values."),
        (OWN_SECRET | BUCKET | {"replicas": 3}, "additional properties 'replicas' not allowed"),
        (OWN_SECRET | BUCKET | {"web": {"replicas": 0}}, "minimum: got 0, want 1"),
        (OWN_SECRET | BUCKET | {"baseDomain": "https://crm"}, "does not match pattern"),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(helm.HelmError, match=re.escape(sentence)):
        rendered(values)


def test_every_variable_is_read_by_the_program_and_told_in_the_table() -> None:
    """Names in the chart are names that settings.py reads, and the documented table has every name that it reads."""
    code = "".join(
        path.read_text("utf-8") for folder in ("platform/kezhou", "tenants", "search", "billing") for path in (ROOT / folder).rglob("*.py")
    )  # fmt: skip
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z0-9_]+)"', code)) | {"KEZHOU_HOME", "ELASTICSEARCH_URL"}
    told = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (ROOT / "docs" / "cluster.md").read_text("utf-8")))
    named = {
        each["name"]
        for variant in VARIANTS.values()
        for _name, pod in pods(rendered(variant))
        for each in pod["containers"][0]["env"]
    }

    assert named - read == set()
    assert read - told == set()
