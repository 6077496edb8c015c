"""Faults of the API server and of what it depends on: memory, crashes, probes, scheduling, images, configuration."""

from tests.cluster import programs
from tests.cluster.app import (
    ADDRESS,
    App,
    analysis_app,
    chart_app,
    deployment,
    http_probe,
    service,
)
from tests.cluster.conditions import (
    event,
    every,
    killed_for_memory,
    no_endpoints,
    no_pods,
    ready,
    restarted,
    rollout_failed,
    unready,
    waiting,
    web_runs,
)
from tests.cluster.fault import Fault, Paste, Step, fault
from tests.cluster.kubectl import Object

LOG = Paste.WEB_LOG
NO_IMAGE = "lab.local/onyx-backend:v9.9.9"


def api(**container: object) -> App:
    """The analysis' app with fields of the API's container replaced."""
    app = analysis_app()
    app.api_container.update(container)
    return app


def api_pod(**spec: object) -> App:
    """The analysis' app with fields of the API's pod template replaced."""
    app = analysis_app()
    app.api_pod.update(spec)
    return app


def running(program: str, memory: str | None = None) -> App:
    return analysis_app().run(program, memory=memory)


def unprobed(program: str) -> App:
    return running(program).probe()


def scaled_to_zero() -> App:
    app = analysis_app()
    app.api["spec"]["replicas"] = 0
    app.service["spec"]["clusterIP"] = ADDRESS
    return app


def over_quota() -> App:
    """The web server fits into the quota; the API server alone is more than all of it."""
    app = analysis_app()
    app.web["spec"]["template"]["spec"]["containers"][0]["resources"] = {"limits": {"memory": "200Mi"}}
    quota: Object = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "team-quota"}}
    app.objects.insert(0, {**quota, "spec": {"hard": {"limits.memory": "220Mi"}}})
    return app


def unbound_volume() -> App:
    app = api_pod(volumes=[{"name": "files", "persistentVolumeClaim": {"claimName": "api-files"}}])
    app.api_container["volumeMounts"] = [{"name": "files", "mountPath": "/files"}]
    claim = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "10Gi"}},
        "storageClassName": "fast-ssd",
    }
    return app.add(
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "api-files"}, "spec": claim}
    )


def missing_volume_config() -> App:
    app = api_pod(volumes=[{"name": "settings", "configMap": {"name": "api-settings"}}])
    app.api_container["volumeMounts"] = [{"name": "settings", "mountPath": "/etc/onyx"}]
    return app


def rolling() -> App:
    """A version that serves and may not be taken away before the next one is ready."""
    app = analysis_app()
    app.api["spec"]["progressDeadlineSeconds"] = 30
    app.api["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    return app


def postgres(replicas: int, program: str = programs.NEVER_LISTEN) -> tuple[Object, Object]:
    """A Postgres Service and its Deployment, as in the hand-written manifests."""
    labels = {"app": "relational-db"}
    container = {"args": [program], "ports": [{"containerPort": 5432}]}
    return (
        service("relational-db-service", labels, 5432, 5432),
        deployment("relational-db-deployment", labels, container, replicas=replicas),
    )


def chart_without_postgres() -> App:
    app = chart_app("prod").run(programs.need_postgres("prod-pg-rw"))
    return app.add(service("prod-pg-rw", {"cnpg.io/cluster": "prod-pg", "cnpg.io/instanceRole": "primary"}, 5432, 5432))


def redis_down() -> App:
    app = running(programs.need_redis("redis-service"))
    labels = {"app": "redis"}
    redis = deployment("redis-deployment", labels, {"ports": [{"containerPort": 6379}]}, replicas=0)
    return app.add(service("redis-service", labels, 6379, 6379), redis)


def search_down(name: str, port: int, program: str) -> App:
    labels = {"app": name}
    container = {"args": ["0"], "image": NO_IMAGE, "ports": [{"containerPort": port}]}
    return running(program).add(service(f"{name}-service", labels, port, port), deployment(name, labels, container))


WRONG_PASSWORD = """
sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection to server at "relational-db-service" \
(172.30.9.9), port 5432 failed: FATAL:  password authentication failed for user "postgres"
"""
NO_REVISION = """
INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.
ERROR [alembic.util.messaging] Can't locate revision identified by '9f2c1a7b6d3e'
FAILED: Can't locate revision identified by '9f2c1a7b6d3e'
"""
NO_SECRET = """
INFO:     Waiting for application startup.
ValueError: USER_AUTH_SECRET is empty. Set it to a random value.
ERROR:    Application startup failed. Exiting.
"""
LISTENS = "setInterval(() => {}, 1000); require('net').createServer(s => s.end()).listen(5432, '0.0.0.0');"

crashes = every(restarted(times=3), waiting("CrashLoopBackOff"), web_runs)
refused = every(waiting("CrashLoopBackOff"), restarted(times=2), web_runs)
unconfigured = every(waiting("CreateContainerConfigError"), web_runs)
NEW_IMAGE = ("set", "image", "deployment/api-server", f"api-server={NO_IMAGE}")

# fmt: off
WORKLOAD: tuple[Fault, ...] = (
    # --- memory
    fault("oom", lambda: running(programs.ALLOCATE, "128Mi"), every(killed_for_memory(times=3), web_runs),
          "api-oom-killed", paste=LOG),
    fault("oom-at-start", lambda: unprobed(programs.ALLOCATE_AT_START).run(programs.ALLOCATE_AT_START, memory="96Mi"),
          every(killed_for_memory(times=3), web_runs), "api-oom-killed", paste=LOG),
    fault("chart-oom", lambda: chart_app("prod").run(programs.ALLOCATE_AT_START, memory="96Mi"),
          every(killed_for_memory(times=3), web_runs), "api-oom-killed", paste=LOG),
    # --- crashes with a reason of their own
    fault("crash-no-secret", lambda: running(programs.fail(NO_SECRET, 3)), crashes, "user-auth-secret-empty",
          paste=LOG),
    fault("crash-migration", lambda: unprobed(programs.fail(NO_REVISION)), crashes, "alembic-revision-missing",
          paste=LOG),
    fault("crash-wrong-password", lambda: running(programs.fail(WRONG_PASSWORD)).add(*postgres(1, LISTENS)),
          every(crashes, ready("relational-db")), "postgres-login-failed", paste=LOG),
    fault("crash-no-command", lambda: api(command=["/usr/bin/uvicorn"], args=["onyx.main:app"]),
          every(restarted(times=2), web_runs), "api-crash-looping"),
    # --- crashes because something else is down
    fault("postgres-no-endpoints", lambda: running(programs.need_postgres("relational-db-service")).add(*postgres(0)),
          refused, "dependency-down", mentions=("postgres",), paste=LOG),
    fault("postgres-no-service", lambda: running(programs.need_postgres("relational-db-service")),
          refused, "dependency-down", mentions=("postgres",), paste=LOG),
    fault("postgres-crashing", lambda: running(programs.need_postgres("relational-db-service")).add(
              *postgres(1, programs.fail('FATAL:  data directory "/var/lib/postgresql/data" has wrong ownership'))),
          every(refused, restarted("relational-db", times=2)), "dependency-down", mentions=("postgres",), paste=LOG),
    fault("chart-postgres", chart_without_postgres, refused, "dependency-down", mentions=("postgres",), paste=LOG),
    fault("redis-scaled-to-zero", redis_down, refused, "dependency-down", mentions=("redis",), paste=LOG),
    fault("vespa-image", lambda: search_down("document-index", 19071, programs.need_vespa("document-index-service")),
          refused, "dependency-down", mentions=("vespa",), paste=LOG),
    fault("opensearch-image", lambda: search_down("opensearch", 9200, programs.need_opensearch("opensearch-service")),
          refused, "dependency-down", mentions=("opensearch",), paste=LOG),
    fault("model-server-absent", lambda: unprobed(programs.wait_for_model_server("inference-model-server-service")).add(
              service("inference-model-server-service", {"app": "inference-model-server"}, 9000, 9000)),
          every(ready(seconds=20), web_runs), "dependency-down", mentions=("model",), paste=LOG),
    # --- probes and listeners
    fault("readiness-wrong-port", lambda: analysis_app().probe(readiness=http_probe(port=8081)),
          every(unready(), event("Unhealthy", times=3), web_runs), "api-not-ready", paste=LOG),
    fault("readiness-wrong-path", lambda: analysis_app().probe(readiness=http_probe("/api/health")),
          every(unready(), event("Unhealthy", times=3), web_runs), "api-not-ready", paste=LOG),
    fault("liveness-wrong-path", lambda: analysis_app().probe(liveness=http_probe("/healthz", failureThreshold=2)),
          every(restarted(times=3), event("Killing"), web_runs), "api-liveness-killing"),
    fault("liveness-wrong-port", lambda: analysis_app().probe(
              readiness=http_probe(), liveness=http_probe(port=9090, failureThreshold=2)),
          every(restarted(times=3), event("Killing"), web_runs), "api-liveness-killing"),
    fault("loopback-only", lambda: unprobed(programs.LISTEN_ON_LOOPBACK), every(ready(seconds=8), web_runs),
          "api-not-listening", paste=LOG),
    fault("loopback-only-probed", lambda: running(programs.LISTEN_ON_LOOPBACK).probe(readiness=http_probe()),
          every(unready(), event("Unhealthy", times=3), web_runs), "api-not-listening", paste=LOG),
    fault("loopback-only-killed", lambda: running(programs.LISTEN_ON_LOOPBACK).probe(
              readiness=http_probe(), liveness=http_probe(failureThreshold=4)),
          every(restarted(times=2), event("Killing"), web_runs), "api-not-listening", paste=LOG),
    fault("never-listens", lambda: unprobed(programs.NEVER_LISTEN), every(ready(seconds=8), web_runs),
          "api-not-listening", paste=LOG),
    fault("hangs", lambda: unprobed(programs.NEVER_ANSWER), every(ready(seconds=8), web_runs), "api-not-responding"),
    fault("hangs-probed", lambda: running(programs.NEVER_ANSWER).probe(readiness=http_probe()),
          every(unready(), event("Unhealthy", times=3), web_runs), "api-not-responding"),
    fault("hangs-killed", lambda: running(programs.NEVER_ANSWER).probe(
              readiness=http_probe(), liveness=http_probe(failureThreshold=4)),
          every(restarted(times=2), event("Killing"), web_runs), "api-not-responding"),
    fault("saturated", lambda: unprobed(programs.SATURATED), every(ready(seconds=8), web_runs), "api-overloaded"),
    fault("saturated-probed", lambda: running(programs.SATURATED).probe(readiness=http_probe()),
          every(unready(), event("Unhealthy", times=3), web_runs), "api-overloaded"),
    # --- what the container needs is not there
    fault("config-map-absent", lambda: api(envFrom=[{"configMapRef": {"name": "api-config"}}]),
          unconfigured, "api-config-missing", mentions=("api-config",), paste=LOG),
    fault("config-key-absent", lambda: api(env=[{"name": "POSTGRES_HOST", "valueFrom": {
              "configMapKeyRef": {"name": "web-server-config", "key": "POSTGRES_HOST"}}}]),
          unconfigured, "api-config-missing", mentions=("POSTGRES_HOST",)),
    fault("secret-absent", lambda: api(env=[{"name": "POSTGRES_PASSWORD", "valueFrom": {
              "secretKeyRef": {"name": "onyx-postgresql", "key": "password"}}}]),
          unconfigured, "api-config-missing", mentions=("onyx-postgresql",), paste=LOG),
    fault("volume-config-absent", missing_volume_config, every(event("FailedMount", times=3), web_runs),
          "api-config-missing", mentions=("api-settings",), paste=LOG),
    fault("image-absent", lambda: api(image=NO_IMAGE), every(waiting("ImagePullBackOff", "ErrImagePull"), web_runs),
          "api-image-pull-failing", paste=LOG),
    # --- no node takes the pod, or no pod is made
    fault("unschedulable-memory", lambda: api(resources={"requests": {"memory": "900Gi"}}),
          every(event("FailedScheduling", "memory"), web_runs), "api-unschedulable", paste=LOG),
    fault("unschedulable-selector", lambda: api_pod(nodeSelector={"pool": "gpu"}),
          every(event("FailedScheduling"), web_runs), "api-unschedulable"),
    fault("unschedulable-volume", unbound_volume, every(event("FailedScheduling", "unbound"), web_runs),
          "api-unschedulable", mentions=("api-files",), paste=LOG),
    fault("over-quota", over_quota, every(event("FailedCreate", "exceeded quota"), web_runs), "api-quota-exceeded",
          mentions=("team-quota",), paste=LOG),
    fault("scaled-to-zero", scaled_to_zero, every(no_pods(), no_endpoints, web_runs), "api-scaled-to-zero", paste=LOG),
    # --- a rollout that cannot go on, in front of a version that serves
    fault("rollout-stuck", rolling, every(rollout_failed, waiting("ImagePullBackOff", "ErrImagePull")),
          "api-rollout-stuck", steps=(Step(every(ready(seconds=3), web_runs), NEW_IMAGE),)),
)
# fmt: on
