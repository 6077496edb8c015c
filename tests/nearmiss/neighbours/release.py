"""A whole release of Onyx as its chart makes it, and one of its workloads that fails, or does what it may."""

import copy
import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from tests.nearmiss.shops.making import born, pending
from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import waiting
from tests.support.near_miss_world import DAY, Json, World

BASE = Path(__file__).parents[2] / "views" / "healthy-chart.json.gz"
BACKEND, MODELS = "onyxdotapp/onyx-backend:v4.6.1", "onyxdotapp/onyx-model-server:v4.6.1"
PROBED = ["/bin/bash", "-c", "python onyx/background/celery/celery_k8s_probe.py --probe readiness"]
WORKERS = ("primary", "docfetching", "docprocessing", "light", "heavy", "monitoring", "user-file-processing",
           "scheduled-tasks")  # fmt: skip
# name behind the release's, label `app`, container, image, port (0: none)
ROWS = (
    *((f"celery-worker-{name}", f"celery-worker-{name}", f"celery-worker-{name}", BACKEND, 9092) for name in WORKERS),
    ("celery-beat", "celery-beat", "celery-beat", BACKEND, 0),
    ("inference-model", "inference-model-server", "model-server-inference", MODELS, 9000),
    ("indexing-model", "indexing-model-server", "indexing-model-server", MODELS, 9000),
    ("slackbot", "slack-bot", "slackbot", BACKEND, 0),
    ("discordbot", "discord-bot", "discordbot", BACKEND, 0),
    ("mcp-server", "mcp-server", "mcp-server", BACKEND, 8090),
    ("nginx-controller", "", "controller", "registry.k8s.io/ingress-nginx/controller:v1.13.3", 1024),
    ("code-interpreter", "", "code-interpreter", "onyxdotapp/code-interpreter:0.4", 8000),
    ("sandbox-proxy", "", "sandbox-proxy", BACKEND, 8080),
    ("cloudnative-pg", "", "manager", "ghcr.io/cloudnative-pg/cloudnative-pg:1.27.0", 9443),
    ("minio", "", "minio", "quay.io/minio/minio:2025", 9000),
    ("opensearch-master", "", "opensearch", "opensearchproject/opensearch:3.2.0", 9200),
)
SERVICES = ("inference-model", "indexing-model", "mcp-server", "code-interpreter", "minio", "opensearch-master")
NAMES = {"inference-model": "onyx-inference-model-service", "indexing-model": "onyx-indexing-model-service",
         "mcp-server": "onyx-mcp-server-service"}  # fmt: skip
PROBED_PATHS = {"mcp-server": "/health", "code-interpreter": "/health", "nginx-controller": "/healthz",
                "sandbox-proxy": "/healthz", "cloudnative-pg": "/readyz"}  # fmt: skip
SETTINGS = {
    "INTERNAL_URL": "http://onyx-api-service:8080", "POSTGRES_HOST": "onyx-pg-rw", "REDIS_HOST": "onyx",
    "OPENSEARCH_HOST": "onyx-opensearch-master", "MODEL_SERVER_HOST": "onyx-inference-model-service",
    "INDEXING_MODEL_SERVER_HOST": "onyx-indexing-model-service", "S3_ENDPOINT_URL": "http://onyx-minio:9000",
    "CODE_INTERPRETER_BASE_URL": "http://onyx-code-interpreter:8000",
}  # fmt: skip
SERVED = 'INFO:     10.85.0.82:40000 - "GET /me HTTP/1.1" 200 OK'


@cache
def _base() -> str:
    return json.dumps(json.loads(gzip.decompress(BASE.read_bytes()))["view"])


def released(world: World, *absent: str) -> World:
    """The whole release, well, in place of what the world had; without these."""
    whole = World(json.loads(_base())).older(3 * DAY)
    world.view, world.now = whole.view, whole.now
    world.view["events"] = []
    next(x for x in world.view["configmaps"] if x["metadata"]["name"] == "env-configmap")["data"] = dict(SETTINGS)
    for row in ROWS:
        if row[0] not in absent:
            _workload(world, *row)
    for name, kind, owner, port in (("onyx-pg-1", "Cluster", "onyx-pg", 5432), ("onyx-0", "StatefulSet", "onyx", 6379)):
        _instance(world, name, kind, owner, port)
    world.log("onyx-web-server", (60, "GET /api/me 200 in 9ms"), (4, "GET /api/me 200 in 9ms"))
    world.log("onyx-api-server", (60, SERVED), (5, SERVED))
    for name in WORKERS:
        if f"celery-worker-{name}" not in absent:
            world.log(
                f"onyx-celery-worker-{name}",
                (90, "INFO Task check_for_indexing[9f1] succeeded in 0.03s"),
                (12, "INFO Task check_for_indexing[a2c] succeeded in 0.02s"),
            )
    return world


def _workload(world: World, name: str, app: str, container: str, image: str, port: int) -> None:
    labels = {"app.kubernetes.io/instance": "onyx", "app.kubernetes.io/name": "onyx" if app else name}
    labels |= {"app": app} if app else {}
    more: Json = {"ports": [{"containerPort": port}]} if port else {}
    if name in PROBED_PATHS:
        more["readinessProbe"] = {"httpGet": {"path": PROBED_PATHS[name], "port": port}}
    if name.startswith("celery"):
        more["readinessProbe"] = {"exec": {"command": PROBED}, "failureThreshold": 24}
    world.beside(f"onyx-{name}", labels, image=image, **more)
    pod = world.pod(f"onyx-{name}")
    for spec in (
        pod["spec"],
        *(
            x["spec"]["template"]["spec"]
            for kind in ("deployments", "replicasets")
            for x in world.view[kind]
            if x["metadata"]["name"].startswith(f"onyx-{name}")
        ),
    ):
        spec["containers"][0]["name"] = container  # fmt: skip
    pod["status"]["containerStatuses"][0]["name"] = container
    pod["status"]["podIP"] = f"10.85.9.{len(world.view['pods'])}"
    if name in SERVICES:
        called = NAMES.get(name, f"onyx-{name}")
        world.add_service(called, labels, {"port": port, "targetPort": port})
        _endpoint(world, called, pod, port)


def _instance(world: World, name: str, kind: str, owner: str, port: int) -> None:
    pod = copy.deepcopy(world.pod("onyx-web-server"))
    labels = {"cnpg.io/cluster": owner, "cnpg.io/instanceRole": "primary"} if kind == "Cluster" else {"app": "redis"}
    image = "ghcr.io/cloudnative-pg/postgresql:16" if kind == "Cluster" else "quay.io/opstree/redis:v7.0.15"
    pod["metadata"] |= {"name": name, "uid": name, "labels": labels, "ownerReferences": [
        {"kind": kind, "name": owner, "uid": f"u-{owner}", "controller": True}]}  # fmt: skip
    main = "postgres" if kind == "Cluster" else "onyx"
    pod["spec"] = {"nodeName": "lab-node", "containers": [{"name": main, "image": image,
                                                          "ports": [{"containerPort": port}]}]}  # fmt: skip
    pod["status"]["containerStatuses"][0]["name"] = main
    pod["status"]["podIP"] = f"10.85.8.{port % 200}"
    world.view["pods"].append(pod)
    if kind == "StatefulSet":
        world.view.setdefault("statefulsets", []).append({
            "kind": "StatefulSet", "metadata": {"name": owner, "uid": f"u-{owner}"},
            "spec": {"replicas": 1, "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels}, "spec": pod["spec"]}},
            "status": {"replicas": 1, "readyReplicas": 1},
        })  # fmt: skip
    called = "onyx-pg-rw" if kind == "Cluster" else owner
    world.add_service(called, labels, {"port": port, "targetPort": port})
    _endpoint(world, called, pod, port)


def _endpoint(world: World, service: str, pod: Json, port: int) -> None:
    world.view["endpoints"].append({"service": service, "ports": [{"port": port}], "addresses": [
        {"ip": pod["status"]["podIP"], "pod": pod["metadata"]["name"]}]})  # fmt: skip


def crashes(world: World, name: str, line: str = "", **how: Any) -> World:
    """This workload of the release keeps ending."""
    pod = released(world).pod(f"onyx-{name}")
    world.crashing(pod, **how)
    health = [x for x in world.view["health"] if pod["metadata"]["name"] in x["target"]]
    assert not health, "the API has functions of its own"
    world.event(pod, "Pod", "BackOff", "Back-off restarting failed container", 20)
    return world.log(f"onyx-{name}", (61, line), previous=True) if line else world


def unready(world: World, name: str, message: str) -> World:
    pod = released(world).pod(f"onyx-{name}")
    return world.not_ready(pod, 700).event(pod, "Pod", "Unhealthy", f"Readiness probe failed: {message}", 6)


def stuck(world: World, name: str, reason: str, message: str) -> World:
    pod = released(world).pod(f"onyx-{name}")
    waiting(world, pod, reason, message)
    return world.event(pod, "Pod", "Failed", f"Error: {message}", 8)


def unplaced(world: World, name: str) -> World:
    pod = released(world).pod(f"onyx-{name}")
    pending(world, pod, "0/3 nodes are available: 3 Insufficient memory.")
    return world.event(pod, "Pod", "FailedScheduling", "0/3 nodes are available: 3 Insufficient memory.", 20)


def at_zero(world: World, *names: str) -> World:
    released(world)
    for name in names:
        made = world.workload(f"onyx-{name}")
        made["spec"]["replicas"], made["status"] = 0, {"observedGeneration": 1}
        gone = {x["metadata"]["name"] for x in world.pods(f"onyx-{name}")}
        world.view["pods"] = [x for x in world.view["pods"] if x["metadata"]["name"] not in gone]
        world.view["logs"] = [x for x in world.view["logs"] if x["pod"] not in gone]
        for group in world.view["endpoints"]:
            group["addresses"] = [x for x in group["addresses"] if x.get("pod") not in gone]
    return world


def says(world: World, name: str, line: str, *after: tuple[float, str]) -> World:
    """This workload says this again and again, until now."""
    return released(world).log(f"onyx-{name}", *((age, line) for age in (280, 200, 120, 60, 30, 12, 3)), *after)


def both_end(world: World) -> World:
    """Docfetching ends after a minute, because the primary worker never was ready."""
    crashes(world, "celery-worker-primary", "redis.exceptions.LockError: Primary worker lock: Acquire failed!")
    world.crashing(world.pod("onyx-celery-worker-docfetching"))
    line = "ERROR Primary worker was not ready within the timeout. (60 seconds). Exiting..."
    return world.log("onyx-celery-worker-docfetching", (61, line), previous=True)


def lite(world: World) -> World:
    """Without a vector database there are no workers, models or index."""
    names = (row[0] for row in ROWS)
    absent = [x for x in names if x.startswith(("celery", "inference", "indexing", "opensearch", "minio"))]
    released(world, *absent)
    data = next(x for x in world.view["configmaps"] if x["metadata"]["name"] == "env-configmap")["data"]
    for name in ("OPENSEARCH_HOST", "MODEL_SERVER_HOST", "INDEXING_MODEL_SERVER_HOST", "S3_ENDPOINT_URL"):
        data.pop(name)
    data["DISABLE_VECTOR_DB"] = "true"
    return world


def models_outside(world: World) -> World:
    """The model servers run in another cluster."""
    released(world, "inference-model", "indexing-model")
    data = next(x for x in world.view["configmaps"] if x["metadata"]["name"] == "env-configmap")["data"]
    data |= {"MODEL_SERVER_HOST": "models.corp.example", "INDEXING_MODEL_SERVER_HOST": "models.corp.example"}
    return world


def updating(world: World) -> World:
    """A helm upgrade of forty seconds ago: three workers are new, and not ready yet."""
    released(world)
    for name in ("celery-worker-light", "celery-worker-heavy", "celery-beat"):
        pod = world.pod(f"onyx-{name}")
        born(world, pod, 40)
        world.not_ready(pod, 40)
        pod["status"]["containerStatuses"][0]["started"] = True
        world.view["logs"] = [x for x in world.view["logs"] if x["pod"] != pod["metadata"]["name"]]
    return world


RELEASE = (
    Variant("a whole release, and all is well", "ok", released),
    Variant("a release without a vector database", "ok", lite),
    Variant("a release with its model servers elsewhere", "ok", models_outside),
    Variant("a release without an MCP server, bots and a code interpreter", "ok",
            lambda w: released(w, "mcp-server", "slackbot", "discordbot", "code-interpreter")),
    Variant("a release whose workers are new since forty seconds", "open", updating),
    Variant("the bots of a release are at zero", "ok", lambda w: at_zero(w, "slackbot", "discordbot")),
    Variant("a worker of a release restarted twice last night", "ok",
            lambda w: released(w).restarted(w.pod("onyx-celery-worker-heavy"), ended=40_000, lasted=90, count=2)),
    Variant("the primary worker crashes", "names",
            lambda w: crashes(w, "celery-worker-primary", "redis.exceptions.LockError: Primary worker lock: Acquire "
                                                          "failed!"), (), ("primary",)),
    Variant("the primary worker is at zero", "names", lambda w: at_zero(w, "celery-worker-primary"), (), ("primary",)),
    Variant("beat cannot be placed", "names", lambda w: unplaced(w, "celery-beat"), (), ("beat",)),
    Variant("docfetching is killed for memory", "names",
            lambda w: crashes(w, "celery-worker-docfetching", code=137, reason="OOMKilled"), (), ("docfetching",)),
    Variant("docprocessing lacks a Secret", "names",
            lambda w: stuck(w, "celery-worker-docprocessing", "CreateContainerConfigError",
                            'secret "onyx-objectstorage" not found'), (),
            ("processes documents", "onyx-objectstorage")),
    Variant("the light worker is not ready", "names", lambda w: unready(w, "celery-worker-light", ""), (), ("light",)),
    Variant("the heavy worker's image is not there", "names",
            lambda w: stuck(w, "celery-worker-heavy", "ImagePullBackOff",
                            'Back-off pulling image "onyxdotapp/onyx-backend:v4.6.9"'), (), ("heavy",)),
    Variant("the monitoring worker crashes", "names", lambda w: crashes(w, "celery-worker-monitoring"), (),
            ("monitoring",)),
    Variant("the worker for users' files crashes", "names",
            lambda w: crashes(w, "celery-worker-user-file-processing"), (), ("user-file",)),
    Variant("the worker for scheduled tasks crashes", "names", lambda w: crashes(w, "celery-worker-scheduled-tasks"),
            (), ("scheduled",)),
    Variant("the indexing model cannot be placed", "names", lambda w: unplaced(w, "indexing-model"), (),
            ("index",)),
    Variant("the inference model is killed for memory", "names",
            lambda w: crashes(w, "inference-model", code=137, reason="OOMKilled"), (), ("inference",)),
    Variant("the Slack bot crashes", "names", lambda w: crashes(w, "slackbot", "ERROR Fatal error in main thread"),
            (), ("slack",)),
    Variant("the Discord bot lacks its token, and crashes", "names",
            lambda w: crashes(w, "discordbot", "ValueError: DISCORD_BOT_TOKEN is not set"), (), ("discord",)),
    Variant("the MCP server is not ready", "names",
            lambda w: unready(w, "mcp-server", "HTTP probe failed with statuscode: 503"), (), ("mcp",)),
    Variant("nginx does not begin, a host of its settings is not found", "names",
            lambda w: crashes(w, "nginx-controller", 'nginx: [emerg] host not found in upstream '
                                                     '"onyx-webserver-old:3000" in /etc/nginx/conf.d/upstreams.conf:4'),
            (), ("nginx",)),
    Variant("the code interpreter crashes", "names", lambda w: crashes(w, "code-interpreter"), (), ("interpreter",)),
    Variant("the sandbox proxy crashes", "names", lambda w: crashes(w, "sandbox-proxy"), (), ("sandbox",)),
    Variant("the operator of Postgres crashes, the database is up", "names", lambda w: crashes(w, "cloudnative-pg"),
            (), ("cloudnative",)),
    Variant("MinIO crashes", "names", lambda w: crashes(w, "minio"), (), ("minio",)),
    Variant("OpenSearch is killed for memory", "names",
            lambda w: crashes(w, "opensearch-master", code=137, reason="OOMKilled"), (), ("opensearch",)),
    Variant("Postgres crashes", "names", lambda w: crashes(w, "pg-1"), (), ("onyx-pg-1",)),
    Variant("Redis is killed for memory", "names", lambda w: crashes(w, "0", code=137, reason="OOMKilled"), (),
            ("redis",)),
    Variant("the primary worker crashes, and so does docfetching, which waits for it", "names", both_end, (),
            ("primary",)),
    Variant("one connector fails again and again, and the workers go on", "open",
            lambda w: says(w, "celery-worker-docfetching",
                           "ERROR connector 12 (jira): 401 Unauthorized from acme.atlassian.net",
                           (2, "INFO Task check_for_indexing[a2c] succeeded in 0.02s"))),
)  # fmt: skip
