"""A second app that is described in YAML alone: its faults are named like Onyx's, its own causes besides; and a
workload that no playbook describes is diagnosed by its name.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cluster.app import App, policy, service
from tests.cluster.conditions import (
    Condition,
    Sight,
    after,
    every,
    killed_for_memory,
    no_pods,
    ready,
    restarted,
    unready,
    waiting,
)
from tests.cluster.diagnose import Answer, diagnose
from tests.cluster.fault import EXIT_CODES, Verdict
from tests.cluster.immich import (
    LEARN_AND_ALLOCATE,
    LEARN_WITH_DYING_WORKERS,
    LEARNING,
    POSTGRES,
    REDIS,
    SERVER,
    OtherFault,
    container,
    immich,
    part,
    server,
)
from tests.cluster.stage import Stage
from tests.cluster.test_faults import assert_names, assert_nobody_else_is_accused

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

SERVES = ready(SERVER, seconds=8)
STANDS = every(SERVES, ready(LEARNING, seconds=8), ready(POSTGRES), ready(REDIS))


def learning(program: str, memory: str) -> App:
    app = immich()
    container(app, LEARNING)["args"] = [program]
    container(app, LEARNING)["resources"] = {"requests": {"memory": "32Mi"}, "limits": {"memory": memory}}
    return app


def scaled_to_zero(name: str) -> App:
    app = immich()
    part(app, name)["spec"]["replicas"] = 0
    return app


def url(value: str) -> App:
    app = immich()
    app.config["data"]["IMMICH_MACHINE_LEARNING_URL"] = value
    return app


def learning_service(**spec: object) -> App:
    app = immich()
    app.find("Service", LEARNING)["spec"].update(spec)
    return app


def image(name: str, value: str) -> App:
    app = immich()
    container(app, name)["image"] = value
    return app


def ending(words: str) -> App:
    app = immich()
    container(app, SERVER)["args"] = [server(words)]
    return app


def with_service_named_immich() -> App:
    """The Service stands before the pods, so that the kubelet gives them its variables."""
    app = immich()
    app.objects.insert(0, service("immich", {"app": SERVER}, 80, "http"))
    return app


def denied() -> App:
    return immich().add(policy("learning-closed", {"podSelector": {"matchLabels": {"app": LEARNING}}, "ingress": []}))


def worker_killed(sight: Sight) -> bool:
    """The part's container has run for long enough that a worker in it was killed, and was not restarted itself."""
    return ready(LEARNING, seconds=25)(sight)


def row(
    id: str,  # noqa: A002
    app: Callable[[], App],
    developed: Condition,
    *causes: str,
    mentions: tuple[str, ...] = (),
    verdict: Verdict = "fault_found",
    by_name: tuple[str, str] | None = None,
) -> OtherFault:
    """A row; `by_name` is a workload as a person names it, and the cause then named (empty if it is healthy)."""
    return OtherFault(id, app, developed, frozenset(causes), verdict=verdict, mentions=mentions, by_name=by_name)


NO_VECTORS = "Error: No vector extension found. Available extensions: vchord, vector"
NO_MARKER = (
    'Error: Failed to read "<UPLOAD_LOCATION>/encoded-video/.immich - Please see '
    'https://immich.app/docs/administration/system-integrity#folder-checks for more information."'
)
NO_LOGIN = 'PostgresError: password authentication failed for user "immich"'

# fmt: off
FAULTS = (
    row("healthy", immich, STANDS, verdict="healthy", by_name=(f"deployment/{SERVER}", "")),
    row("learning-oom", lambda: learning(LEARN_AND_ALLOCATE, "96Mi"), every(SERVES, killed_for_memory(LEARNING)),
        "machine-learning-oom-killed", mentions=("machine-learning service", "96Mi"),
        by_name=(f"deploy/{LEARNING}", f"{LEARNING}-oom-killed")),
    row("learning-worker-killed", lambda: learning(LEARN_WITH_DYING_WORKERS, "160Mi"), every(SERVES, worker_killed),
        "machine-learning-worker-killed"),
    row("learning-scaled-to-zero", lambda: scaled_to_zero(LEARNING), every(SERVES, no_pods(LEARNING), after(8)),
        "machine-learning-scaled-to-zero", by_name=(LEARNING, f"{LEARNING}-scaled-to-zero")),
    row("learning-image-absent", lambda: image(LEARNING, "lab.local/immich-machine-learning:v9.9.9"),
        every(SERVES, waiting("ErrImagePull", "ImagePullBackOff", app=LEARNING)),
        "machine-learning-image-pull-failing"),
    row("url-wrong", lambda: url("http://immich-ml:3003"), every(STANDS, after(10)), "internal-url-wrong"),
    row("url-of-own-pod", lambda: url("http://localhost:3003"), every(STANDS, after(10)), "internal-url-wrong"),
    row("target-port", lambda: learning_service(ports=[{"port": 3003, "targetPort": 8080}]),
        every(STANDS, after(10)), "service-port-mismatch"),
    row("selector", lambda: learning_service(selector={"app": "immich-ml"}), every(STANDS, after(10)),
        "service-selector-mismatch"),
    row("service-absent", lambda: immich().drop("Service", LEARNING), every(STANDS, after(10)), "service-missing"),
    row("policy", denied, every(STANDS, after(10)), "network-policy-blocks"),
    row("postgres-down", lambda: scaled_to_zero(POSTGRES), restarted(SERVER), "dependency-down",
        mentions=("Postgres", POSTGRES)),
    row("redis-down", lambda: scaled_to_zero(REDIS), every(unready(SERVER, seconds=20), after(30)), "dependency-down",
        mentions=("Redis", REDIS)),
    row("no-vectors", lambda: ending(NO_VECTORS), restarted(SERVER), "vector-extension-missing"),
    row("no-marker", lambda: ending(NO_MARKER), restarted(SERVER), "storage-check-failed",
        by_name=(SERVER, f"{SERVER}-crash-looping")),
    row("no-login", lambda: ending(NO_LOGIN), restarted(SERVER), "database-login-failed"),
    row("service-link", with_service_named_immich, restarted(SERVER), "port-from-service-link"),
)
# fmt: on


@pytest.mark.parametrize("fault", FAULTS, ids=[f.id for f in FAULTS])
def test_an_app_in_yaml_alone_is_diagnosed_like_any_other(fault: OtherFault, stage: Stage) -> None:
    standing = stage.standing(fault)
    assert not standing.failure, standing.failure
    answer = diagnose(fault, "immich", log_of=SERVER)
    assert answer.json["verdict"] == fault.verdict, answer.text
    assert answer.root_causes == fault.causes, answer.text
    assert answer.code == EXIT_CODES[fault.verdict], answer.text
    assert_nobody_else_is_accused(answer)
    assert_names(answer, fault.mentions)
    assert_symptoms_are_explained(fault, answer)
    assert_the_workload_alone_is_diagnosed(fault)


STARTING = ("redis_unreachable", "database_unreachable")


def assert_symptoms_are_explained(fault: OtherFault, answer: Answer) -> None:
    """What the server's log shows belongs to a root cause, and none of it is taken for an error of Onyx."""
    for symptom in answer.json["symptoms"]:
        assert symptom["app"] == "immich"
        if symptom["id"] in STARTING and "dependency-down" not in fault.causes:
            continue  # the server may start before its database or Redis: that has passed
        if fault.verdict == "fault_found" and fault.id != "learning-worker-killed":
            assert symptom["explained_by"] in answer.root_causes, answer.text


def assert_the_workload_alone_is_diagnosed(fault: OtherFault) -> None:
    """By its name and the generic playbooks only, with the person's own word for it in the answer."""
    if fault.by_name is None:
        return
    said, cause = fault.by_name
    answer = diagnose(fault, said)
    assert answer.json["app"] == said
    assert answer.root_causes == ({cause} if cause else frozenset()), answer.text
