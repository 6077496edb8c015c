"""A rollout is what `kubectl rollout status` says of it, and the writer's connection sends nothing but its list."""

from __future__ import annotations

from typing import Any

import pytest
from kubernetes.client.configuration import Configuration

from bot.adapters.kube.access.write_connection import NothingSent, WriteConnection, WriteRequest
from bot.adapters.kube.write.rollout import rollout_of
from bot.adapters.kube.write.sending import impersonation
from bot.changes.ports import Impersonation, Rollout
from bot.domain.changes import Person
from bot.domain.errors import WriteRefused

Object = dict[str, Any]


def _deployment(status: Object, **spec: Any) -> Object:
    return {
        "metadata": {"generation": 2},
        "spec": {"replicas": 2, **spec},
        "status": {"observedGeneration": 2, **status},
    }


DEADLINE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
QUOTA = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: few"}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (
            _deployment({"observedGeneration": 1}),
            Rollout(done=False, sentence="Waiting for the change to be taken up.", observed=False),
        ),
        (_deployment({}), Rollout(done=False, sentence="0 of 2 new replicas have been updated.")),
        (
            _deployment({"updatedReplicas": 1, "conditions": [QUOTA]}),
            Rollout(
                done=False,
                sentence="1 of 2 new replicas have been updated. Pods cannot be created: exceeded quota: few",
            ),
        ),
        (
            _deployment({"updatedReplicas": 2, "replicas": 3}),
            Rollout(done=False, sentence="1 old replicas are about to end."),
        ),
        (
            _deployment({"updatedReplicas": 2, "replicas": 2, "availableReplicas": 1}),
            Rollout(done=False, sentence="1 of 2 updated replicas are available."),
        ),
        (
            _deployment({"updatedReplicas": 2, "replicas": 2, "availableReplicas": 2}),
            Rollout(done=True, sentence="Rolled out: 2 of 2 replicas are available."),
        ),
        (
            _deployment({"updatedReplicas": 1, "conditions": [DEADLINE]}),
            Rollout(done=False, sentence="The rollout exceeded its progress deadline.", failed=True),
        ),
        (
            _deployment({}, replicas=0),
            Rollout(done=True, sentence="Rolled out: 0 of 0 replicas are available."),
        ),
    ],
)
def test_a_deployment(item: Object, expected: Rollout) -> None:
    assert rollout_of("Deployment", item) == expected


def test_a_paused_deployment_is_not_waited_for_without_a_word() -> None:
    assert "paused" in rollout_of("Deployment", _deployment({}, paused=True)).sentence


@pytest.mark.parametrize(
    ("status", "spec", "done", "words"),
    [
        ({"readyReplicas": 1}, {}, False, "1 of 2 pods are ready"),
        (
            {"readyReplicas": 2, "updateRevision": "b", "currentRevision": "a", "updatedReplicas": 1},
            {},
            False,
            "1 of 2",
        ),
        ({"readyReplicas": 2, "updateRevision": "b", "currentRevision": "b", "updatedReplicas": 2}, {}, True, "2 of 2"),
        ({"readyReplicas": 2}, {"updateStrategy": {"type": "OnDelete"}}, True, "OnDelete"),
        (
            {"readyReplicas": 2, "updatedReplicas": 0},
            {"updateStrategy": {"rollingUpdate": {"partition": 1}}},
            False,
            "0 of 1 new pods",
        ),
    ],
)
def test_a_stateful_set(status: Object, spec: Object, *, done: bool, words: str) -> None:
    found = rollout_of("StatefulSet", _deployment(status, **spec))
    assert found.done is done
    assert words in found.sentence


def test_what_runs_no_pods_is_in_force_at_once() -> None:
    assert rollout_of("ConfigMap", {}).done


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/namespaces/onyx/secrets"),
        ("GET", "/apis/apps/v1/namespaces/onyx/deployments/api"),
        ("PUT", "/apis/apps/v1/namespaces/onyx/deployments/api"),
        ("DELETE", "/apis/apps/v1/namespaces/onyx/deployments/api"),
        ("DELETE", "/api/v1/namespaces/onyx/services"),
        ("PATCH", "/api/v1/namespaces/onyx/secrets/onyx"),
        ("PATCH", "/api/v1/namespaces/onyx"),
        ("PATCH", "/apis/apps/v1/namespaces/onyx/deployments/api/scale"),
        ("PATCH", "/apis/apps/v1/namespaces/onyx/deployments/.."),
        ("PATCH", "/apis/apps/v1/namespaces/onyx/deployments/%2e%2e"),
        ("POST", "/apis/apps/v1/namespaces/onyx/deployments"),
        ("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"),
        ("POST", "/api/v1/namespaces/onyx/pods"),
    ],
)
def test_nothing_else_is_ever_sent(method: str, path: str) -> None:
    connection = WriteConnection(Configuration(host="http://127.0.0.1:9"))
    with pytest.raises(NothingSent, match="never sent"):
        connection.send(WriteRequest(method, path), timeout_seconds=1, remaining=lambda: 1.0)


def test_who_writes_is_said_in_headers_that_hold_one_line_of_ascii() -> None:
    person = Person(user="U1", team="T1", name="Zoë\r\nImpersonate-Group: system:masters")
    assert impersonation(Impersonation("operator", person)) == {
        "Impersonate-User": "triage:operator",
        "Impersonate-Group": "triage:operator",
        "Impersonate-Extra-slack-user": "T1/U1",
        "Impersonate-Extra-slack-name": "Zo%C3%AB%0D%0AImpersonate-Group: system:masters",
    }
    assert impersonation(None) == {}


@pytest.mark.parametrize("role", ["", "Operator", "a b", "x\r\ny", "../admin", "a" * 64])
def test_a_role_that_is_no_name_is_refused(role: str) -> None:
    with pytest.raises(WriteRefused):
        impersonation(Impersonation(role, Person(user="U1")))
