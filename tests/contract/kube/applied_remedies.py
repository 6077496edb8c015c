"""Applies the steps of a remedy to an API server as kubectl would; called by the tests of remedies.

Small on purpose and independent of the bot's own writer: what it proves is that the steps themselves are right.
"""

from __future__ import annotations

from typing import Any

from bot.domain.remedies import Remedy, Step, StepKind
from tests.contract.kube.simulated_cluster_client import API, APPS, JSON_PATCH, STRATEGIC_PATCH, Api

_REVISION = "deployment.kubernetes.io/revision"
_FOLDERS = {
    "deployment": f"{APPS}/deployments",
    "statefulset": f"{APPS}/statefulsets",
    "service": f"{API}/services",
    "configmap": f"{API}/configmaps",
    "networkpolicy": "/apis/networking.k8s.io/v1/namespaces/onyx/networkpolicies",
}


def apply_steps(api: Api, remedy: Remedy) -> None:
    """Every step, in order. Fails when the API server refuses one."""
    for step in remedy.steps:
        reply = _apply(api, step)
        assert reply in (200, 201), f"{step}: {reply}"


def _apply(api: Api, step: Step) -> int:
    kind, _, name = step.target.partition("/")
    path = f"{_FOLDERS[kind]}/{name}"
    match step.kind:
        case StepKind.PATCH:
            return api("PATCH", path, dict(step.patch), content=STRATEGIC_PATCH).status
        case StepKind.CREATE:
            assert step.patch["metadata"]["name"] == name
            return api("POST", _FOLDERS[kind], dict(step.patch)).status
        case StepKind.RESTART:
            annotations = {"kubectl.kubernetes.io/restartedAt": "2026-03-02T12:00:01Z"}
            body = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
            return api("PATCH", path, body, content=STRATEGIC_PATCH).status
        case StepKind.ROLL_BACK:
            body = [{"op": "replace", "path": "/spec/template", "value": _previous_template(api, path)}]
            return api("PATCH", path, body, content=JSON_PATCH).status


def _previous_template(api: Api, deployment: str) -> Any:
    uid = api.get(deployment).json["metadata"]["uid"]
    owned = [
        item
        for item in api.get(f"{APPS}/replicasets").json["items"]
        if any(owner["uid"] == uid for owner in item["metadata"].get("ownerReferences", ()))
    ]
    owned.sort(key=lambda item: int(item["metadata"]["annotations"][_REVISION]))
    template = owned[-2]["spec"]["template"]
    template["metadata"]["labels"].pop("pod-template-hash", None)
    return template
