"""What others put around the pods: revisions of Knative, scalers, injected and native sidecars, policies of engines."""

from copy import deepcopy

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import down, other_engine, refused, waiting
from tests.nearmiss.variants.network import API, TIMED_OUT, quiet
from tests.nearmiss.variants.pods import OUTAGE, crash_sidecar, one_of
from tests.nearmiss.variants.ways import failing
from tests.support.near_miss_world import DAY, Json, World

ENVOY_503 = "Error fetching user: 503 upstream connect error or disconnect/reset before headers. reset reason: {}"


def serverless(world: World, *, crashes: bool = False, cold: bool = False) -> World:
    """Knative: the newest revision has the pods, the one before is at zero; the name leads to the gateway."""
    marks = {"serving.knative.dev/service": "api-server", "serving.knative.dev/revision": "api-server-00002"}
    made = world.workload("api-server")
    made["metadata"] |= {"name": "api-server-00002-deployment", "labels": marks, "ownerReferences": [
        {"kind": "Revision", "name": "api-server-00002", "uid": "rev-2", "controller": True}]}  # fmt: skip
    made["spec"]["replicas"] = 1
    old = deepcopy(made)
    old["metadata"] |= {"name": "api-server-00001-deployment", "uid": "old-d", "ownerReferences": [
        {"kind": "Revision", "name": "api-server-00001", "uid": "rev-1", "controller": True}]}  # fmt: skip
    old["metadata"]["labels"] = {**marks, "serving.knative.dev/revision": "api-server-00001"}
    old["spec"] |= {"replicas": 0, "selector": {"matchLabels": {"app": "api-server-00001"}}}
    old["status"] = {"observedGeneration": 1}
    world.view["deployments"].append(old)
    pod = world.pod("api-server")
    pod["metadata"]["labels"] |= marks
    for spec in world.specs("api-server"):
        spec["containers"][0]["name"] = "user-container"
    pod["status"]["containerStatuses"][0]["name"] = "user-container"
    for item in world.view["logs"]:
        if item["pod"] == pod["metadata"]["name"]:
            item["container"] = "user-container"
    world.container("api-server", name="queue-proxy", image="queue:1", ports=[{"containerPort": 8012}])
    world.service()["spec"] = {"type": "ExternalName", "sessionAffinity": "None", "ports": [{"port": 80}],
                               "externalName": "kourier-internal.kourier-system.svc.cluster.local"}  # fmt: skip
    world.view["endpoints"] = []
    world.add_service("api-server-00002", None, {"port": 80, "targetPort": 8012})
    world.endpoints("api-server-00002", pod["status"]["podIP"], port=8012)
    world.view["endpoints"][-1]["addresses"][0]["pod"] = pod["metadata"]["name"]
    world.url("http://api-server")
    world.view["health"] = [item for item in world.view["health"] if item["target"].startswith("pod/")]
    if cold:
        return cold_start(world, pod)
    if crashes:
        world.crashing(pod)
        return failing(world, ENVOY_503.format("connection failure"))
    return world


def cold_start(world: World, pod: Json) -> World:
    """Called out of its sleep four seconds ago: its proxy is not ready before the program is."""
    pod["metadata"]["creationTimestamp"] = pod["status"]["startTime"] = world.ago(5)
    for status in pod["status"]["containerStatuses"]:
        status |= {"ready": False, "state": {"running": {"startedAt": world.ago(3)}}}
    return world.not_ready(pod, 4).answers("refused")


def injected(world: World, name: str, *, init: bool = False, native: bool = False, **fields: object) -> Json:
    """A webhook put it into the pods; the template does not have it. Returns its status in the first pod."""
    more = {"restartPolicy": "Always"} if native else {}
    world.container("api-server", init=init or native, template=False, name=name, **more, **fields)
    key = "initContainerStatuses" if init or native else "containerStatuses"
    return world.pod("api-server")["status"][key][-1]


def ended_before(world: World, status: Json, *, ago: float, count: int, code: int = 1) -> World:
    end = {"exitCode": code, "reason": "Error", "startedAt": world.ago(ago + 300), "finishedAt": world.ago(ago)}
    status |= {"restartCount": count, "lastState": {"terminated": end},
               "state": {"running": {"startedAt": world.ago(ago - 2)}}}  # fmt: skip
    return world


def proxy_not_ready(world: World) -> World:
    """The injected proxy runs and is not ready, for ten minutes; the program beside it is."""
    injected(world, "linkerd-proxy")["ready"] = False
    pod = world.pod("api-server")
    world.not_ready(pod, 600)
    pod["status"]["containerStatuses"][0]["ready"] = True
    world.event(pod, "Pod", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", 5)
    return refused(world.answers("no_endpoints", pod=False))


def injected_init_fails(world: World) -> World:
    status = injected(world, "istio-init", init=True)
    end = {"exitCode": 255, "reason": "Error", "startedAt": world.ago(70), "finishedAt": world.ago(60)}
    waiting(world, world.pod("api-server"), "PodInitializing", "")
    status |= {"ready": False, "restartCount": 7, "lastState": {"terminated": end},
               "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}}  # fmt: skip
    return down(world)


def native_unstarted(world: World, age: float) -> World:
    """A native sidecar of the template runs, and its startup probe has not passed: the program waits for it."""
    world.container("api-server", init=True, name="vault-agent", restartPolicy="Always",
                    startupProbe={"httpGet": {"path": "/ready", "port": 8200}, "failureThreshold": 10,
                                  "periodSeconds": 3})  # fmt: skip
    pod = world.pod("api-server")
    waiting(world, pod, "PodInitializing", "")
    pod["metadata"]["creationTimestamp"] = pod["status"]["startTime"] = world.ago(age)
    for condition in pod["status"]["conditions"]:
        condition["lastTransitionTime"] = world.ago(age)
    runs = min(age - 2, 25)
    pod["status"]["initContainerStatuses"][0] |= {"ready": False, "started": False, "restartCount": int(age // 120),
                                                  "state": {"running": {"startedAt": world.ago(runs)}}}  # fmt: skip
    message = "Startup probe failed: Get http://10.85.0.77:8200/ready: connect: connection refused"
    world.event(pod, "Pod", "Unhealthy", message, 3)
    if age > 60:
        message = "Container vault-agent failed startup probe, will be restarted"
        world.event(pod, "Pod", "Killing", message, runs + 2)
        end = {"exitCode": 2, "reason": "Error", "startedAt": world.ago(runs + 40), "finishedAt": world.ago(runs + 2)}
        pod["status"]["initContainerStatuses"][0]["lastState"] = {"terminated": end}
    return down(world)


def canary_of_rollout(world: World, *, crashes: bool) -> World:
    """Argo holds at a canary: one pod of the new ReplicaSet beside three of the old."""
    world.replicas("api-server", 4).owned_by("api-server", "Rollout", keep_sets=True)
    old = next(item for item in world.view["replicasets"] if item["metadata"]["name"].startswith("api-server"))
    new = deepcopy(old)
    new["metadata"] |= {"name": "api-server-canary", "uid": "rs-canary", "creationTimestamp": world.ago(1_800)}
    new["spec"]["replicas"], old["spec"]["replicas"] = 1, 3
    world.view["replicasets"].append(new)
    pod = world.pods("api-server")[-1]
    pod["metadata"] |= {"creationTimestamp": world.ago(1_800), "ownerReferences": [
        {"kind": "ReplicaSet", "name": "api-server-canary", "uid": "rs-canary", "controller": True}]}  # fmt: skip
    return world.crashing(pod) if crashes else world


def scaler_wants(world: World, age: float) -> World:
    """The autoscaler went from two to three; the third has begun so long ago."""
    world.replicas("api-server", 3)
    pod = world.pods("api-server")[-1]
    pod["metadata"]["creationTimestamp"] = pod["status"]["startTime"] = world.ago(age)
    pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": world.ago(age - 3)}}
    world.view["horizontalpodautoscalers"] = [{
        "metadata": {"name": "api-server"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "api-server"}, "minReplicas": 2, "maxReplicas": 3},
        "status": {"currentReplicas": 3, "desiredReplicas": 3, "conditions": [
            {"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas", "message": "maximum",
             "lastTransitionTime": world.ago(age)}]},
    }]  # fmt: skip
    return world.not_ready(pod, age)


def not_rolled_out(world: World, **spec: object) -> World:
    """It is killed for memory, and a change of its template comes to no pod by itself."""
    world.workload("api-server")["spec"].update(spec)
    return down(world.crashing(world.pod("api-server"), code=137, reason="OOMKilled"))


def web_address(world: World) -> str:
    return world.pod("web-server")["status"]["podIP"]


def block(world: World, *excepted: str) -> World:
    rule = {"from": [{"ipBlock": {"cidr": "10.85.0.0/16", "except": list(excepted)}}]}
    return world.policy("in", API, "Ingress", ingress=[rule])


def named_port(world: World, number: int) -> World:
    world.with_main("api-server", ports=[{"containerPort": 8080}])
    world.container("api-server", init=True, name="front", restartPolicy="Always",
                    ports=[{"name": "web", "containerPort": number}])  # fmt: skip
    return world.policy("in", API, "Ingress", ingress=[{"ports": [{"port": "web"}]}])


MESHES = (
    Variant("a Revision that was superseded is at zero, the newest serves", "open", serverless),
    Variant("the newest Revision crashes, and the gateway says so", "fault",
            lambda w: serverless(w, crashes=True), ("api-crash-looping",)),
    Variant("called out of its sleep four seconds ago", "open", lambda w: serverless(w, cold=True)),
    Variant("paused at one replica by KEDA, which serves", "ok",
            lambda w: w.annotate("api-server", **{"autoscaling.keda.sh/paused-replicas": "1"})),
    Variant("at its most, and the third has begun twenty seconds ago", "open", lambda w: scaler_wants(w, 20)),
    Variant("Argo holds at a canary that serves", "ok", lambda w: canary_of_rollout(w, crashes=False)),
    Variant("Argo holds at a canary that crashes", "part", lambda w: canary_of_rollout(w, crashes=True),
            (), (), OUTAGE),
    Variant("killed for memory, and its Deployment is paused", "fault", lambda w: not_rolled_out(w, paused=True),
            ("api-oom-killed",)),
    Variant("an injected proxy crashes, its program is well", "names",
            lambda w: (injected(w, "istio-proxy", resources={"limits": {"memory": "64Mi"}}),
                       refused(w.crashing(w.pod("api-server"), container=1).answers("no_endpoints", pod=False)),
                       w.pod("api-server")["status"]["containerStatuses"][0].update(ready=True)),
            ("api-crash-looping", "api-sidecar-failing"), ("istio-proxy",)),
    Variant("an injected agent ended once an hour ago", "ok",
            lambda w: ended_before(w, injected(w, "vault-agent"), ago=3_600, count=1)),
    Variant("an injected init container fails", "fault", injected_init_fails, (), ("istio-init",)),
    Variant("an injected proxy is not ready, its program is", "names", proxy_not_ready,
            ("api-not-ready", "api-sidecar-failing"), ("linkerd-proxy",)),
    Variant("an injected native sidecar was restarted thirty times until two days ago", "ok",
            lambda w: ended_before(w, injected(w, "datadog", native=True), ago=2 * DAY, count=30)),
    Variant("an injected proxy crashes in one of three", "part",
            lambda w: (w.replicas("api-server", 3), injected(w, "istio-proxy"),
                       w.crashing(w.pods("api-server")[-1], container=1)), (), ("1 of 3",), OUTAGE),
    Variant("a native sidecar of a new pod has not started for fifteen seconds", "open",
            lambda w: native_unstarted(w, 15)),
    Variant("a native sidecar never starts", "fault", lambda w: native_unstarted(w, 900), (), ("vault-agent",)),
    Variant("a native sidecar of the template is killed for memory in one of three", "part",
            lambda w: (w.replicas("api-server", 2), crash_sidecar(w, init=True, template=True)),
            (), ("agent",), OUTAGE),
    Variant("the proxy says that it cannot connect", "open",
            lambda w: (injected(w, "istio-proxy"), failing(w, ENVOY_503.format("connection failure"))),
            not_healthy=True),
    Variant("the mesh wants TLS of a caller that is not in it", "open",
            lambda w: (injected(w, "istio-proxy"), failing(w, "[cause]: Error: read ECONNRESET")), not_healthy=True),
    Variant("a way that is open by the policies, but calls time out under Calico", "open",
            lambda w: failing(other_engine(w, "CalicoIsUp").policy("in", API, "Ingress", ingress=[{}]), TIMED_OUT),
            not_healthy=True),
    Variant("the caller's address is excepted, and calls time out", "fault",
            lambda w: failing(block(w, f"{web_address(w)}/32"), TIMED_OUT), ("network-policy-blocks",)),
    Variant("addresses of others are excepted", "ok", lambda w: block(w, "10.85.9.0/24", "10.85.200.0/24")),
    Variant("the port by UDP alone, and calls time out", "fault",
            lambda w: failing(w.policy("in", API, "Ingress", ingress=[{"ports": [{"port": 8080, "protocol": "UDP"}]}]),
                              TIMED_OUT), ("network-policy-blocks",)),
    Variant("the port by the name that a native sidecar gives it", "ok", lambda w: named_port(w, 8080)),
    Variant("a port's name that is another number, and calls time out", "fault",
            lambda w: failing(named_port(w, 9090), TIMED_OUT), ("network-policy-blocks",)),
    Variant("every pod of the namespace is let in", "ok",
            lambda w: w.policy("in", {}, "Ingress", ingress=[{"from": [{"podSelector": {}}]}])),
    Variant("a range of ports that has the port in it, both ways", "ok",
            lambda w: quiet(w).policy("in", API, "Ingress",
                                      ingress=[{"ports": [{"port": 8000, "endPort": 8080, "protocol": "TCP"}]}])),
    Variant("one of two has been made for forty seconds by a second ReplicaSet, within its limits", "open",
            lambda w: (pod := one_of(w, 2), w.not_ready(pod, 15), pod["metadata"].update(
                creationTimestamp=w.ago(16)), pod["status"].update(startTime=w.ago(16)),
                pod["status"]["containerStatuses"][0].update(state={"running": {"startedAt": w.ago(12)}}))),
)  # fmt: skip
