"""Views of namespaces in which Onyx runs, in the ways in which people have deployed it; called by the binding tests.

Names, labels, selectors and ports are those of the charts and manifests of their time; nothing is said about health.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.domain.view import View

Object = dict[str, Any]
NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
CELERY = ("beat", "worker-docfetching", "worker-docprocessing", "worker-heavy", "worker-light", "worker-primary")


def workload(
    kind: str, name: str, labels: Mapping[str, str], container: Object, pod_labels: Mapping[str, str] | None = None
) -> Object:
    """A Deployment or StatefulSet; its selector is `labels`, its pods may carry more."""
    template = {"metadata": {"labels": dict(pod_labels or labels)}, "spec": {"containers": [container]}}
    return {
        "kind": kind,
        "metadata": {"name": name, "uid": f"{kind}-{name}", "labels": dict(labels)},
        "spec": {"replicas": 1, "selector": {"matchLabels": dict(labels)}, "template": template},
    }


def service(name: str, selector: Mapping[str, str], port: int, target: int | str) -> Object:
    return {
        "kind": "Service",
        "metadata": {"name": name, "labels": dict(selector)},
        "spec": {"clusterIP": "10.0.0.1", "selector": dict(selector), "ports": [{"port": port, "targetPort": target}]},
    }


def config_map(name: str, data: Mapping[str, str]) -> Object:
    return {"kind": "ConfigMap", "metadata": {"name": name}, "data": dict(data), "keys": list(data)}


def view(*objects: Object, namespace: str = "prod", release: str = "") -> View:
    """The view of a namespace that holds these objects."""

    def of(kind: str) -> list[Object]:
        found = [item for item in objects if item["kind"] == kind]
        return [{**item, "metadata": {**item["metadata"], "namespace": namespace}} for item in found]

    return View.model_validate(
        {
            "cluster": "test",
            "namespace": namespace,
            "release": release,
            "collected_at": NOW,
            "deployments": of("Deployment"),
            "statefulsets": of("StatefulSet"),
            "services": of("Service"),
            "configmaps": of("ConfigMap"),
        }
    )


def _container(name: str, image: str, port: Object | None = None, config: str = "", command: str = "") -> Object:
    made: Object = {"name": name, "image": image, "ports": [port] if port else []}
    if config:
        made["envFrom"] = [{"configMapRef": {"name": config}}]
    if command:
        made["command"] = ["/bin/sh", "-c", command]
    return made


def chart(release: str, *, config: str = "env-configmap", url: str = "") -> list[Object]:
    """Today's chart: names from the release, an instance label on nearly everything, subcharts with their own names."""
    full = release if "onyx" in release else f"{release}-onyx"
    backend = "onyxdotapp/onyx-backend:v4.6.1"
    config_data = {
        "INTERNAL_URL": url or f"http://{full}-api-service:8080",
        "POSTGRES_HOST": f"{release}-pg-rw",
        "REDIS_HOST": release,
    }

    def part(name: str, app: str, container: Object, scope: str = "") -> Object:
        labels = _labels(release, app)
        return workload("Deployment", f"{full}-{name}", labels, container, {**labels, "scope": scope})

    uvicorn = "alembic upgrade head && uvicorn onyx.main:app --host 0.0.0.0 --port 8080"
    api_port, http = {"name": "api-server-port", "containerPort": 8080}, {"name": "http", "containerPort": 3000}
    model_port = {"name": "model-server", "containerPort": 9000}
    model_image = "onyxdotapp/onyx-model-server:v4.6.1"
    redis = {"app": release, "redis_setup_type": "standalone", "role": "standalone"}
    minio = {"app": "minio", "release": release}
    postgres = {"cnpg.io/cluster": f"{release}-pg", "cnpg.io/instanceRole": "primary"}
    return [
        config_map(config, config_data),
        part("api-server", "api-server", _container("api-server", backend, api_port, config, uvicorn), "onyx-backend"),
        part("web-server", "web-server", _container("web-server", "onyxdotapp/onyx-web-server:v4.6.1", http, config)),
        workload(
            "Deployment",
            f"{full}-inference-model",
            {"app": "inference-model-server"},
            _container("model-server-inference", model_image, model_port, config),
        ),
        part("indexing-model", "indexing-model-server", _container("indexing-model-server", model_image, model_port)),
        *(part(f"celery-{name}", f"celery-{name}", _container(f"celery-{name}", backend)) for name in CELERY),
        part("slackbot", "slack-bot", _container("slackbot", backend), "onyx-backend"),
        workload(
            "Deployment",
            f"{release}-cloudnative-pg",
            {"app.kubernetes.io/name": "cloudnative-pg", "app.kubernetes.io/instance": release},
            _container("manager", "ghcr.io/cloudnative-pg/cloudnative-pg:1.27.0", {"containerPort": 8080}),
        ),
        workload("StatefulSet", release, redis, _container(release, "quay.io/opstree/redis:v7.0.15")),
        workload("Deployment", f"{release}-minio", minio, _container("minio", "quay.io/minio/minio:latest")),
        service(f"{full}-api-service", _labels(release, "api-server"), 8080, "api-server-port"),
        service(f"{full}-webserver", _labels(release, "web-server"), 3000, "http"),
        service(f"{full}-inference-model-service", {"app": "inference-model-server"}, 9000, "model-server"),
        service(f"{release}-pg-rw", postgres, 5432, 5432),
        service(release, redis, 6379, 6379),
        service(f"{release}-minio", minio, 9000, 9000),
    ]


def _labels(release: str, app: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": "onyx", "app.kubernetes.io/instance": release, "app": app}


def older_chart(
    release: str,
    chart_name: str,
    *,
    instance: str | None = None,
    product: str = "onyx",
    config: str = "env-configmap",
) -> list[Object]:
    """`danswer-stack` and the first `onyx-stack`: `<fullname>-api-deployment`, no `app` label on anything.

    `instance` is the label that chart 0.2.1 hard-coded.
    """
    full = release if chart_name in release else f"{release}-{chart_name}"
    common = {"app.kubernetes.io/name": chart_name, "app.kubernetes.io/instance": instance or release}
    api, web = {**common, "scope": f"{product}-backend-api"}, {**common, "scope": f"{product}-frontend"}
    api_container = _container(
        "api-server",
        f"{product}/{product}-backend:v0.17.0",
        {"name": "api-server-port", "containerPort": 8080},
        config,
        f"uvicorn {product}.main:app --host 0.0.0.0 --port 8080",
    )
    web_container = _container(
        "web-server",
        f"{product}/{product}-web-server:v0.17.0",
        {"name": "http", "containerPort": 3000},
        config,
    )
    vespa = {"app": "vespa", "app.kubernetes.io/instance": release}
    return [
        config_map(config, {"INTERNAL_URL": f"http://{full}-api-service:8080"}),
        workload("Deployment", f"{full}-api-deployment", api, api_container),
        workload("Deployment", f"{full}-webserver", web, web_container),
        workload("Deployment", f"{full}-background-deployment", common, _container("background", "x-backend:1")),
        workload("StatefulSet", "da-vespa", vespa, _container("vespa", "vespaengine/vespa:8.277.17")),
        service(f"{full}-api-service", api, 8080, "api-server-port"),
        service(f"{full}-webserver", web, 3000, "http"),
    ]


def manifests(prefix: str = "") -> list[Object]:
    """The hand-written manifests: Service port 80 in front of 8080, only an `app` label."""
    backend, web = "onyxdotapp/onyx-backend:latest", "onyxdotapp/onyx-web-server:latest"
    config = f"{prefix}env-configmap"

    def part(name: str, app: str, container: Object) -> Object:
        return workload("Deployment", f"{prefix}{name}", {"app": f"{prefix}{app}"}, container)

    return [
        config_map(config, {"INTERNAL_URL": f"http://{prefix}api-server-service:80", "POSTGRES_HOST": "relational-db"}),
        part("api-server-deployment", "api-server", _container("api-server", backend, {"containerPort": 8080}, config)),
        part("web-server-deployment", "web-server", _container("web-server", web, {"containerPort": 3000}, config)),
        part("background-deployment", "background", _container("background", backend)),
        service(f"{prefix}api-server-service", {"app": f"{prefix}api-server"}, 80, 8080),
        service(f"{prefix}web-server-service", {"app": f"{prefix}web-server"}, 80, 3000),
    ]


def database() -> list[Object]:
    """A Postgres of its own, which no release claims."""
    labels = {"app": "relational-db"}
    return [
        workload("StatefulSet", "relational-db", labels, _container("relational-db", "postgres:15.2-alpine")),
        service("relational-db-service", labels, 5432, 5432),
    ]
