"""Immich as its Helm chart and CloudNativePG name it, beside Onyx: the second app that the playbooks describe.

Applied by the sandbox. Its faults are variants of the manifests, as somebody would apply them.
"""

from __future__ import annotations

from bot.sandbox.cluster.apps.build import (
    config_map,
    container,
    deployment,
    from_secret,
    http_probe,
    port,
    secret,
    service,
    stateful_set,
)
from bot.sandbox.cluster.state.values import Object

NAMESPACE = "immich"
WELL = "immich-well"
FAULTS: tuple[tuple[str, str], ...] = (
    (WELL, "Immich is well"),
    ("immich-memory", "Machine learning is killed for memory"),
    ("immich-zero", "Machine learning is scaled to zero"),
    ("immich-url", "The server calls machine learning by a wrong name"),
    ("immich-selector", "The Service of machine learning selects no pods"),
    ("immich-redis", "Redis is down"),
    ("immich-password", "Postgres refuses the server's password"),
    ("immich-vectors", "Postgres came back without its vector extension"),
)
"""(id, label) of each state."""
TAG = "v2.2.3"
_SERVER, _LEARNING, _POSTGRES, _REDIS = "immich-server", "immich-machine-learning", "immich-postgres", "immich-valkey"


def manifests(fault: str = WELL) -> list[Object]:
    """All objects in the order to apply them, with this fault in them."""
    made = [*_settings(fault), *_stores(fault), *_learning(fault), *_server(fault)]
    for item in made:
        item["metadata"]["namespace"] = NAMESPACE
    space: Object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    return [space, *made]


def _labels(app: str, name: str) -> dict[str, str]:
    return {"app": app, "app.kubernetes.io/name": name, "app.kubernetes.io/instance": "immich"}


def _settings(fault: str) -> list[Object]:
    learning = "immich-ml" if fault == "immich-url" else _LEARNING
    settings = {
        "DB_HOSTNAME": _POSTGRES,
        "DB_USERNAME": "immich",
        "REDIS_HOSTNAME": _REDIS,
        "IMMICH_MACHINE_LEARNING_URL": f"http://{learning}:3003",
    }
    theirs = "canary-immich-password"
    ours = "canary-immich-new-password" if fault == "immich-password" else theirs
    return [
        config_map("immich-env", settings),
        secret("immich-database", {"password": theirs}),
        secret("immich-server", {"password": ours}),
    ]


def _stores(fault: str) -> list[Object]:
    image = "postgres:14.19" if fault == "immich-vectors" else "ghcr.io/immich-app/postgres:14-vectorchord0.4.3"
    database = container(
        "postgres", image, ports=[{"containerPort": 5432}], memory=("256Mi", "1Gi"),
        env=[from_secret("POSTGRES_PASSWORD", "immich-database", "password")],
    )  # fmt: skip
    cache = container("valkey", "docker.io/valkey/valkey:8.1", ports=[{"containerPort": 6379}])
    postgres, redis = _labels(_POSTGRES, "postgresql"), _labels(_REDIS, "valkey")
    return [
        service(_POSTGRES, postgres, [port(5432)]),
        stateful_set(_POSTGRES, postgres, _POSTGRES, [database], storage="10Gi"),
        service(_REDIS, redis, [port(6379)]),
        deployment(_REDIS, redis, [cache], replicas=0 if fault == "immich-redis" else 1),
    ]


def _learning(fault: str) -> list[Object]:
    labels = _labels(_LEARNING, "machine-learning")
    program = container(
        "main", f"ghcr.io/immich-app/immich-machine-learning:{TAG}", ports=[{"name": "http", "containerPort": 3003}],
        memory=("128Mi", "256Mi" if fault == "immich-memory" else "1Gi"),
    )  # fmt: skip
    chosen = {"app": "immich-ml"} if fault == "immich-selector" else {"app": _LEARNING}
    return [
        service(_LEARNING, chosen, [port(3003, "http", "http")], labels),
        deployment(_LEARNING, labels, [program], replicas=0 if fault == "immich-zero" else 1),
    ]


def _server(fault: str) -> list[Object]:
    labels = _labels(_SERVER, "server")
    probe = http_probe("/api/server/ping", "http", 2, 3, failureThreshold=3)
    program = container(
        "main", f"ghcr.io/immich-app/immich-server:{TAG}", ports=[{"name": "http", "containerPort": 2283}],
        memory=("512Mi", "2Gi"), env_from=["immich-env"],
        env=[from_secret("DB_PASSWORD", "immich-server", "password")],
        readinessProbe=probe, livenessProbe={**probe, "initialDelaySeconds": 60},
    )  # fmt: skip
    made = deployment(_SERVER, labels, [program], strategy="Recreate")
    # A changed setting reaches a process only when it starts again, so whoever changes one restarts it.
    made["spec"]["template"]["metadata"]["annotations"] = {"checksum/settings": fault}
    return [service(_SERVER, labels, [port(2283, "http", "http")], labels), made]
