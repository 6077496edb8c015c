"""The Helm chart makes the objects of kustomize, fits every Kubernetes, and refuses values that make no sense."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from bot.changes.policy.loader import load as load_policy
from tests.unit.test_kustomize import OF_AN_OPERATOR, needs_kustomize, rendered

pytestmark = [pytest.mark.chart, pytest.mark.timeout(120)]
ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "triage"
HELM = str(Path(sys.executable).parent / "helm")
Object = dict[str, Any]

OLDEST_MINOR = 28
LIKE = {
    "sqlite": {},
    "postgres": {"database": "postgres"},
    "openshift": {
        "database": "postgres",
        "openshift": True,
        "serviceMonitor": {"enabled": True},
        "networkPolicy": {"metricsFrom": ["openshift-user-workload-monitoring", "openshift-monitoring"]},
    },
}
"""The values that an overlay stands for."""
LEFT_OUT = {"Namespace", "PrometheusRule", "Dashboard"}
"""Made by whoever installs a chart, or applied from deploy/observability."""


def helm(values: Object, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "values.yaml"
    file.write_text(yaml.safe_dump(values))
    command = [HELM, "template", "triage", str(CHART), "--namespace", "triage", "--values", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def objects(values: Object, folder: Path) -> list[Object]:
    done = helm(values, folder)
    assert done.returncode == 0, done.stderr
    return [item for item in yaml.safe_load_all(done.stdout) if item]


def one(found: list[Object], kind: str, name: str = "triage") -> Object:
    return next(item for item in found if (item["kind"], item["metadata"]["name"]) == (kind, name))


@cache
def versions() -> tuple[str, ...]:
    """Every minor version of Kubernetes from 1.28 on whose schemas are known."""
    folder = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    found = {int(path.name.split(".")[1]) for path in folder.iterdir() if path.name.startswith("v1.")}
    return tuple(f"1.{minor}" for minor in sorted(found) if minor >= OLDEST_MINOR)


def comparable(item: Object) -> Object:
    """Without what belongs to one way of installing: labels and annotations of Helm, hashes of kustomize, the image."""
    text = re.sub(r"(triage-settings)-[a-z0-9]{10}\b", r"\1", json.dumps(copy.deepcopy(item)))
    found: Object = json.loads(text)
    metadata = {"name": found["metadata"]["name"], "namespace": found["metadata"].get("namespace")}
    if found["kind"] == "ConfigMap":
        return {"metadata": metadata, "data": {name: yaml.safe_load(text) for name, text in found["data"].items()}}
    if found["kind"] == "Deployment":
        pod = found["spec"]["template"]
        pod["metadata"].pop("annotations", None)
        container = pod["spec"]["containers"][0]
        container["image"], container["imagePullPolicy"] = "", ""
        pod["spec"]["volumes"].sort(key=lambda volume: str(volume["name"]))
        container["env"].sort(key=lambda variable: str(variable["name"]))
    return {**found, "metadata": metadata}


def by_name(found: list[Object] | tuple[Object, ...]) -> dict[tuple[str, str, str], Object]:
    kept = [comparable(item) for item in found if item["kind"] not in LEFT_OUT and not _dashboard(item)]
    kinds = [item["kind"] for item in found if item["kind"] not in LEFT_OUT and not _dashboard(item)]
    return {
        (kind, item["metadata"]["namespace"] or "", item["metadata"]["name"]): item
        for kind, item in zip(kinds, kept, strict=True)
    }


def _dashboard(item: Object) -> bool:
    return item["kind"] == "ConfigMap" and "dashboard" in item["metadata"]["name"]


@needs_kustomize
@pytest.mark.parametrize("overlay", LIKE)
def test_the_chart_makes_the_same_objects_as_kustomize(overlay: str, tmp_path: Path) -> None:
    ours, theirs = by_name(objects(LIKE[overlay], tmp_path)), by_name(rendered(overlay))
    assert sorted(ours) == sorted(theirs)
    for name, item in theirs.items():
        assert ours[name] == item, name


@pytest.mark.parametrize("like", LIKE)
def test_every_object_fits_every_supported_kubernetes(like: str, tmp_path: Path) -> None:
    found = objects(LIKE[like], tmp_path)
    assert len(versions()) > 3
    for version in versions():
        for item in found:
            if item["kind"] not in OF_AN_OPERATOR:
                kubernetes_validate.validate(item, version, strict=True)


def test_every_namespace_gets_its_bindings(tmp_path: Path) -> None:
    found = objects({"namespaces": ["onyx", "shop"]}, tmp_path)
    bindings = {(it["metadata"]["namespace"], it["metadata"]["name"]) for it in found if it["kind"] == "RoleBinding"}
    roles = ("reader", "operator", "admin")
    assert bindings == {(place, f"triage-{role}") for place in ("onyx", "shop") for role in roles}


def test_a_bot_that_may_not_act_has_no_right_to(tmp_path: Path) -> None:
    found = objects({"actions": False}, tmp_path)
    names = {item["metadata"]["name"] for item in found if "Role" in item["kind"]}
    assert names == {"triage-reader", "triage-reader-cluster"}


def test_policy_monitors_and_playbooks_are_files(tmp_path: Path) -> None:
    policy = yaml.safe_load((ROOT / "deploy" / "policy" / "policy.yaml").read_text())
    values = {
        "policy": policy,
        "monitors": {"monitors.yaml": (ROOT / "deploy" / "monitors" / "monitors.yaml").read_text()},
        "playbooks": {"shop-app.yaml": {"schema": "triage/playbook/v1", "kind": "app", "id": "shop"}},
        "settings": {"log": "text", "channels": ["C1"]},
        "existingSecret": "mine",
    }
    found = objects(values, tmp_path)
    (tmp_path / "policy.yaml").write_text(one(found, "ConfigMap", "triage-policy")["data"]["policy.yaml"])
    assert load_policy(tmp_path / "policy.yaml").roles
    monitors = one(found, "ConfigMap", "triage-monitors")["data"]["monitors.yaml"]
    assert yaml.safe_load(monitors) == yaml.safe_load(values["monitors"]["monitors.yaml"])
    assert yaml.safe_load(one(found, "ConfigMap", "triage-playbooks")["data"]["shop-app.yaml"])["id"] == "shop"
    settings = yaml.safe_load(one(found, "ConfigMap", "triage-settings")["data"]["settings.yaml"])
    assert (settings["log"], settings["channels"], settings["state"]) == ("text", ["C1"], "/var/lib/triage")
    volumes = {item["name"]: item for item in one(found, "Deployment")["spec"]["template"]["spec"]["volumes"]}
    assert volumes["secrets"]["secret"]["secretName"] == "mine"


def test_what_exists_is_used(tmp_path: Path) -> None:
    values = {
        "existingPolicyConfigMap": "their-policy",
        "policy": {"schema": "x"},
        "persistence": {"existingClaim": "their-claim"},
        "image": {"digest": f"sha256:{'0' * 64}"},
    }
    found = objects(values, tmp_path)
    kinds = [(item["kind"], item["metadata"]["name"]) for item in found]
    assert ("ConfigMap", "triage-policy") not in kinds
    assert ("PersistentVolumeClaim", "triage-state") not in kinds
    pod = one(found, "Deployment")["spec"]["template"]["spec"]
    assert "their-policy" in json.dumps(pod["volumes"])
    assert "their-claim" in json.dumps(pod["volumes"])
    assert pod["containers"][0]["image"].endswith(f"@sha256:{'0' * 64}")


@pytest.mark.parametrize(
    "values",
    [
        {"namespaces": []},
        {"namespaces": ["Not A Name"]},
        {"database": "mysql"},
        {"replicaCount": 3},
        {"image": {"repository": "x", "digest": "latest"}},
        {"playbooks": {"shop/app.yaml": "x"}},
        {"env": {"NOT A NAME": "x"}},
    ],
    ids=str,
)
def test_values_that_make_no_sense_are_refused(values: Object, tmp_path: Path) -> None:
    done = helm(values, tmp_path)
    assert done.returncode != 0
    assert "don't meet the specifications of the schema" in done.stderr
