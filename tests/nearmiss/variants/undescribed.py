"""Namespaces and workloads that no playbook describes: what is there on purpose, what is only told, what fails."""

from copy import deepcopy

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import autoscaler, down, knative, refused
from tests.nearmiss.variants.network import REFUSED
from tests.nearmiss.variants.pods import scaled_to_zero
from tests.support.near_miss_world import DAY, World

WELL = (4, "GET /api/me 200 in 9ms")
UNKNOWN_HOST = "Error: getaddrinfo ENOTFOUND {}"


def told(world: World, name: str, host: str, port: int, component: str = "api-server") -> World:
    """A variable of the component names this place."""
    entry = {"name": name, "endpoints": [f"tcp://{host}:{port}"]}
    for container in world.main(component):
        container.setdefault("env", []).append(dict(entry))
    return world


def says(world: World, component: str, line: str, *more: tuple[float, str]) -> World:
    return world.log(component, *((age, line) for age in (200, 140, 80, 20)), *more)


def proxied(world: World) -> World:
    """A proxy for the database beside the API, which crashes; the API calls it on its own address."""
    world.container("api-server", name="cloud-sql-proxy", ports=[{"containerPort": 5432}])
    pod = world.pod("api-server")
    world.crashing(pod, container=1)
    pod["status"]["containerStatuses"][0]["ready"] = True
    world.log("api-server", (40, REFUSED.format("127.0.0.1:5432")), (10, REFUSED.format("127.0.0.1:5432")))
    return refused(world)


def held(world: World, *, labels: dict | None = None, **marks: str) -> World:
    """Nobody calls it, and somebody else keeps it at zero."""
    scaled_to_zero(world).log("web-server", (3 * DAY, " ✓ Ready in 412ms"))
    world.workload("api-server")["metadata"].setdefault("labels", {}).update(labels or {})
    return world.annotate("api-server", **marks)


def keda(world: World) -> World:
    """KEDA's autoscaler has let it sleep."""
    held(world)
    autoscaler(world, current=0, desired=0)
    made = world.view["horizontalpodautoscalers"][0]
    made["metadata"] |= {"name": "keda-hpa-api-server", "labels": {"scaledobject.keda.sh/name": "api-server"}}
    return world


def job(world: World, name: str, *, failed: bool, ended: float, owner: str = "") -> World:
    made = {"name": name, "uid": f"j-{name}", "creationTimestamp": world.ago(ended + 60)}
    if owner:
        made["ownerReferences"] = [{"kind": "CronJob", "name": owner, "uid": f"c-{owner}", "controller": True}]
    condition = {
        "type": "Failed" if failed else "Complete", "status": "True", "lastTransitionTime": world.ago(ended),
        "reason": "BackoffLimitExceeded" if failed else "",
    }  # fmt: skip
    template = {"metadata": {}, "spec": {"containers": [{"name": "run", "image": "job:1"}]}}
    status = {"conditions": [condition], "failed" if failed else "succeeded": 1}
    world.view.setdefault("jobs", []).append(
        {"kind": "Job", "metadata": made, "spec": {"replicas": 1, "template": template}, "status": status}
    )
    return world


def nightly(world: World) -> World:
    """Last night's run failed, and the one after it was done."""
    template = {"metadata": {}, "spec": {"containers": [{"name": "run", "image": "job:1"}]}}
    world.view["cronjobs"] = [{
        "kind": "CronJob",
        "metadata": {"name": "report", "uid": "c-report", "creationTimestamp": world.ago(9 * DAY)},
        "spec": {"schedule": "0 3 * * *", "replicas": 1, "template": template},
        "status": {"lastScheduleTime": world.ago(53_000)},
    }]  # fmt: skip
    job(world, "report-1", failed=True, ended=139_000, owner="report")
    return job(world, "report-2", failed=False, ended=52_900, owner="report")


def claim(world: World) -> World:
    """A claim that waits for the first pod to use it, and nobody does."""
    world.view["persistentvolumeclaims"] = [{
        "metadata": {"name": "scratch", "creationTimestamp": world.ago(DAY)},
        "spec": {"storageClassName": "local"}, "status": {"phase": "Pending"},
    }]  # fmt: skip
    world.view["storageclasses"] = [{"metadata": {"name": "local"}, "volumeBindingMode": "WaitForFirstConsumer"}]
    return world


def entrance(world: World, service: str, port: int = 3000) -> World:
    backend = {"service": {"name": service, "port": {"number": port}}}
    rule = {"host": "x.example", "http": {"paths": [{"path": "/", "backend": backend}]}}
    world.view["ingresses"] = [{
        "metadata": {"name": "front", "creationTimestamp": world.ago(DAY)},
        "spec": {"ingressClassName": "nginx", "rules": [rule]},
    }]  # fmt: skip
    world.view["ingressclasses"] = [{"metadata": {"name": "nginx"}}]
    return world


def rolled_out(world: World) -> World:
    """A Rollout of Argo has taken the Deployment's pods over; what is left of it is at zero."""
    made = deepcopy(world.workload("api-server"))
    world.owned_by("api-server", "Rollout", keep_sets=True)
    made["spec"]["replicas"] = 0
    world.view["deployments"].append(made)
    return world


UNDESCRIBED = (
    Variant(
        "a collector of telemetry that is nowhere", "open",
        lambda w: told(w, "OTEL_EXPORTER_OTLP_ENDPOINT", "otel-collector", 4317), ask="namespace",
    ),
    Variant(
        "a collector of telemetry that is nowhere, and the log says so", "open",
        lambda w: says(
            told(w, "OTEL_EXPORTER_OTLP_ENDPOINT", "otel-collector", 4317), "api-server",
            UNKNOWN_HOST.format("otel-collector"),
        ),
        ask="namespace",
    ),
    Variant(
        "a tracing agent that is nowhere, asked of the workload", "open",
        lambda w: says(
            told(w, "DD_TRACE_AGENT_URL", "datadog-agent", 8126, "web-server"), "web-server",
            UNKNOWN_HOST.format("datadog-agent"), WELL,
        ),
        ask="deployment/web-server",
    ),
    Variant(
        "a database whose Service is nowhere, and the API is not ready of it", "fault",
        lambda w: down(
            says(
                told(w, "DATABASE_URL", "orders-db", 5432).not_ready(w.pod("api-server"), 900)
                .answers("refused", service=False),
                "api-server", UNKNOWN_HOST.format("orders-db"),
            )
        ),
        mentions=("orders-db",), ask="namespace",
    ),
    Variant(
        "calls to a helper on its own address are refused, and all else is well", "open",
        lambda w: says(w, "api-server", REFUSED.format("127.0.0.1:9229")), ask="namespace",
    ),
    Variant(
        "calls to localhost are refused, and the web server serves", "open",
        lambda w: says(w, "web-server", REFUSED.format("localhost:6379"), WELL), ask="deployment/web-server",
    ),
    Variant(
        "the proxy beside the API crashes, which calls it on its own address", "fault", proxied,
        mentions=("cloud-sql-proxy",), ask="namespace",
    ),
    Variant("asleep by KEDA, and nobody calls", "open", keda, ask="deployment/api-server"),
    Variant("asleep by Knative", "open", knative, ask="deployment/api-server"),
    Variant(
        "put to sleep at night by kube-downscaler", "open",
        lambda w: held(w, **{"downscaler__original-replicas": "2"}), ask="deployment/api-server",
    ),
    Variant(
        "an autoscaler that may go to zero, and did", "open",
        lambda w: autoscaler(held(w), current=0, desired=0, least=0), ask="deployment/api-server",
    ),
    Variant(
        "an Argo Rollout refers to the Deployment that is at zero", "open",
        rolled_out, ask="deployment/api-server",
    ),
    Variant(
        "at zero by hand, and calls are refused", "fault",
        lambda w: refused(scaled_to_zero(w)), ("api-server-scaled-to-zero",), ask="deployment/api-server",
    ),
    Variant(
        "asleep by KEDA, and calls are refused", "names",
        lambda w: refused(keda(w)), ("api-server-scaled-to-zero",), ("KEDA",), ask="deployment/api-server",
    ),
    Variant("a run failed, and the next was done", "ok", nightly, ask="namespace"),
    Variant("only done Jobs", "ok", lambda w: job(w, "migrate", failed=False, ended=900), ask="namespace"),
    Variant("a claim that waits for its first user", "open", claim, ask="namespace"),
    Variant(
        "a Service that is left over", "ok", lambda w: w.add_service("old", {"app": "old"}, {"port": 80}),
        ask="namespace",
    ),
    Variant(
        "an Ingress to a Service that is nowhere", "fault", lambda w: entrance(w, "shop-front"),
        mentions=("shop-front",), ask="namespace",
    ),
    Variant("an Ingress to a Service that serves", "open", lambda w: entrance(w, "api-server", 8080), ask="namespace"),
    Variant(
        "a user asks about a refused call", "open",
        lambda w: says(
            w, "api-server", "INFO query: 'what does connect ECONNREFUSED 10.0.0.1:5432 mean?'",
            (3, 'INFO:     10.85.0.78:40000 - "GET /me HTTP/1.1" 200 OK'),
        ),
        ask="namespace",
    ),
    Variant(
        "two pods of nobody, one of which crashes", "part",
        lambda w: w.replicas("api-server", 2).owned_by("api-server", "Pod").crashing(w.pods("api-server")[-1]),
        ("api-crash-looping",), ("1 of 2",),
    ),
    Variant(
        "a pod of nobody beside one that leaves", "ok",
        lambda w: w.replicas("api-server", 2).owned_by("api-server", "Pod").pods("api-server")[-1]["metadata"].update(
            deletionTimestamp=w.ago(20)
        ),
    ),
)  # fmt: skip
