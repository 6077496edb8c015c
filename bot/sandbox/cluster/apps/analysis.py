"""Onyx as the analysis describes it: api-server, web-server, web-server-config, in namespace onyx.

Hand-written manifests of the v2 era: probes on /health, INTERNAL_URL from a ConfigMap, Postgres, Redis, Vespa and the
model server beside them. Returned fresh on every call, so that a fault may change its copy.
"""

from __future__ import annotations

from bot.sandbox.cluster.apps.build import (
    OnyxNames,
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

NAMES = OnyxNames(
    api="api-server",
    api_service="api-server",
    api_container="api-server",
    web="web-server",
    web_container="web-server",
    web_settings="web-server-config",
    api_settings="env-configmap",
    database="relational-db",
    database_service="relational-db",
)

TAG = "v2.2.1"
API_ADDRESS = "172.30.154.48"
_SECRETS = "onyx-secrets"


def manifests() -> list[Object]:
    """All objects of a healthy installation, in the order to apply them."""
    return [*_settings(), *_database(), *_index(), *_helpers(), *_api(), *_web()]


def _settings() -> list[Object]:
    settings = {
        "AUTH_TYPE": "basic",
        "POSTGRES_HOST": "relational-db",
        "REDIS_HOST": "redis",
        "VESPA_HOST": "document-index",
        "MODEL_SERVER_HOST": "inference-model-server",
        "WEB_DOMAIN": "https://onyx.example.com",
        "LOG_LEVEL": "info",
    }
    return [
        config_map(NAMES.api_settings, settings),
        config_map(NAMES.web_settings, {"INTERNAL_URL": "http://api-server:8080", "NEXT_PUBLIC_THEME": "light"}),
        secret(
            _SECRETS,
            {
                "postgres_user": "postgres",
                "postgres_password": "canary-postgres-password",
                "redis_password": "canary-redis-password",
                "user_auth_secret": "canary-user-auth-secret",
            },
        ),
    ]


def _database() -> list[Object]:
    labels = {"app": "relational-db"}
    server = container(
        "relational-db",
        "postgres:15.2-alpine",
        ports=[{"containerPort": 5432}],
        memory=("512Mi", "2Gi"),
        env=[
            from_secret("POSTGRES_USER", _SECRETS, "postgres_user"),
            from_secret("POSTGRES_PASSWORD", _SECRETS, "postgres_password"),
        ],
        volumeMounts=[{"name": "data", "mountPath": "/var/lib/postgresql/data", "subPath": "postgres"}],
        readinessProbe={"exec": {"command": ["pg_isready", "-U", "postgres"]}, "periodSeconds": 5},
    )
    redis = {"app": "redis"}
    cache = container(
        "redis",
        "redis:7.4-alpine",
        ports=[{"containerPort": 6379}],
        command=["redis-server", "--save", "", "--appendonly", "no"],
    )
    return [
        service("relational-db", labels, [port(5432)], labels),
        stateful_set(
            "relational-db", labels, "relational-db", [server], storage="10Gi", terminationGracePeriodSeconds=30
        ),
        service("redis", redis, [port(6379)], redis),
        deployment("redis", redis, [cache]),
    ]


def _index() -> list[Object]:
    labels = {"app": "vespa"}
    server = container(
        "vespa",
        "vespaengine/vespa:8.277.17",
        memory=("2Gi", "4Gi"),
        cpu=("500m", "2"),
        ports=[{"containerPort": 19071}, {"containerPort": 8081}],
        volumeMounts=[{"name": "data", "mountPath": "/opt/vespa/var"}],
    )
    ports = [port(19071, name="vespa-tenant-port"), port(8081, name="vespa-port")]
    return [
        service("document-index", labels, ports, labels),
        stateful_set("document-index", labels, "document-index", [server], storage="30Gi"),
    ]


def _helpers() -> list[Object]:
    model, front, back = ({"app": name} for name in ("inference-model-server", "nginx", "background"))
    inference = container(
        "inference-model-server",
        f"onyxdotapp/onyx-model-server:{TAG}",
        memory=("1Gi", "4Gi"),
        cpu=("250m", "2"),
        ports=[{"containerPort": 9000}],
        command=["uvicorn", "model_server.main:app", "--host", "0.0.0.0", "--port", "9000"],
    )
    proxy = container(
        "nginx",
        "nginx:1.25.5-alpine",
        ports=[{"name": "http", "containerPort": 80}],
        env=[{"name": "ONYX_WEB_UPSTREAM", "value": "web-server:3000"}],
    )
    worker = container(
        "background",
        f"onyxdotapp/onyx-backend:{TAG}",
        memory=("512Mi", "2Gi"),
        env_from=[NAMES.api_settings],
        command=["/usr/bin/supervisord", "-c", "/etc/supervisor/conf.d/supervisord.conf"],
    )
    return [
        service("inference-model-server", model, [port(9000)], model),
        deployment("inference-model-server", model, [inference]),
        deployment("background", back, [worker]),
        service("nginx", front, [port(80, "http", "http")], front),
        deployment("nginx", front, [proxy]),
    ]


def _api() -> list[Object]:
    labels = {"app": NAMES.api}
    start = 'echo "Starting Onyx Api Server" && uvicorn onyx.main:app --host 0.0.0.0 --port 8080'
    server = container(
        NAMES.api_container,
        f"onyxdotapp/onyx-backend:{TAG}",
        memory=("1Gi", "3Gi"),
        cpu=("500m", "2"),
        ports=[{"name": "http", "containerPort": 8080}],
        command=["/bin/sh", "-c", start],
        env_from=[NAMES.api_settings],
        env=[
            from_secret("POSTGRES_USER", _SECRETS, "postgres_user"),
            from_secret("POSTGRES_PASSWORD", _SECRETS, "postgres_password"),
            from_secret("REDIS_PASSWORD", _SECRETS, "redis_password"),
            from_secret("USER_AUTH_SECRET", _SECRETS, "user_auth_secret"),
        ],
        readinessProbe=http_probe("/health", 8080, 2, 3),
        livenessProbe=http_probe("/health", 8080, 15, 10),
    )
    return [
        service(NAMES.api_service, labels, [port(8080, 8080, "http")], labels, clusterIP=API_ADDRESS),
        deployment(NAMES.api, labels, [server], strategy="Recreate", grace=5),
    ]


def _web() -> list[Object]:
    labels = {"app": NAMES.web}
    server = container(
        NAMES.web_container,
        f"onyxdotapp/onyx-web-server:{TAG}",
        memory=("256Mi", "1Gi"),
        ports=[{"name": "http", "containerPort": 3000}],
        env_from=[NAMES.web_settings],
    )
    return [
        service(NAMES.web, labels, [port(3000, 3000, "http")], labels),
        deployment(NAMES.web, labels, [server], grace=5),
    ]
