"""Faults that the API server meets while it starts, as the real one was seen to meet them.

What a dependency answers is its mood; the API server prints what the real one prints then. Collected by
`faults.catalogue`.
"""

from __future__ import annotations

from bot.sandbox.cluster.apps.build import NAMESPACE, container, deployment, port, service
from bot.sandbox.cluster.faults.model import Deed, Operator, Scenario, one_deed
from bot.sandbox.cluster.state.kinds import DEPLOYMENTS, SERVICES, STATEFUL_SETS, Kind

REFUSES_LOGIN, NO_DATABASE, NOT_MIGRATED, NEWER = "refuses_login", "no_database", "not_migrated", "newer"
EMPTY, FORBIDS = "empty", "forbids"
OPENSEARCH = "opensearchproject/opensearch:3.4.0"
STORE = "onyx-minio"


def _database(mood: str) -> Deed:
    def deed(operator: Operator) -> None:
        operator.put_in_mood(STATEFUL_SETS, operator.names.database, mood)
        operator.replace_pods(operator.names.api)

    return deed


def _newer_database(operator: Operator) -> None:
    operator.put_in_mood(STATEFUL_SETS, operator.names.database, NEWER)
    start = (
        'alembic upgrade head && echo "Starting Onyx Api Server" && '
        "uvicorn onyx.main:app --host 0.0.0.0 --port 8080"  # a simulated socket
    )
    operator.change_api(container={"command": ["/bin/sh", "-c", start]})
    operator.replace_pods(operator.names.api)


def _cache(operator: Operator) -> Kind:
    """Redis is a Deployment in hand-written manifests, and a StatefulSet of an operator in the chart."""
    found = operator.world.store.get(DEPLOYMENTS, NAMESPACE, operator.names.cache)
    return DEPLOYMENTS if found is not None else STATEFUL_SETS


def _stop_redis(operator: Operator) -> None:
    operator.scale(_cache(operator), operator.names.cache, 0)
    operator.replace_pods(operator.names.api)


def _change_password_of_redis(operator: Operator) -> None:
    operator.put_in_mood(_cache(operator), operator.names.cache, REFUSES_LOGIN)
    operator.replace_pods(operator.names.api)


def use_opensearch(operator: Operator) -> None:
    """Old installations have Vespa, which knows no passwords: there the index has been replaced, under its old name."""
    index = operator.names.index
    found = operator.world.registry.require(STATEFUL_SETS, NAMESPACE, index)
    server = found["spec"]["template"]["spec"]["containers"][0]
    if "opensearch" in server["image"]:
        return
    changed = {"name": server["name"], "image": OPENSEARCH, "ports": [{"containerPort": 9200}]}
    operator.patch(STATEFUL_SETS, index, {"spec": {"template": {"spec": {"containers": [changed]}}}})
    operator.edit(SERVICES, index, lambda item: item["spec"].update(ports=[port(9200, name="http")]))
    operator.set_data(operator.names.api_settings, OPENSEARCH_HOST=index, VESPA_HOST=None)
    operator.restart(operator.names.api)


def _change_password_of_index(operator: Operator) -> None:
    operator.put_in_mood(STATEFUL_SETS, operator.names.index, REFUSES_LOGIN)
    operator.replace_pods(operator.names.api)


def use_bucket(operator: Operator) -> None:
    """Old installations keep files in Postgres: there an object store has been added."""
    if operator.world.store.get(DEPLOYMENTS, NAMESPACE, STORE) is not None:
        return
    labels = {"app": "minio"}
    server = container("minio", "minio/minio:latest", ports=[{"name": "http", "containerPort": 9000}])
    operator.create(SERVICES, service(STORE, labels, [port(9000)], labels))
    operator.create(DEPLOYMENTS, deployment(STORE, labels, [server]))
    operator.set_data(operator.names.api_settings, S3_ENDPOINT_URL=f"http://{STORE}:9000")
    operator.restart(operator.names.api)


def _deny_bucket(operator: Operator) -> None:
    operator.put_in_mood(DEPLOYMENTS, STORE, FORBIDS)
    operator.replace_pods(operator.names.api)


def lose_models(operator: Operator) -> None:
    """The cache of the models is somewhere else than in the image, and there is no way to the internet."""
    name = operator.names.model_server
    found = operator.world.registry.require(DEPLOYMENTS, NAMESPACE, name)
    server = found["spec"]["template"]["spec"]["containers"][0]["name"]
    cache = {"name": server, "env": [{"name": "HF_HOME", "value": "/tmp/huggingface"}]}  # in the simulated container
    spec = {"strategy": {"type": "Recreate", "rollingUpdate": None}}
    operator.patch(DEPLOYMENTS, name, {"spec": {**spec, "template": {"spec": {"containers": [cache]}}}})
    operator.put_in_mood(STATEFUL_SETS, operator.names.database, EMPTY)
    operator.replace_pods(operator.names.api)


def _take_port(operator: Operator) -> None:
    sidecar = container("metrics", "node:22-alpine", ports=[{"containerPort": 8080}])
    operator.patch(DEPLOYMENTS, operator.names.api, {"spec": {"template": {"spec": {"containers": [sidecar]}}}})


SCENARIOS: tuple[Scenario, ...] = (
    one_deed(
        "redis-down",
        "Redis is down",
        "Redis was scaled to zero and the API server restarted since. It dies with words about its document index.",
        _stop_redis,
        "dependency-down",
    ),
    one_deed(
        "redis-password",
        "Redis has another password",
        "The password of Redis was changed; the API server restarted since and still has the old one.",
        _change_password_of_redis,
        "redis-login-failed",
    ),
    one_deed(
        "postgres-password",
        "Postgres has another password",
        "The password of the database user was changed; the API server restarted since and still has the old one.",
        _database(REFUSES_LOGIN),
        "postgres-login-failed",
    ),
    one_deed(
        "database-missing",
        "The database does not exist",
        "Postgres was set up anew without the database of Onyx; the API server restarted since.",
        _database(NO_DATABASE),
        "postgres-database-missing",
    ),
    one_deed(
        "database-not-migrated",
        "The database is not migrated",
        "The database is empty, and nobody has run alembic; the API server restarted since.",
        _database(NOT_MIGRATED),
        "database-schema-mismatch",
    ),
    one_deed(
        "database-newer",
        "The database is newer",
        "A newer release has migrated the database, and somebody went back to the older image.",
        _newer_database,
        "alembic-revision-missing",
    ),
    one_deed(
        "index-password",
        "OpenSearch has another password",
        "The password of OpenSearch was changed; the API server restarted since and still has the old one.",
        _change_password_of_index,
        "document-index-login-failed",
        prepare=use_opensearch,
    ),
    one_deed(
        "bucket-denied",
        "The bucket is denied",
        "The object store no longer lets Onyx' key at its bucket; the API server restarted since.",
        _deny_bucket,
        "object-store-access-denied",
        prepare=use_bucket,
    ),
    one_deed(
        "inference-model-missing",
        "No model at the first start",
        "A new installation: the model server looks for its model in an empty folder and cannot download it, and the "
        "API server waits for it in vain.",
        lose_models,
        "model-server-unreachable",
    ),
    one_deed(
        "api-port-taken",
        "Port 8080 is taken",
        "A second container was added to the API server's pod, and it listens on the same port.",
        _take_port,
        "port-in-use",
    ),
)
