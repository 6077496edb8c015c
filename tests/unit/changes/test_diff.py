"""What a preview says: the fields that differ, what the cluster adds by itself, and who else has a say."""

from __future__ import annotations

from typing import Any

import pytest

from bot.changes.patches.diff import differences, leaves, path_text
from bot.changes.patches.field_managers import Surroundings, owner_warnings, selects
from bot.changes.patches.helm import values_path
from bot.changes.ports import Preview
from bot.domain.changes import Write
from bot.redaction import Redactor

Object = dict[str, Any]
SERVER = "spec.template.spec.containers[api-server]"


def write_of(body: Object, **fields: Any) -> Write:
    """A write to the API server's Deployment."""
    given: Object = {"api_version": "apps/v1", "kind": "Deployment", "namespace": "onyx", "name": "onyx-api-server"}
    return Write.model_validate({**given, "content_type": "x", "before": {}, **fields, "body": body})


def lines(body: Object, before: Object | None, after: Object) -> list[str]:
    """The lines of a preview."""
    return [str(change) for change in differences(Preview(write_of(body), before, after), Redactor())]


def _server(**fields: Any) -> Object:
    return {"spec": {"template": {"spec": {"containers": [{"name": "api-server", **fields}]}}}}


@pytest.mark.parametrize(
    ("body", "before", "after", "expected"),
    [
        ({"spec": {"replicas": 1}}, {"spec": {"replicas": 0}}, {"spec": {"replicas": 1}}, ["spec.replicas: 0 → 1"]),
        (
            _server(resources={"limits": {"memory": "4Gi"}}),
            _server(resources={"limits": {"memory": "2Gi"}}),
            _server(resources={"limits": {"memory": "4Gi"}}),
            ["spec.template.spec.containers[api-server].resources.limits.memory: 2Gi → 4Gi"],
        ),
        (
            {"spec": {"selector": {"tier": None}}},
            {"spec": {"selector": {"app": "x", "tier": "y"}}},
            {"spec": {"selector": {"app": "x"}}},
            ["spec.selector.tier: y (removed)"],
        ),
        (
            _server(livenessProbe={"httpGet": {"path": "/"}}),
            _server(),
            _server(livenessProbe={"httpGet": {"path": "/"}, "periodSeconds": 10}),
            [
                f"{SERVER}.livenessProbe.httpGet.path: / (new)",
                f"{SERVER}.livenessProbe.periodSeconds: 10 (new), by the cluster itself",
            ],
        ),
        (
            {"metadata": {"annotations": {"a.b/c": "1"}}},
            {"metadata": {"annotations": {}}},
            {"metadata": {"annotations": {"a.b/c": "1", "triage/change": "x"}, "generation": 7}},
            ["metadata.annotations[a.b/c]: 1 (new)"],
        ),
        ({"spec": {"replicas": 1}}, {"spec": {"replicas": 1}}, {"spec": {"replicas": 1}}, []),
        (
            {"spec": {"replicas": 1, "paused": {}}},
            None,
            {"metadata": {"annotations": {}}, "spec": {"replicas": 1, "paused": {}}},
            ["spec.replicas: 1 (new)", "spec.paused: {} (new)"],
        ),
        (
            {"spec": {"ports": [{"port": 80, "targetPort": 8080}]}},
            {"spec": {"ports": [{"port": 80, "targetPort": 1}, {"port": 9090}]}},
            {"spec": {"ports": [{"port": 80, "targetPort": 8080}, {"port": 9090}]}},
            ["spec.ports[80].targetPort: 1 → 8080"],
        ),
        (
            _server(args=["a", "b"]),
            _server(args=["a"]),
            _server(args=["a", "b"]),
            ['spec.template.spec.containers[api-server].args: ["a"] → ["a", "b"]'],
        ),
    ],
)
def test_a_preview_names_each_field_before_and_after(
    body: Object, before: Object, after: Object, expected: list[str]
) -> None:
    assert lines(body, before, after) == expected


def test_what_a_webhook_changes_beside_the_remedy_is_marked() -> None:
    after = {"spec": {"replicas": 1, "template": {"metadata": {"labels": {"injected": "yes"}}}}}
    assert lines({"spec": {"replicas": 1}}, {"spec": {"replicas": 0}}, after) == [
        "spec.replicas: 0 → 1",
        "spec.template.metadata.labels.injected: yes (new), by the cluster itself",
    ]


def test_values_that_look_like_secrets_are_not_shown() -> None:
    before = _server(env=[{"name": "DB_PASSWORD", "value": "Tr0ub4dor-canary"}])
    after = _server(env=[{"name": "DB_PASSWORD", "value": "correct-horse-battery"}])
    text = "\n".join(lines(_server(env=[{"name": "DB_PASSWORD", "value": "correct-horse-battery"}]), before, after))
    assert "env[DB_PASSWORD].value: ‹password:1› → ‹password:2›" in text
    assert "canary" not in text


def test_elements_with_the_same_key_are_all_there() -> None:
    ports = [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]
    assert [path_text(path) for path, _ in leaves({"ports": ports})] == ["ports[53].protocol", "ports[53#2].protocol"]


# owners

RAISE = write_of(_server(resources={"limits": {"memory": "4Gi"}}))
HELM: Object = {
    "labels": {"app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "onyx-0.8.19"},
    "annotations": {"meta.helm.sh/release-name": "prod", "meta.helm.sh/release-namespace": "onyx"},
}
FLUX: Object = {"labels": {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux"}}
FLUX_HELM: Object = {
    "labels": {**HELM["labels"], "helm.toolkit.fluxcd.io/name": "prod", "helm.toolkit.fluxcd.io/namespace": "flux"}
}
ARGO: Object = {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:onyx/onyx-api-server"}}
OPERATOR: Object = {"ownerReferences": [{"kind": "Onyx", "name": "prod", "controller": True}]}


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        (HELM, ["`helm upgrade prod -n onyx` sets it back", "Set `api.resources.limits.memory: 4Gi`"]),
        (FLUX, ["Kustomization flux/apps", "containers[api-server].resources.limits.memory in Git"]),
        (FLUX_HELM, ["HelmRelease flux/prod", "`api.resources.limits.memory: 4Gi`", "flux suspend helmrelease prod"]),
        (ARGO, ["Argo CD manages deployment/onyx-api-server (application shop)"]),
        (OPERATOR, ["Onyx/prod controls deployment/onyx-api-server", "change the Onyx instead"]),
    ],
    ids=["helm", "flux", "flux and helm", "argo cd", "an operator"],
)
def test_who_would_set_it_back_is_named_with_the_change_to_make(metadata: Object, words: list[str]) -> None:
    (warning,) = owner_warnings(RAISE, {"metadata": metadata}, Surroundings())
    for part in words:
        assert part in warning


def test_a_restart_is_nobodys_business() -> None:
    stamp = {"kubectl.kubernetes.io/restartedAt": "2026"}
    restart = write_of({"spec": {"template": {"metadata": {"annotations": stamp}}}})
    assert owner_warnings(restart, {"metadata": {**HELM, **ARGO}}, Surroundings()) == ()


def test_an_object_that_nobody_manages_has_no_warnings() -> None:
    assert owner_warnings(RAISE, {"metadata": {"labels": {"app": "api"}}}, Surroundings()) == ()


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("prod-onyx-web-server", ("spec", "replicas"), "webserver.replicaCount"),
        ("onyx-celery-worker-light", ("spec", "replicas"), "celery_worker_light.replicaCount"),
        (
            "onyx-api-server",
            ("spec", "template", "spec", "containers", "[api-server]", "readinessProbe", "httpGet", "path"),
            "api.readinessProbe.httpGet.path",
        ),
        (
            "onyx-celery-worker-light",
            ("spec", "template", "spec", "containers", "[x]", "readinessProbe", "periodSeconds"),
            None,
        ),
        ("onyx-mcp-gateway", ("spec", "replicas"), None),
        ("onyx-api-server", ("spec", "paused"), None),
    ],
)
def test_fields_of_the_onyx_chart_have_their_values(name: str, path: tuple[str, ...], expected: str | None) -> None:
    assert values_path("onyx", "Deployment", name, path) == expected
    assert values_path("another", "Deployment", name, path) is None


def test_a_key_that_the_chart_works_out_itself_leads_to_where_it_comes_from() -> None:
    assert values_path("onyx", "ConfigMap", "env-configmap", ("data", "INTERNAL_URL")) == "api.service.servicePort"
    assert values_path("onyx", "ConfigMap", "env-configmap", ("data", "LOG_LEVEL")) == "configMap.LOG_LEVEL"
    config = write_of({"data": {"INTERNAL_URL": "http://x"}}, kind="ConfigMap", name="env-configmap")
    (warning,) = owner_warnings(config, {"metadata": HELM}, Surroundings())
    assert "Set `api.service.servicePort` in the release's values" in warning


def _budget(allowed: int, app: str) -> Object:
    return {
        "metadata": {"name": "keep"},
        "spec": {"selector": {"matchLabels": {"app": app}}},
        "status": {"disruptionsAllowed": allowed, "currentHealthy": 1, "desiredHealthy": 2},
    }


@pytest.mark.parametrize(("allowed", "app", "warned"), [(0, "api", True), (1, "api", False), (0, "web", False)])
def test_a_budget_that_allows_no_disruption_is_named(allowed: int, app: str, *, warned: bool) -> None:
    item = {"metadata": {}, "spec": {"template": {"metadata": {"labels": {"app": "api"}}}}}
    found = owner_warnings(RAISE, item, Surroundings(budgets=(_budget(allowed, app),)))
    assert bool(found) is warned
    assert not warned or "PodDisruptionBudget keep allows no disruption now (1 healthy pods, 2 wanted)" in found[0]


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ({}, True),
        (None, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["api"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["api"]}]}, False),
        ({"matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "x", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Gt", "values": ["1"]}]}, False),
    ],
)
def test_selectors_select_as_kubernetes_does(selector: Object | None, *, selected: bool) -> None:
    assert selects(selector, {"app": "api"}) is selected
