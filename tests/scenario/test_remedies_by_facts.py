"""Remedies follow the facts: recorded views with one thing changed, and what is offered then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.diagnosis import Diagnosis
from bot.domain.remedies import Remedy
from bot.domain.view import View
from tests.scenario.test_recorded_views import diagnosed, recorded, recorded_diagnosis

Data = dict[str, Any]


def with_changes(name: str, change: Callable[[Data], None]) -> Diagnosis:
    """The diagnosis of a recorded view after `change` has altered its JSON."""
    data = recorded(name).view.model_dump(mode="json", by_alias=True)
    change(data)
    return diagnosed(View.model_validate(data))


def offered(diagnosis: Diagnosis) -> dict[str, Remedy]:
    return {remedy.id: remedy for cause in diagnosis.root_causes for remedy in cause.remedies if remedy.steps}


def deployment(data: Data, name: str) -> Data:
    found: Data = next(item for item in data["deployments"] if item["metadata"]["name"] == name)
    return found


def containers(data: Data, name: str) -> list[Data]:
    """The main containers of a Deployment's template and of its pods: changed together."""
    pods = [item for item in data["pods"] if item["metadata"]["name"].startswith(f"{name}-")]
    found: list[Data] = [deployment(data, name)["spec"]["template"]["spec"]["containers"][0]]
    return found + [pod["spec"]["containers"][0] for pod in pods]


def add_revision(data: Data, name: str, age: timedelta, change: Callable[[Data], None]) -> None:
    """An earlier ReplicaSet of the Deployment, which `change` makes different; the newest gets this age."""
    owner = deployment(data, name)["metadata"]["uid"]
    owned = [
        item for item in data["replicasets"] if any(one["uid"] == owner for one in item["metadata"]["ownerReferences"])
    ]
    newest = owned[-1]
    since = recorded_view_time(data) - age
    newest["metadata"]["creationTimestamp"] = since.isoformat()
    newest["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    text = View.model_validate({**data, "replicasets": [newest]}).replicasets[0].model_dump(mode="json", by_alias=True)
    text["metadata"] |= {"name": f"{name}-before", "uid": "before"}
    text["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "1"
    text["spec"]["replicas"] = 0
    change(text["spec"]["template"]["spec"]["containers"][0])
    data["replicasets"].append(text)


def recorded_view_time(data: Data) -> Any:
    return View.model_validate(data).collected_at


def began(data: Data) -> timedelta:
    """How long ago the API server's first sign of trouble is."""
    view = View.model_validate(data)
    since = diagnosed(view).since
    assert since is not None
    return view.collected_at - since


@pytest.mark.parametrize(("later", "possible"), [(timedelta(minutes=-1), True), (timedelta(hours=-5), False)])
def test_a_roll_back_is_offered_only_where_the_trouble_began_with_the_newest_revision(
    later: timedelta, possible: bool
) -> None:
    def change(data: Data) -> None:
        add_revision(data, "api-server", began(data) - later, lambda item: item.update(image="app:before"))

    remedies = offered(with_changes("crash-no-secret", change))
    assert ("roll-back-api" in remedies) is possible


def test_a_roll_back_to_the_same_template_is_not_offered() -> None:
    def restarted(data: Data) -> None:
        add_revision(data, "api-server", began(data) + timedelta(minutes=1), lambda _: None)
        annotations = data["replicasets"][-1]["spec"]["template"]["metadata"]["annotations"]
        annotations["kubectl.kubernetes.io/restartedAt"] = "2026-01-01T00:00:00Z"

    assert "roll-back-api" not in offered(with_changes("crash-no-secret", restarted))


def test_a_roll_back_says_which_image_the_newest_revision_brought() -> None:
    def change(data: Data) -> None:
        add_revision(data, "api-server", began(data) + timedelta(minutes=1), lambda item: item.update(image="app:1"))

    note = offered(with_changes("image-absent", change))["roll-back-api"].note
    assert "the image from app:1 to " in note


def test_the_memory_of_the_container_that_is_killed_is_raised_and_not_of_the_main_one() -> None:
    def change(data: Data) -> None:
        sidecar = {"name": "proxy", "image": "proxy:1", "resources": {"limits": {"memory": "64Mi"}}}
        deployment(data, "api-server")["spec"]["template"]["spec"]["containers"].append(sidecar)
        for pod in data["pods"]:
            if pod["metadata"]["name"].startswith("api-server-"):
                pod["spec"]["containers"].append(sidecar)
                pod["status"]["containerStatuses"][0]["name"] = "proxy"

    remedy = offered(with_changes("oom", change))["raise-memory-api"]
    assert remedy.patch["spec"]["template"]["spec"]["containers"] == [
        {"name": "proxy", "resources": {"limits": {"memory": "128Mi"}, "requests": {"memory": "128Mi"}}}
    ]


def test_without_a_limit_there_is_none_to_raise_and_a_restart_may_help() -> None:
    def change(data: Data) -> None:
        for container in containers(data, "api-server"):
            container["resources"] = {}

    assert list(offered(with_changes("oom", change))) == ["restart-api"]


def test_a_request_below_the_limit_stays_as_it_is() -> None:
    def change(data: Data) -> None:
        for container in containers(data, "api-server"):
            container["resources"] = {"limits": {"memory": "2Gi"}, "requests": {"memory": "1Gi"}}

    patch = offered(with_changes("oom", change))["raise-memory-api"].patch
    assert patch["spec"]["template"]["spec"]["containers"][0]["resources"] == {"limits": {"memory": "4Gi"}}


def test_different_limits_at_which_it_was_killed_are_said() -> None:
    def change(data: Data) -> None:
        pod = next(item for item in data["pods"] if item["metadata"]["name"].startswith("api-server-"))
        other = View.model_validate({**data, "pods": [pod]}).pods[0].model_dump(mode="json", by_alias=True)
        other["metadata"] |= {"name": f"{pod['metadata']['name']}x", "uid": "other"}
        other["spec"]["containers"][0]["resources"] = {"limits": {"memory": "64Mi"}}
        data["pods"].append(other)

    assert "limits of 64Mi and 128Mi" in offered(with_changes("oom", change))["raise-memory-api"].note


def test_it_is_scaled_up_to_what_it_had() -> None:
    def change(data: Data) -> None:
        owner = deployment(data, "api-server")["metadata"]["uid"]
        newest = next(
            item
            for item in data["replicasets"]
            if any(one["uid"] == owner for one in item["metadata"]["ownerReferences"])
        )
        message = f"Scaled down replica set {newest['metadata']['name']} to 0 from 3"
        about = {"kind": "Deployment", "name": "api-server"}
        data["events"].append({"reason": "ScalingReplicaSet", "message": message, "involvedObject": about})

    remedy = offered(with_changes("scaled-to-zero", change))["scale-up-api"]
    assert remedy.patch == {"spec": {"replicas": 3}}
    assert remedy.title == "Scale the API server up to 3 replicas"


def test_every_workload_that_names_the_key_is_restarted_and_those_that_take_the_whole_map_are_named() -> None:
    reference = {"configMapKeyRef": {"name": "web-server-config", "key": "INTERNAL_URL"}}
    whole = [{"configMapRef": {"name": "web-server-config"}}]

    def change(data: Data) -> None:
        for name, extra in (
            ("worker", {"env": [{"name": "API", "valueFrom": reference}]}),
            ("beat", {"envFrom": whole}),
            ("idle", {"env": [{"name": "API", "valueFrom": reference}]}),
        ):
            template = {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": name, "image": "worker:1", **extra}]},
            }
            spec = {
                "replicas": 0 if name == "idle" else 1,
                "selector": {"matchLabels": {"app": name}},
                "template": template,
            }
            data["deployments"].append(
                {"kind": "Deployment", "metadata": {"name": name, "uid": f"uid-{name}"}, "spec": spec}
            )

    remedy = offered(with_changes("url-wrong-name", change))["set-url-web-to-api"]
    assert [step.target for step in remedy.steps] == [
        "configmap/web-server-config",
        "deployment/web-server",
        "deployment/worker",
    ]
    assert "deployment/beat" in remedy.note
    assert remedy.command.count("rollout restart") == 2


@pytest.mark.parametrize(
    ("view", "directions"),
    [
        ("policy-denies-api", ["Ingress"]),
        ("policy-other-caller", ["Ingress"]),
        ("policy-denies-egress", ["Egress"]),
        ("policy-denies-dns", ["Egress"]),
    ],
)
def test_only_the_closed_direction_is_opened(view: str, directions: list[str]) -> None:
    """A new policy about the other direction would close it to everybody else."""
    steps = offered(recorded_diagnosis(view))["allow-web-to-api"].steps
    assert [step.patch["spec"]["policyTypes"] for step in steps] == [[direction] for direction in directions]


def test_a_probe_that_answers_503_is_right_and_is_left_alone() -> None:
    def change(data: Data) -> None:
        for event in data["events"]:
            event["message"] = event["message"].replace("statuscode: 404", "statuscode: 503")

    assert list(offered(with_changes("readiness-wrong-path", change))) == ["restart-api"]


def test_a_process_that_is_killed_while_it_starts_gets_more_time() -> None:
    def change(data: Data) -> None:
        for container in containers(data, "api-server"):
            probe = {"httpGet": {"path": "/health", "port": 8080}, "initialDelaySeconds": 60, "periodSeconds": 10}
            container["livenessProbe"] = {**probe, "failureThreshold": 3}
        for event in data["events"]:
            if event["message"].startswith("Liveness probe failed"):
                event["message"] = 'Liveness probe failed: Get "http://10.0.0.1:8080/health": connection refused'
        for log in data["logs"]:
            if log["container"] == "api-server":
                log["text"] = "Running upgrade 1 -> 2"

    remedies = offered(with_changes("liveness-wrong-path", change))
    assert list(remedies) == ["give-time-api"]
    assert remedies["give-time-api"].patch["spec"]["template"]["spec"]["containers"][0]["livenessProbe"] == {
        "initialDelaySeconds": 180
    }
