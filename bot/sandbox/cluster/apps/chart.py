"""Onyx as today's Helm chart installs it for release `onyx`: names, labels, ports and resources of chart 0.8.19.

Simplified where an operator would create objects from custom resources: Postgres and Redis are StatefulSets here. The
API Deployment uses Recreate, as installations whose migrations must not overlap do. API and web have no probes, as
shipped.
"""

from __future__ import annotations

from bot.sandbox.cluster.apps.build import (
    OnyxNames,
    config_map,
    container,
    deployment,
    from_secret,
    port,
    secret,
    service,
    stateful_set,
)
from bot.sandbox.cluster.state.values import Object

NAMES = OnyxNames(
    api="onyx-api-server",
    api_service="onyx-api-service",
    api_container="api-server",
    web="onyx-web-server",
    web_container="web-server",
    web_settings="env-configmap",
    api_settings="env-configmap",
    database="onyx-pg",
    database_service="onyx-pg-rw",
    cache="onyx",
    index="onyx-opensearch-master",
    model_server="onyx-indexing-model",
    web_service="onyx-webserver",
)

TAG = "v4.6.0"
_SETTINGS = "env-configmap"
_WORKERS = {
    "celery-beat": ("500m", "512Mi", None),
    "celery-worker-docfetching": ("500m", "2Gi", 9092),
    "celery-worker-docprocessing": ("500m", "2Gi", 9093),
    "celery-worker-heavy": ("500m", "1Gi", 9094),
    "celery-worker-light": ("250m", "512Mi", 9095),
    "celery-worker-monitoring": ("500m", "512Mi", 9096),
    "celery-worker-primary": ("500m", "2Gi", 9097),
    "celery-worker-user-file-processing": ("500m", "512Mi", None),
}
_SECRET_VALUES = [
    from_secret("POSTGRES_USER", "onyx-postgresql", "username"),
    from_secret("POSTGRES_PASSWORD", "onyx-postgresql", "password"),
    from_secret("REDIS_PASSWORD", "onyx-redis", "redis_password"),
]


def manifests() -> list[Object]:
    """All objects of a healthy installation, in the order to apply them."""
    return [*_settings(), *_stores(), *_models(), *_workers(), *_front(), *_servers()]


def _labels(app: str) -> dict[str, str]:
    return {
        "helm.sh/chart": "onyx-0.8.19",
        **_selector(app),
        "app.kubernetes.io/version": "latest",
        "app.kubernetes.io/managed-by": "Helm",
    }


def _selector(app: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": "onyx", "app.kubernetes.io/instance": "onyx", "app": app}


def _settings() -> list[Object]:
    settings = {
        "INTERNAL_URL": "http://onyx-api-service:8080",
        "POSTGRES_HOST": "onyx-pg-rw",
        "OPENSEARCH_HOST": "onyx-opensearch-master.onyx.svc.cluster.local",
        "OPENSEARCH_REST_API_PORT": "9200",
        "REDIS_HOST": "onyx",
        "MODEL_SERVER_HOST": "onyx-inference-model-service",
        "INDEXING_MODEL_SERVER_HOST": "onyx-indexing-model-service",
        "AUTH_TYPE": "basic",
        "DOMAIN": "localhost",
        "WEB_DOMAIN": "http://localhost:3000",
        "SESSION_EXPIRE_TIME_SECONDS": "86400",
        "S3_ENDPOINT_URL": "http://onyx-minio:9000",
        "CODE_INTERPRETER_BASE_URL": "http://onyx-code-interpreter:8000",
    }
    return [
        config_map(_SETTINGS, settings, _labels("onyx")),
        secret("onyx-postgresql", {"username": "postgres", "password": "canary-postgres-password"}),
        secret("onyx-redis", {"redis_password": "canary-redis-password"}),
        secret("onyx-userauth", {"user_auth_secret": "canary-user-auth-secret"}),
    ]


def _stores() -> list[Object]:
    postgres, cache, index = {"cnpg.io/cluster": "onyx-pg"}, {"app": "onyx"}, {"app": "onyx-opensearch-master"}
    database = container(
        "postgres",
        "ghcr.io/cloudnative-pg/postgresql:17.2",
        ports=[{"name": "postgresql", "containerPort": 5432}],
        memory=("512Mi", "2Gi"),
    )
    redis = container(
        "onyx", "quay.io/opstree/redis:v7.0.15", ports=[{"containerPort": 6379}], memory=("128Mi", "512Mi")
    )
    search = container(
        "opensearch",
        "opensearchproject/opensearch:3.4.0",
        memory=("4Gi", "8Gi"),
        cpu=("2", "4"),
        ports=[{"name": "http", "containerPort": 9200}, {"name": "transport", "containerPort": 9300}],
    )
    return [
        *(service(f"onyx-pg-{role}", postgres, [port(5432, name="postgres")], postgres) for role in ("rw", "ro", "r")),
        stateful_set("onyx-pg", postgres, "onyx-pg-r", [database], storage="10Gi"),
        service("onyx", cache, [port(6379, name="redis-client")], cache),
        stateful_set("onyx", cache, "onyx", [redis], storage="1Gi"),
        service("onyx-opensearch-master", index, [port(9200, name="http"), port(9300, name="transport")], index),
        stateful_set("onyx-opensearch-master", index, "onyx-opensearch-master", [search], storage="30Gi"),
    ]


def _models() -> list[Object]:
    image = f"onyxdotapp/onyx-model-server:{TAG}"
    command = ["uvicorn", "model_server.main:app", "--host", "0.0.0.0", "--port", "9000"]  # a simulated socket
    ports = [{"name": "model-server", "containerPort": 9000}]
    inference = container(
        "model-server-inference",
        image,
        ports=ports,
        command=command,
        memory=("3Gi", "10Gi"),
        cpu=("1", "4"),
        env_from=[_SETTINGS],
    )
    indexing = container(
        "indexing-model-server",
        image,
        ports=ports,
        command=[*command, "--limit-concurrency", "10"],
        memory=("3Gi", "6Gi"),
        cpu=("1", "6"),
        env_from=[_SETTINGS],
    )
    plain, labelled = {"app": "inference-model-server"}, _labels("indexing-model-server")
    chosen = _selector("indexing-model-server")
    return [
        service("onyx-inference-model-service", plain, [port(9000, name="modelserver")]),
        deployment("onyx-inference-model", plain, [inference]),
        service("onyx-indexing-model-service", chosen, [port(9000, name="modelserver")], labelled),
        deployment("onyx-indexing-model", {**labelled, "scope": "onyx-backend"}, [indexing], selector=chosen),
    ]


def _workers() -> list[Object]:
    made = []
    for name, (cpu, memory, metrics) in _WORKERS.items():
        worker = container(
            name,
            f"onyxdotapp/onyx-backend:{TAG}",
            memory=(memory, "4Gi"),
            cpu=(cpu, "1"),
            env_from=[_SETTINGS],
            env=list(_SECRET_VALUES),
            ports=[{"name": "metrics", "containerPort": metrics}] if metrics else None,
            command=["celery", "-A", f"onyx.background.celery.versioned_apps.{name.rsplit('-', 1)[-1]}", "worker"],
        )
        labels = {**_labels(name), "scope": "onyx-backend-celery"}
        made.append(deployment(f"onyx-{name}", labels, [worker], selector=_selector(name), own_labels=_labels(name)))
    return made


def _front() -> list[Object]:
    labels = {"app.kubernetes.io/name": "nginx", "app.kubernetes.io/component": "controller"}
    proxy = container(
        "controller",
        "registry.k8s.io/ingress-nginx/controller:v1.13.3",
        ports=[{"name": "http", "containerPort": 80}, {"name": "https", "containerPort": 443}],
        env=[{"name": "ONYX_WEB_UPSTREAM", "value": "onyx-webserver:3000"}],
    )
    minio, interpreter = {"app": "minio"}, {"app.kubernetes.io/name": "code-interpreter"}
    storage = container("minio", "minio/minio:latest", ports=[{"name": "http", "containerPort": 9000}])
    runner = container("code-interpreter", "onyxdotapp/code-interpreter:latest", ports=[{"containerPort": 8000}])
    return [
        service("onyx-nginx-controller", labels, [port(80, "http", "http")], labels),
        deployment("onyx-nginx-controller", labels, [proxy]),
        service("onyx-minio", minio, [port(9000, "http", "minio-api")], minio),
        deployment("onyx-minio", minio, [storage]),
        service("onyx-code-interpreter", interpreter, [port(8000)], interpreter),
        deployment("onyx-code-interpreter", interpreter, [runner]),
    ]


def _servers() -> list[Object]:
    return [*_api_server(), *_web_server()]


def _api_server() -> list[Object]:
    start = (
        'alembic upgrade head && echo "Starting Onyx Api Server" && uvicorn onyx.main:app --host 0.0.0.0 --port 8080'
    )
    api = container(
        NAMES.api_container,
        f"onyxdotapp/onyx-backend:{TAG}",
        memory=("1Gi", "3Gi"),
        cpu=("1", "3"),
        ports=[{"name": "api-server-port", "containerPort": 8080}],
        command=["/bin/sh", "-c", start],
        env_from=[_SETTINGS],
        env=[*_SECRET_VALUES, from_secret("USER_AUTH_SECRET", "onyx-userauth", "user_auth_secret")],
    )
    labels, selector = _labels("api-server"), _selector("api-server")
    return [
        service(NAMES.api_service, selector, [port(8080, "api-server-port", "api-server-port")], labels),
        deployment(
            NAMES.api,
            {**labels, "scope": "onyx-backend"},
            [api],
            selector=selector,
            own_labels=labels,
            strategy="Recreate",
        ),
    ]


def _web_server() -> list[Object]:
    web = container(
        NAMES.web_container,
        f"onyxdotapp/onyx-web-server:{TAG}",
        memory=("512Mi", "1Gi"),
        cpu=("200m", "1"),
        ports=[{"name": "http", "containerPort": 3000}],
        env_from=[_SETTINGS],
    )
    labels, selector = _labels("web-server"), _selector("web-server")
    return [
        service("onyx-webserver", selector, [port(3000, "http", "http")], labels),
        deployment(NAMES.web, {**labels, "scope": "onyx-frontend"}, [web], selector=selector, own_labels=labels),
    ]
