"""The manifests in `deploy/kustomize` render, fit their schemas, and keep the promises of the docs."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from bot.adapters.metrics.prometheus import PrometheusMeasures
from bot.settings import Settings
from bot.settings.file import read_settings_file
from bot.settings.secret_files import is_secret, names_of

DEPLOY = Path(__file__).parents[2] / "deploy"
OVERLAYS = ("sqlite", "postgres", "openshift")
INSTALL = (DEPLOY / "docs" / "install.md").read_text(encoding="utf-8")
OF_AN_OPERATOR = {"ServiceMonitor", "PrometheusRule"}
Object = dict[str, Any]


def kustomize_version() -> tuple[int, ...]:
    """Of the one in kubectl; (0,) where there is none."""
    if shutil.which("kubectl") is None:
        return (0,)
    shown = subprocess.run(["kubectl", "version", "--client"], capture_output=True, text=True, timeout=120, check=False)
    found = re.search(r"Kustomize Version: v(\d+)\.(\d+)", shown.stdout)
    return tuple(int(part) for part in found.groups()) if found else (0,)


needs_kustomize = pytest.mark.skipif(
    kustomize_version() < (4,), reason="needs kubectl 1.25 or newer, for its kustomize"
)


@cache
def rendered(overlay: str) -> tuple[Object, ...]:
    path = DEPLOY / "kustomize" / "overlays" / overlay
    done = subprocess.run(["kubectl", "kustomize", str(path)], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return tuple(yaml.safe_load_all(done.stdout))


def one(overlay: str, kind: str, name: str = "triage") -> Object:
    return next(item for item in rendered(overlay) if (item["kind"], item["metadata"]["name"]) == (kind, name))


def container(overlay: str) -> Object:
    found: Object = one(overlay, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    return found


@needs_kustomize
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_fits_the_schema_of_its_kind(overlay: str) -> None:
    for item in rendered(overlay):
        if item["kind"] not in OF_AN_OPERATOR:
            kubernetes_validate.validate(item, "1.33", strict=True)


@needs_kustomize
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_pod_has_no_root_no_writable_root_and_no_capability(overlay: str) -> None:
    pod = one(overlay, "Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container(overlay)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "cpu" not in container(overlay)["resources"]["limits"], "a tight limit makes Slack wait"
    assert ("runAsUser" in pod["securityContext"]) is (overlay != "openshift")


@needs_kustomize
def test_one_replica_never_runs_beside_another_on_one_sqlite_file() -> None:
    spec = one("sqlite", "Deployment")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    volume = next(item for item in spec["template"]["spec"]["volumes"] if item["name"] == "state")
    assert volume == {"name": "state", "persistentVolumeClaim": {"claimName": "triage-state"}}


@needs_kustomize
def test_two_replicas_keep_serving_through_an_update_and_a_drain() -> None:
    spec = one("postgres", "Deployment")["spec"]
    assert spec["replicas"] == 2
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert one("postgres", "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


@needs_kustomize
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_variable_is_a_setting_and_every_secret_comes_from_a_file(overlay: str) -> None:
    fields = Settings.model_fields
    known = {name: field for key, field in fields.items() for name in names_of(key, field)}
    files = {f"{name}_FILE" for name, field in known.items() if is_secret(field)}
    for variable in container(overlay)["env"]:
        assert variable["name"] in known.keys() | files
        assert variable["name"] not in {name for name, field in known.items() if is_secret(field)}


@needs_kustomize
def test_the_settings_file_of_the_base_is_accepted(tmp_path: Path) -> None:
    text = next(item for item in rendered("sqlite") if item["kind"] == "ConfigMap")["data"]["settings.yaml"]
    (tmp_path / "settings.yaml").write_text(text)
    read = read_settings_file(tmp_path / "settings.yaml", dict(Settings.model_fields))
    assert read["log"] == "json"


def used_metrics(text: str) -> set[str]:
    return set(re.findall(r"\b(triage_[a-z_]+|process_[a-z_]+)\b", text))


def test_every_metric_that_alerts_and_dashboard_name_exists_and_every_metric_is_shown() -> None:
    measures = PrometheusMeasures("1")
    measures.paste(symptoms=1)
    exposed = measures.expose().decode()
    exist = {found for line in exposed.splitlines() if (found := line.partition("# TYPE ")[2].partition(" ")[0])}
    exist |= {f"{name}_{part}" for name in exist for part in ("bucket", "sum", "count")}
    dashboard = json.loads((DEPLOY / "observability" / "dashboard.json").read_text())
    alerts = yaml.safe_load((DEPLOY / "observability" / "alerts.yaml").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    queries += [rule["expr"] for group in alerts["spec"]["groups"] for rule in group["rules"]]
    used = used_metrics("\n".join(queries))
    assert used - exist == set()
    shown = {name.removesuffix("_bucket") for name in used}
    parts = ("_bucket", "_sum", "_count", "_created", "_info")
    ours = {name for name in exist if name.startswith("triage_") and not name.endswith(parts)}
    assert ours - shown == {"triage_leader_term"}, "it is for people who look at two leaders"


def test_every_panel_has_a_title_and_a_place_of_its_own() -> None:
    panels = json.loads((DEPLOY / "observability" / "dashboard.json").read_text())["panels"]
    assert len({panel["title"] for panel in panels}) == len(panels)
    assert len({(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}) == len(panels)


def test_every_alert_leads_to_a_chapter_of_the_runbook() -> None:
    alerts = yaml.safe_load((DEPLOY / "observability" / "alerts.yaml").read_text())
    headings = re.findall(r"^## (.+)$", (DEPLOY / "docs" / "runbook.md").read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for group in alerts["spec"]["groups"]:
        for rule in group["rules"]:
            file, _, anchor = rule["annotations"]["runbook"].partition("#")
            assert file == "deploy/docs/runbook.md"
            assert anchor in anchors


def kustomized(folder: Path) -> list[Object]:
    done = subprocess.run(
        ["kubectl", "kustomize", str(folder)], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return list(yaml.safe_load_all(done.stdout))


@needs_kustomize
def test_namespaces_are_chosen_and_settings_changed_without_editing_the_base(tmp_path: Path) -> None:
    shown = re.search(r"```yaml\n# my-triage/kustomization.yaml\n(.*?)```", INSTALL, re.DOTALL)
    place = re.search(r"```yaml\n# my-triage/shop/kustomization.yaml\n(.*?)```", INSTALL, re.DOTALL)
    assert shown is not None
    assert place is not None
    mine = tmp_path / "my-triage"
    (mine / "shop").mkdir(parents=True)
    shutil.copytree(DEPLOY, tmp_path / "deploy", symlinks=True)
    (mine / "kustomization.yaml").write_text(shown[1])
    (mine / "shop" / "kustomization.yaml").write_text(place[1])
    found = kustomized(mine)
    bound = {item["metadata"].get("namespace") for item in found if item["metadata"]["name"] == "triage-reader"}
    assert bound - {None} == {"shop"}
    (settings,) = (item for item in found if item["metadata"]["name"].startswith("triage-env"))
    assert settings["data"] == {"TRIAGE_CHANNELS": "C0123456789", "TRIAGE_LOG": "text"}
    pod = next(item for item in found if item["kind"] == "Deployment")["spec"]["template"]["spec"]
    assert pod["containers"][0]["envFrom"][0]["configMapRef"]["name"] == settings["metadata"]["name"]


@needs_kustomize
def test_a_read_only_bot_may_change_nothing_anywhere(tmp_path: Path) -> None:
    shutil.copytree(DEPLOY, tmp_path / "deploy", symlinks=True)
    kustomize = "../deploy/kustomize"
    mine = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [f"{kustomize}/overlays/sqlite"],
        "components": [f"{kustomize}/components/read-only"],
    }
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "kustomization.yaml").write_text(yaml.safe_dump(mine))
    roles = {item["metadata"]["name"] for item in kustomized(tmp_path / "mine") if "Role" in item["kind"]}
    assert roles == {"triage-reader", "triage-reader-cluster"}


def test_the_table_of_the_charts_values_is_current() -> None:
    from_values = runpy.run_path(str(DEPLOY / "helm" / "table.py"))["readme"]
    chart = DEPLOY / "helm" / "triage"
    shown = (chart / "README.md").read_text(encoding="utf-8")
    assert from_values(shown, (chart / "values.yaml").read_text(encoding="utf-8")) == shown
