"""Faults of the API workload itself and of what it depends on.

Collected by `faults.catalogue`. Each deed changes a spec, a process or a node; the simulation does the rest.
"""

from __future__ import annotations

from bot.sandbox.cluster.faults.model import Deed, Fault, Operator, PastAct, Scenario, minutes
from bot.sandbox.cluster.state.kinds import DEPLOYMENTS, QUOTAS, STATEFUL_SETS

BAD_TAG = "v2.2.1-hotfix3"


def _shrink_memory(operator: Operator) -> None:
    operator.change_api(container={"resources": {"limits": {"memory": "1Gi"}, "requests": {"memory": "512Mi"}}})


def _restore_memory(operator: Operator) -> None:
    operator.change_api(container={"resources": {"limits": {"memory": "3Gi"}, "requests": {"memory": "1Gi"}}})


def _empty_secret(operator: Operator) -> None:
    operator.change_api(container={"env": [{"name": "USER_AUTH_SECRET", "value": "", "valueFrom": None}]})


def _stop_database(operator: Operator) -> None:
    operator.scale(STATEFUL_SETS, operator.names.database, 0)
    operator.replace_pods(operator.names.api)


def _stop_api(operator: Operator) -> None:
    operator.scale(DEPLOYMENTS, operator.names.api, 0)


def _start_api(operator: Operator) -> None:
    operator.scale(DEPLOYMENTS, operator.names.api, 1)


def _tighten_quota(operator: Operator) -> None:
    hard = {"limits.memory": "8Gi", "pods": "50"}
    operator.create(QUOTAS, {"metadata": {"name": "compute"}, "spec": {"hard": hard}})
    operator.replace_pods(operator.names.api)


def _ask_too_much(operator: Operator) -> None:
    operator.change_api(container={"resources": {"limits": {"memory": "64Gi"}, "requests": {"memory": "64Gi"}}})


def _mistype_image(operator: Operator) -> None:
    operator.change_api(container={"image": f"onyxdotapp/onyx-backend:{BAD_TAG}"})


def _refer_to_missing_settings(operator: Operator) -> None:
    operator.change_api(container={"envFrom": [{"configMapRef": {"name": "onyx-api-settings"}}]})


def _http(path: str, delay: int, period: int) -> dict[str, object]:
    return {"httpGet": {"path": path, "port": 8080}, "initialDelaySeconds": delay, "periodSeconds": period}


def _misdirect_liveness(operator: Operator) -> None:
    operator.change_api(container={"livenessProbe": _http("/healthz", 10, 5)})


def _misdirect_readiness(operator: Operator) -> None:
    operator.change_api(container={"readinessProbe": _http("/health/ready", 2, 3)})


def _bind_to_loopback(operator: Operator) -> None:
    start = 'echo "Starting Onyx Api Server" && uvicorn onyx.main:app --host 127.0.0.1 --port 8080'
    operator.change_api(container={"command": ["/bin/sh", "-c", start], "readinessProbe": None, "livenessProbe": None})


def _roll_instead_of_recreate(operator: Operator) -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    operator.patch(DEPLOYMENTS, operator.names.api, {"spec": {"strategy": rolling}})


def _dedicate_a_node(operator: Operator) -> None:
    node = operator.dedicate_node("onyx-api", operator.names.web, operator.names.database)
    toleration = {"key": "dedicated", "operator": "Equal", "value": "onyx-api", "effect": "NoSchedule"}
    operator.change_api(pod={"nodeSelector": {"kubernetes.io/hostname": node}, "tolerations": [toleration]})


def _lose_node(operator: Operator) -> None:
    operator.lose_node_of(operator.names.api)


def _wedge(operator: Operator) -> None:
    operator.wedge(operator.names.api)


def _scenario(  # noqa: PLR0913  # a builder: what is optional is given by name
    identity: str,
    label: str,
    description: str,
    ago: int,
    deed: Deed,
    *,
    prepare: Deed | None = None,
    causes: tuple[str, ...] = (),
) -> Scenario:
    return Scenario(Fault(identity, label, description, causes or (identity,)), (PastAct(ago, deed),), prepare)


SCENARIOS: tuple[Scenario, ...] = (
    _scenario(
        "api-oom-killed",
        "API killed for memory",
        "The memory limit of the API server was lowered to 1Gi; it needs 1.1Gi to start and is killed again and again.",
        minutes(3.6),
        _shrink_memory,
    ),
    _scenario(
        "api-crash-looping",
        "API crashes at start",
        "USER_AUTH_SECRET was set to an empty value; the API server refuses to start.",
        minutes(3.5),
        _empty_secret,
        causes=("user-auth-secret-empty",),
    ),
    _scenario(
        "dependency-down",
        "Postgres is down",
        "The database was scaled to zero and the API server restarted since; it cannot start without it.",
        minutes(4),
        _stop_database,
    ),
    _scenario(
        "api-scaled-to-zero", "API scaled to zero", "Somebody scaled the API Deployment to zero.", minutes(7), _stop_api
    ),
    _scenario(
        "api-quota-exceeded",
        "Quota forbids the pod",
        "A ResourceQuota was added that the namespace already exceeds; "
        "the API pod was drained and cannot be created again.",
        minutes(7),
        _tighten_quota,
    ),
    _scenario(
        "api-unschedulable",
        "API fits on no node",
        "The API server asks for 64Gi of memory, more than any node has.",
        minutes(7),
        _ask_too_much,
    ),
    _scenario(
        "api-image-pull-failing",
        "Image tag does not exist",
        "The API Deployment was changed to an image tag that the registry does not have.",
        minutes(7),
        _mistype_image,
    ),
    _scenario(
        "api-config-missing",
        "ConfigMap is missing",
        "The API Deployment refers to a ConfigMap that does not exist.",
        minutes(7),
        _refer_to_missing_settings,
    ),
    _scenario(
        "api-liveness-killing",
        "Liveness probe kills the API",
        "The liveness probe asks a path the API server does not have; the kubelet restarts a healthy process.",
        minutes(8),
        _misdirect_liveness,
    ),
    _scenario(
        "api-not-ready",
        "API never becomes ready",
        "The readiness probe asks /health/ready, which this version does not have.",
        minutes(7),
        _misdirect_readiness,
    ),
    _scenario(
        "api-not-listening",
        "API listens on loopback only",
        "The API server was started with --host 127.0.0.1 and has no probes: the pod looks ready, the port is closed.",
        minutes(7),
        _bind_to_loopback,
    ),
    _scenario(
        "api-not-responding",
        "API accepts and hangs",
        "The API process accepts connections and never answers; it has no probes that would notice.",
        minutes(9),
        _wedge,
        prepare=Operator.remove_probes,
    ),
    _scenario(
        "api-rollout-stuck",
        "New revision cannot start",
        "A rollout to an image tag that does not exist is stuck; the old pod still serves.",
        minutes(14),
        _mistype_image,
        prepare=_roll_instead_of_recreate,
    ),
    _scenario(
        "api-node-lost",
        "Node of the API is lost",
        "The node under the API pod stopped answering, and the pod is pinned to it.",
        minutes(4),
        _lose_node,
        prepare=_dedicate_a_node,
    ),
    Scenario(
        Fault(
            "recovered",
            "It was down, it is well again",
            "The API server was scaled to zero for two minutes and is healthy again.",
            ("recovered",),
        ),
        (PastAct(minutes(9), _stop_api), PastAct(minutes(7), _start_api)),
    ),
    Scenario(
        Fault(
            "recovered-oom",
            "It was killed for memory, it is well again",
            "The memory limit was too low for some minutes; somebody has raised it.",
            ("recovered",),
        ),
        (PastAct(minutes(12), _shrink_memory), PastAct(minutes(8), _restore_memory)),
    ),
)
