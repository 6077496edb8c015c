"""Who may write is the cluster's decision, and it records the person; an object that is not as it was is left alone.

On the simulated cluster and (marker `cluster`) on a real one. The account has exactly the rights of `deploy/rbac`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.adapters.kube import KubernetesWriter
from bot.changes.ports import Impersonation
from bot.domain.changes import Person, Write
from bot.domain.errors import ClusterError, ObjectChanged, ObjectGone, WriteRefused
from bot.domain.remedies import Step, StepKind
from tests.contract.kube.writer_objects import PASSWORD, config_map, deployment, network_policy, service
from tests.contract.kube.writer_worlds import World, real_world, sandbox_world, wait_until

Object = dict[str, Any]
WORLDS = {"sandbox": sandbox_world, "real": real_world}
OPERATOR = Impersonation("operator", Person(user="U1", team="T1", name="Róbin\r\nX-Evil: 1"))
ADMIN = Impersonation("admin", Person(user="U2", team="T1"))
STRANGER = Impersonation("dba", Person(user="U3", team="T1"))
MORE = {"spec": {"replicas": 0, "minReadySeconds": 1}}


@pytest.fixture(scope="module", params=["sandbox", pytest.param("real", marks=pytest.mark.cluster)])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with WORLDS[request.param](tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture(scope="module")
def writer(world: World) -> Iterator[KubernetesWriter]:
    with world.writing() as made:
        yield made


def _prepared(world: World, writer: KubernetesWriter, **metadata: Any) -> Write:
    """A write to a Deployment of its own."""
    made = deployment(world.name("rights"), world.namespace)
    made["metadata"] |= metadata
    world.create(made)
    return writer.prepare(Step(StepKind.PATCH, f"deployment/{made['metadata']['name']}", MORE), world.namespace, "")


def _policy(world: World, writer: KubernetesWriter) -> Write:
    name = world.name("policy")
    step = Step(StepKind.CREATE, f"networkpolicy/{name}", network_policy(name))
    return writer.prepare(step, world.namespace, "")


# who


def test_a_role_that_the_cluster_denies_is_refused_by_the_cluster(world: World, writer: KubernetesWriter) -> None:
    write = _policy(world, writer)
    permission = writer.may(OPERATOR, write)
    assert (permission.allowed, permission.known) == (False, True)
    assert "operator" in permission.reason
    for attempt in (lambda: writer.preview(OPERATOR, write), lambda: writer.apply(OPERATOR, write, "c-1")):
        with pytest.raises(WriteRefused, match="does not let triage:operator create networkpolicies") as caught:
            attempt()
        assert 'User "triage:operator" cannot create resource "networkpolicies"' in caught.value.message
        assert f"kubectl create rolebinding triage-operator -n {world.namespace}" in caught.value.remedy
    assert not world.exists(write.target)
    assert writer.may(ADMIN, write).allowed


def test_the_bot_can_take_no_other_role(world: World, writer: KubernetesWriter) -> None:
    write = _prepared(world, writer)
    permission = writer.may(STRANGER, write)
    assert (permission.allowed, permission.known) == (False, True)
    assert "may not act in this role" in permission.reason
    with pytest.raises(WriteRefused, match="may not act in this role") as caught:
        writer.apply(STRANGER, write, "c-1")
    assert "impersonation.yaml" in caught.value.remedy


def test_the_bot_itself_may_write_nothing(world: World, writer: KubernetesWriter) -> None:
    for write in (_prepared(world, writer), _policy(world, writer)):
        assert not writer.may(None, write).allowed
        with pytest.raises(WriteRefused, match=f"does not let {world.account}"):
            writer.apply(None, write, "c-1")


@pytest.mark.parametrize(
    "headers",
    [
        {"Impersonate-User": "triage:operator", "Impersonate-Group": "system:masters"},
        {"Impersonate-User": "admin", "Impersonate-Group": "triage:operator"},
        {"Impersonate-User": "triage:operator", "Impersonate-Extra-scopes": "full"},
        {"Impersonate-User": "system:serviceaccount:kube-system:default"},
    ],
    ids=["masters", "another user", "another extra", "a service account"],
)
def test_impersonation_is_pinned(world: World, headers: dict[str, str]) -> None:
    bot = type(world.admin)(world.kubeconfig)
    good = {"Impersonate-User": "triage:operator", "Impersonate-Group": "triage:operator"}
    path = world.path("deployment", "absent")
    assert bot("PATCH", path, {}, good | {"Impersonate-Extra-slack-user": "T1/U1"}).status == 404
    answer = bot("PATCH", path, {}, headers)
    assert answer.status == 403
    assert "cannot impersonate" in answer.body["message"]


def test_the_audit_log_names_the_role_and_the_person(world: World, writer: KubernetesWriter) -> None:
    write = _prepared(world, writer)
    writer.preview(OPERATOR, write)
    writer.apply(OPERATOR, write, "c-1")

    def deeds() -> list[Any]:
        return [deed for deed in world.deeds() if deed.name == write.name and deed.verb == "patch"]

    wait_until(lambda: bool(deeds()), "the patch is in the audit log")
    (deed,) = deeds()
    assert (deed.user, deed.authenticated, deed.status) == ("triage:operator", world.account, 200)
    assert deed.groups == ("triage:operator", "system:authenticated")
    assert deed.extra == {"slack-user": ("T1/U1",), "slack-name": ("R%C3%B3bin%0D%0AX-Evil: 1",)}


def test_an_offer_asks_without_a_person(world: World, writer: KubernetesWriter) -> None:
    assert writer.may(Impersonation("operator", Person(user="")), _prepared(world, writer)).allowed


# what was previewed is what is changed


def test_a_mere_change_of_status_or_labels_does_not_matter(world: World, writer: KubernetesWriter) -> None:
    write = _prepared(world, writer)
    for number in range(3):
        world.patch(write.target, {"metadata": {"labels": {"noise": str(number)}}})
    assert writer.unchanged(write)
    writer.apply(OPERATOR, write, "c-1")
    after = world.get(write.target)
    assert after["spec"]["minReadySeconds"] == 1
    assert after["metadata"]["labels"]["noise"] == "2"


def _change(world: World, write: Write) -> None:
    world.patch(write.target, {"spec": {"progressDeadlineSeconds": 77}})


def _change_the_same_field(world: World, write: Write) -> None:
    world.patch(write.target, {"spec": {"minReadySeconds": 3}})


def _recreate(world: World, write: Write) -> None:
    _remove(world, write)
    world.create(deployment(write.name, world.namespace))


def _remove(world: World, write: Write) -> None:
    world.delete(write.target)
    wait_until(lambda: not world.exists(write.target), "it is gone")


@pytest.mark.parametrize(
    ("meddle", "error", "applied"),
    [
        # What the write would have replaced still stands: nothing was changed by it, whatever else was.
        (_change, ObjectChanged, False),
        (_change_the_same_field, ObjectChanged, None),
        (_recreate, ObjectChanged, None),
        (_remove, ObjectGone, None),
    ],
)
def test_an_object_that_is_not_as_previewed_is_left_alone(
    world: World,
    writer: KubernetesWriter,
    meddle: Callable[[World, Write], None],
    error: type[ClusterError],
    applied: bool | None,
) -> None:
    write = _prepared(world, writer)
    meddle(world, write)
    assert not writer.unchanged(write)
    with pytest.raises(error):
        writer.preview(OPERATOR, write)
    with pytest.raises(error):
        writer.apply(OPERATOR, write, "c-1")
    assert writer.was_applied(write, "c-1") is applied


def test_a_config_map_counts_by_its_content(world: World, writer: KubernetesWriter) -> None:
    name = world.name("config")
    world.create(config_map(name, world.namespace))
    step = Step(StepKind.PATCH, f"configmap/{name}", {"data": {"INTERNAL_URL": "http://api:80"}})
    write = writer.prepare(step, world.namespace, "")
    assert (write.generation, bool(write.content)) == (0, True)
    world.patch(write.target, {"metadata": {"labels": {"noise": "1"}}})
    assert writer.unchanged(write)
    world.patch(write.target, {"data": {"LOG_LEVEL": "debug"}})
    assert not writer.unchanged(write)
    with pytest.raises(ObjectChanged):
        writer.apply(OPERATOR, write, "c-1")


def test_what_exists_by_now_is_not_created(world: World, writer: KubernetesWriter) -> None:
    write = _policy(world, writer)
    made = network_policy(write.name)
    made["metadata"]["namespace"] = world.namespace
    world.create(made)
    with pytest.raises(ObjectChanged, match="exists by now"):
        writer.apply(ADMIN, write, "c-1")
    with pytest.raises(WriteRefused, match="exists already"):
        writer.prepare(Step(StepKind.CREATE, write.target, made), world.namespace, "")
    with pytest.raises(ObjectChanged, match="not what was created here"):
        writer.revert(write, "c-1", "")
    assert world.exists(write.target)


def test_what_somebody_changed_since_is_not_taken_back(world: World, writer: KubernetesWriter) -> None:
    write = _prepared(world, writer)
    writer.apply(OPERATOR, write, "c-1")
    world.patch(write.target, {"spec": {"minReadySeconds": 9}})
    with pytest.raises(ObjectChanged, match="changed since"):
        writer.revert(write, "c-1", "")


# what the cluster does not accept


def test_a_quota_is_said_in_plain_words_at_the_preview_already(world: World, writer: KubernetesWriter) -> None:
    quota = {"kind": "ResourceQuota", "apiVersion": "v1", "metadata": {"name": "few"}}
    world.create({**quota, "spec": {"hard": {"services": "0"}}})
    try:
        wait_until(lambda: "hard" in world.get("resourcequota/few").get("status", {}), "the quota is in force")
        name = world.name("quota")
        step = Step(StepKind.CREATE, f"service/{name}", service(name, world.namespace))
        write = writer.prepare(step, world.namespace, "")
        with pytest.raises(WriteRefused, match="The quota few of the namespace does not allow it") as caught:
            writer.preview(OPERATOR, write)
        assert "exceeded quota: few, requested: services=1" in caught.value.message
    finally:
        world.delete("resourcequota/few")


def test_values_the_api_server_does_not_accept_are_refused_with_its_words(
    world: World, writer: KubernetesWriter
) -> None:
    write = _prepared(world, writer)
    step = Step(StepKind.PATCH, write.target, {"spec": {"replicas": -1}})
    with pytest.raises(WriteRefused, match=r"new values invalid: .*spec\.replicas: Invalid value: -1"):
        writer.preview(OPERATOR, writer.prepare(step, world.namespace, ""))
    other = Step(StepKind.PATCH, write.target, {"spec": {"selector": {"matchLabels": {"app": "other"}}}})
    with pytest.raises(WriteRefused, match=r"cannot be changed once it is set|finds the new values invalid"):
        writer.preview(OPERATOR, writer.prepare(other, world.namespace, ""))


@pytest.mark.parametrize(
    ("target", "patch"),
    [
        ("configmap", {"data": {"DB_PASSWORD": "correct-horse-7"}}),
        ("configmap", {"data": {"INTERNAL_URL": "http://ada:hunter2-secret@api:80"}}),
    ],
)
def test_a_write_keeps_no_secret(world: World, writer: KubernetesWriter, target: str, patch: Object) -> None:
    name = world.name("secret")
    world.create(config_map(name, world.namespace))
    with pytest.raises(WriteRefused, match="looks like a secret") as caught:
        writer.prepare(Step(StepKind.PATCH, f"{target}/{name}", patch), world.namespace, "")
    assert PASSWORD not in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Step(StepKind.PATCH, "secret/onyx", {"data": {"a": "b"}}), "does not change secret/onyx"),
        (Step(StepKind.RESTART, "daemonset/x"), "does not change daemonset/x"),
        (Step(StepKind.CREATE, "deployment/never-there", {"spec": {}}), "does not create"),
        (Step(StepKind.PATCH, "deployment/", {"spec": {}}), "does not change deployment/"),
    ],
)
def test_other_kinds_are_never_touched(world: World, writer: KubernetesWriter, step: Step, words: str) -> None:
    with pytest.raises(WriteRefused, match=words):
        writer.prepare(step, world.namespace, "")


def test_a_paused_deployment_is_not_restarted_or_rolled_back(world: World, writer: KubernetesWriter) -> None:
    write = _prepared(world, writer)
    with pytest.raises(WriteRefused, match="no earlier revision"):
        writer.prepare(Step(StepKind.ROLL_BACK, write.target), world.namespace, "")
    world.patch(write.target, {"spec": {"paused": True}})
    for kind in (StepKind.RESTART, StepKind.ROLL_BACK):
        with pytest.raises(WriteRefused, match="is paused"):
            writer.prepare(Step(kind, write.target), world.namespace, "")
    with pytest.raises(ObjectGone):
        writer.prepare(Step(StepKind.RESTART, "deployment/not-there"), world.namespace, "")


def test_a_preview_warns_of_helm_and_of_an_autoscaler(world: World, writer: KubernetesWriter) -> None:
    labels = {"app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "onyx-0.8.19"}
    write = _prepared(world, writer, labels=labels, annotations={"meta.helm.sh/release-name": "prod"})
    version = "v2" if world.simulated else "v1"
    path = f"/apis/autoscaling/{version}/namespaces/{world.namespace}/horizontalpodautoscalers"
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": write.name}
    scaler = {
        "metadata": {"name": write.name},
        "spec": {"scaleTargetRef": reference, "minReplicas": 2, "maxReplicas": 5},
    }
    kind = {"apiVersion": f"autoscaling/{version}", "kind": "HorizontalPodAutoscaler"}
    assert world.admin("POST", path, {**kind, **scaler}).status == 201
    warnings = "\n".join(writer.preview(OPERATOR, write).warnings)
    assert f"Helm manages {write.target} (release prod)" in warnings
    assert f"The HorizontalPodAutoscaler {write.name} sets the replicas of {write.target} (2 to 5)" in warnings
    assert "Could not look" not in warnings
