"""Every kind of step, and its way back, on the simulated cluster and (marker `cluster`) on a real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.kube import KubernetesWriter
from bot.changes.patches.diff import differences
from bot.changes.patches.undo import CHANGE_ANNOTATION, FENCE_ANNOTATION
from bot.changes.ports import Impersonation
from bot.domain.changes import Person, Write
from bot.domain.errors import ObjectChanged
from bot.domain.remedies import Step, StepKind
from bot.redaction import Redactor
from bot.sandbox.cluster.state.served import DEFAULT, RELEASES
from tests.contract.kube.writer_objects import PASSWORD, config_map, deployment, network_policy, service, stateful_set
from tests.contract.kube.writer_worlds import World, real_world, sandbox_world, wait_until

Object = dict[str, Any]
WORLDS: dict[str, Callable[[Path], AbstractContextManager[World]]] = {
    "sandbox": sandbox_world,
    **{f"sandbox-{release}": partial(sandbox_world, release=release) for release in RELEASES if release != DEFAULT},
    "real": real_world,
}
OTHERS = [pytest.param(name, marks=pytest.mark.slow) for name in WORLDS if name.startswith("sandbox-")]
ADMIN = Impersonation("admin", Person(user="U2", team="T1", name="Sam"))
STAMP = "2026-11-23T20:00:00Z"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


@pytest.fixture(scope="module", params=["sandbox", *OTHERS, pytest.param("real", marks=pytest.mark.cluster)])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with WORLDS[request.param](tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture(scope="module")
def writer(world: World) -> Iterator[KubernetesWriter]:
    with world.writing() as made:
        yield made


def _container(**change: Any) -> Object:
    return {"spec": {"template": {"spec": {"containers": [{"name": "server", **change}]}}}}


def _server(item: Object) -> Object:
    found: Object = item["spec"]["template"]["spec"]["containers"][1]
    assert found["name"] == "server"
    return found


@dataclass(frozen=True)
class Scenario:
    """A step about an object, what the preview must say, and what must be true of the object afterwards."""

    name: str
    make: Callable[[str, str], Object]
    step: StepKind
    patch: Mapping[str, Any]
    says: tuple[str, ...]
    holds: Callable[[Object], bool]


SERVER = "spec.template.spec.containers[server]"
SCENARIOS = [
    Scenario(
        "scale up",
        lambda name, space: deployment(name, space, 0),
        StepKind.PATCH,
        {"spec": {"replicas": 1}},
        ("spec.replicas: 0 → 1",),
        lambda item: item["spec"]["replicas"] == 1,
    ),
    Scenario(
        "raise the memory of the second container",
        deployment,
        StepKind.PATCH,
        _container(resources={"limits": {"memory": "128Mi"}}),
        (f"{SERVER}.resources.limits.memory: 64Mi → 128Mi",),
        lambda item: _server(item)["resources"] == {"limits": {"memory": "128Mi"}, "requests": {"memory": "32Mi"}},
    ),
    Scenario(
        "set a limit that was not set",
        deployment,
        StepKind.PATCH,
        _container(resources={"limits": {"cpu": "500m"}}),
        (f"{SERVER}.resources.limits.cpu: 500m (new)",),
        lambda item: _server(item)["resources"]["limits"] == {"cpu": "500m", "memory": "64Mi"},
    ),
    Scenario(
        "another path in a probe",
        deployment,
        StepKind.PATCH,
        _container(readinessProbe={"httpGet": {"path": "/health", "port": 8080}}),
        (f"{SERVER}.readinessProbe.httpGet.path: /wrong-but-answered → /health",),
        lambda item: _server(item)["readinessProbe"]["httpGet"]["path"] == "/health",
    ),
    Scenario(
        "another kind of probe",
        deployment,
        StepKind.PATCH,
        _container(readinessProbe={"httpGet": None, "tcpSocket": {"port": 8080}}),
        (f"{SERVER}.readinessProbe.tcpSocket.port: 8080 (new)",),
        lambda item: "httpGet" not in _server(item)["readinessProbe"],
    ),
    Scenario(
        "a probe that was not there",
        deployment,
        StepKind.PATCH,
        _container(livenessProbe={"httpGet": {"path": "/health", "port": 8080}}),
        (f"{SERVER}.livenessProbe.httpGet.path: /health (new)",),
        lambda item: _server(item)["livenessProbe"]["failureThreshold"] == 3,
    ),
    Scenario(
        "a variable among others",
        deployment,
        StepKind.PATCH,
        _container(env=[{"name": "INTERNAL_URL", "value": "http://api:8080"}]),
        (f"{SERVER}.env[INTERNAL_URL].value: http://api:80 → http://api:8080",),
        lambda item: [one["name"] for one in _server(item)["env"]] == ["DB_PASSWORD", "INTERNAL_URL", "POD"],
    ),
    Scenario(
        "a variable by reference becomes a value",
        deployment,
        StepKind.PATCH,
        _container(env=[{"name": "POD", "value": "api", "valueFrom": None}]),
        (f"{SERVER}.env[POD].value: api (new)",),
        lambda item: _server(item)["env"][2] == {"name": "POD", "value": "api"},
    ),
    Scenario(
        "a StatefulSet",
        stateful_set,
        StepKind.PATCH,
        _container(resources={"limits": {"memory": "128Mi"}}),
        (f"{SERVER}.resources.limits.memory: 64Mi → 128Mi",),
        lambda item: _server(item)["resources"]["limits"]["memory"] == "128Mi",
    ),
    Scenario(
        "a label less in a selector",
        service,
        StepKind.PATCH,
        {"spec": {"selector": {"tier": None}}},
        ("spec.selector.tier: none (removed)",),
        lambda item: list(item["spec"]["selector"]) == ["app"],
    ),
    Scenario(
        "another target of one of two ports",
        service,
        StepKind.PATCH,
        {"spec": {"ports": [{"port": 80, "targetPort": 8080}]}},
        ("spec.ports[80].targetPort: 8081 → 8080",),
        lambda item: [(one["port"], one["targetPort"]) for one in item["spec"]["ports"]] == [(80, 8080), (9090, 9090)],
    ),
    Scenario(
        "a key of a ConfigMap",
        config_map,
        StepKind.PATCH,
        {"data": {"INTERNAL_URL": "http://api:8080", "NEW": "1"}},
        ("data.INTERNAL_URL: http://nowhere:80 → http://api:8080", "data.NEW: 1 (new)"),
        lambda item: item["data"]["LOG_LEVEL"] == "info" and len(item["data"]) == 4,
    ),
    Scenario(
        "restart",
        deployment,
        StepKind.RESTART,
        {},
        (f"spec.template.metadata.annotations[{RESTARTED_AT}]: {STAMP} (new)",),
        lambda item: item["spec"]["template"]["metadata"]["annotations"] == {RESTARTED_AT: STAMP},
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_remedy_is_previewed_applied_and_taken_back(
    world: World, writer: KubernetesWriter, scenario: Scenario
) -> None:
    kind = scenario.make("x", "y")["kind"].lower()
    target = f"{kind}/{world.name(kind)}"
    original = world.create(scenario.make(target.split("/")[1], world.namespace))
    write = writer.prepare(Step(scenario.step, target, scenario.patch), world.namespace, STAMP)

    assert writer.may(ADMIN, write).allowed
    preview = writer.preview(ADMIN, write)
    assert set(scenario.says) <= {str(change) for change in differences(preview, Redactor()) if change.asked}
    assert said(world.get(target)) == said(original)
    assert writer.was_applied(write, "c-1") is False

    world.patch(target, {"metadata": {"annotations": {CHANGE_ANNOTATION: "c-1"}}})
    assert writer.was_applied(write, "c-1") is not True, "whoever may patch the object can put a mark on it"
    world.patch(target, {"metadata": {"annotations": {CHANGE_ANNOTATION: None}}})
    # A real API server raises a Deployment's generation for an annotation too: what was previewed is another version.
    write = writer.prepare(Step(scenario.step, target, scenario.patch), world.namespace, STAMP)

    writer.apply(ADMIN, write, "c-1")
    changed = world.get(target)
    assert scenario.holds(changed), changed
    assert changed["metadata"]["annotations"][CHANGE_ANNOTATION] == "c-1"
    assert writer.was_applied(write, "c-1") is True
    assert writer.was_applied(write, "c-2") is None
    assert not writer.unchanged(write)

    back = writer.revert(write, "c-1", "2026-11-23T21:00:00Z")
    writer.apply(ADMIN, back, "c-2")
    if scenario.step is StepKind.RESTART:
        stamps = world.get(target)["spec"]["template"]["metadata"]["annotations"]
        assert stamps == {RESTARTED_AT: "2026-11-23T21:00:00Z"}
    else:
        assert said(world.get(target)) == said(original)
    assert writer.was_applied(back, "c-2") is True
    for text in (repr(write), repr(preview), repr(back)):
        assert PASSWORD not in text


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_fence_refuses_what_is_on_its_way_and_who_wakes_up_later(
    world: World, writer: KubernetesWriter, scenario: Scenario
) -> None:
    kind = scenario.make("x", "y")["kind"].lower()
    target = f"{kind}/{world.name(kind)}"
    world.create(scenario.make(target.split("/")[1], world.namespace))
    write = writer.prepare(Step(scenario.step, target, scenario.patch), world.namespace, STAMP)
    before = world.get(target)
    # A controller that writes its status in between makes a fence fail; the next look tries again.
    wait_until(lambda: writer.fence(ADMIN, write, "c-1"), "the first is given up")
    after = world.get(target)
    assert after["metadata"]["resourceVersion"] != before["metadata"]["resourceVersion"]
    assert annotated(after) == annotated(before) | {FENCE_ANNOTATION: "c-1"}
    assert said(after) == said(before)
    with pytest.raises(ObjectChanged):
        writer.apply(ADMIN, write, "c-1")
    assert said(world.get(target)) == said(before)
    assert writer.was_applied(write, "c-1") is False
    other = writer.prepare(Step(scenario.step, target, scenario.patch), world.namespace, STAMP)
    wait_until(lambda: writer.fence(ADMIN, other, "c-2"), "two changes may be given up on one object")
    with pytest.raises(ObjectChanged):
        writer.apply(ADMIN, other, "c-1")
    write = writer.prepare(Step(scenario.step, target, scenario.patch), world.namespace, STAMP)
    writer.apply(ADMIN, write, "c-3")
    assert not writer.fence(ADMIN, write, "c-3"), "it took effect, so it cannot be kept from doing so"


def said(item: Object) -> Object:
    """What an object says, without what the API server and its controllers write."""
    return {key: value for key, value in item.items() if key in ("spec", "data", "kind")}


def annotated(item: Object) -> Object:
    """The annotations of an object, without the Deployment controller's."""
    annotations = item["metadata"].get("annotations", {})
    return {key: value for key, value in annotations.items() if not key.startswith("deployment.kubernetes.io/")}


@pytest.mark.parametrize("kind", ["networkpolicy", "service"])
def test_what_a_remedy_creates_is_deleted_again(world: World, writer: KubernetesWriter, kind: str) -> None:
    name = world.name(kind)
    body = network_policy(name) if kind == "networkpolicy" else service(name, world.namespace)
    write = writer.prepare(Step(StepKind.CREATE, f"{kind}/{name}", body), world.namespace, STAMP)
    assert write.creates
    assert writer.may(ADMIN, write).allowed
    preview = writer.preview(ADMIN, write)
    assert preview.before is None
    assert all(change.before is None for change in differences(preview, Redactor()))
    assert not world.exists(write.target)
    assert writer.was_applied(write, "c-1") is False

    writer.apply(ADMIN, write, "c-1")
    assert writer.was_applied(write, "c-1") is True
    assert writer.rollout(write).done

    back = writer.revert(write, "c-1", STAMP)
    assert back.deletes
    assert writer.may(ADMIN, back).allowed
    assert all(change.after is None for change in differences(writer.preview(ADMIN, back), Redactor()))
    assert world.exists(write.target)
    assert writer.was_applied(back, "c-2") is False
    writer.apply(ADMIN, back, "c-2")
    assert not world.exists(write.target)
    assert writer.was_applied(back, "c-2") is True

    again = writer.revert(back, "c-2", STAMP)
    writer.apply(ADMIN, again, "c-3")
    assert world.exists(write.target)


def _image(world: World, target: str, image: str) -> None:
    """A new revision, as a bad release makes one."""
    before = world.get(target)["metadata"].get("annotations", {}).get("deployment.kubernetes.io/revision", "0")
    body = {"spec": {"template": {"metadata": {"annotations": {"release": image}}}}}
    world.patch(target, body)

    def is_observed() -> bool:
        found = world.get(target)["metadata"].get("annotations", {}).get("deployment.kubernetes.io/revision", "0")
        return int(found) > int(before)

    wait_until(is_observed, f"{target} has a new revision")


def test_a_roll_back_puts_the_revision_before_in_force(world: World, writer: KubernetesWriter) -> None:
    name = world.name("roll")
    target = f"deployment/{name}"
    world.create(deployment(name, world.namespace))
    for release in ("one", "two", "three"):
        _image(world, target, release)
    bad = world.get(target)

    write = writer.prepare(Step(StepKind.ROLL_BACK, target), world.namespace, STAMP)
    preview = writer.preview(ADMIN, write)
    assert [str(one) for one in differences(preview, Redactor())] == [
        "spec.template.metadata.annotations.release: three → two"
    ]
    writer.apply(ADMIN, write, "c-1")
    template = world.get(target)["spec"]["template"]
    assert template["metadata"]["annotations"] == {"release": "two"}
    assert "pod-template-hash" not in template["metadata"]["labels"]
    assert template["spec"] == bad["spec"]["template"]["spec"]
    wait_until(lambda: writer.rollout(write).done, "the roll-back is rolled out")

    writer.apply(ADMIN, writer.revert(write, "c-1", STAMP), "c-2")
    assert said(world.get(target)) == said(bad)


def test_a_roll_back_of_many_changes_gives_exactly_the_template_before(world: World, writer: KubernetesWriter) -> None:
    name = world.name("many")
    target = f"deployment/{name}"
    good = world.create(deployment(name, world.namespace))
    _image(world, target, "one")
    good = world.get(target)
    sidecar, server = good["spec"]["template"]["spec"]["containers"]
    password, url, pod = server["env"]
    server = {
        **server,
        "env": [pod, {"name": "ADDED", "value": "1"}, password, {**url, "value": "http://elsewhere"}],
        "ports": server["ports"][:1],
        "args": ["process.exit(1)"],
        "readinessProbe": {"tcpSocket": {"port": 8080}},
    }
    volume = {"name": "scratch", "emptyDir": {}}
    bad = {"containers": [server, sidecar, {**sidecar, "name": "third"}], "volumes": [volume], "hostNetwork": None}
    world.patch(target, {"spec": {"template": {"spec": bad, "metadata": {"labels": {"extra": "yes"}}}}})
    wait_until(
        lambda: world.get(target)["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "3",
        "the bad revision is there",
    )
    worse = world.get(target)

    write = writer.prepare(Step(StepKind.ROLL_BACK, target), world.namespace, STAMP)
    preview = writer.preview(ADMIN, write)
    assert PASSWORD not in repr(write) + repr(preview)
    assert f"{SERVER}.env[INTERNAL_URL].value: http://elsewhere → http://api:80" in map(
        str, differences(preview, Redactor())
    )
    writer.apply(ADMIN, write, "c-1")
    assert world.get(target)["spec"]["template"] == good["spec"]["template"]
    wait_until(lambda: writer.rollout(write).done, "the roll-back is rolled out")

    writer.apply(ADMIN, writer.revert(write, "c-1", STAMP), "c-2")
    assert world.get(target)["spec"]["template"] == worse["spec"]["template"]


def test_a_rollout_is_followed_until_its_pods_are_there(world: World, writer: KubernetesWriter) -> None:
    name = world.name("follow")
    target = f"deployment/{name}"
    world.create(deployment(name, world.namespace))
    write: Write = writer.prepare(Step(StepKind.PATCH, target, {"spec": {"replicas": 1}}), world.namespace, STAMP)
    writer.apply(ADMIN, write, "c-1")
    first = writer.rollout(write)
    assert not first.failed
    assert (
        not first.done or world.get(target)["status"]["availableReplicas"] == 1
    )  # time passes quickly in a simulation
    wait_until(lambda: writer.rollout(write).done, "the pod is available")
    assert writer.rollout(write).sentence == "Rolled out: 1 of 1 replicas are available."
    world.delete(target)
