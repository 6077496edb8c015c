"""What others put beside a program or do with it: revisions, meshes, agents, scalers, tests, operators."""

from __future__ import annotations

import copy

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import (
    DAY,
    HOUR,
    MINUTE,
    WELL,
    born,
    ended,
    group,
    named,
    second_set,
    state,
    waits,
)  # fmt: skip
from tests.support.near_miss_world import Json, World

BACK = {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}


def revisions(world: World, *, crashes: bool) -> World:
    """Knative: the newest revision of the gate crashes and gets no calls, the one before serves; or that is at zero."""
    made = world.workload("gate")
    made["metadata"]["ownerReferences"] = [
        {"kind": "Revision", "name": "gate-00001", "uid": "rev-1", "controller": True}]  # fmt: skip
    made["metadata"]["labels"] = {"serving.knative.dev/service": "gate", "serving.knative.dev/revision": "gate-00001"}
    labels = {"app": "gate-00002", "serving.knative.dev/service": "gate",
              "serving.knative.dev/revision": "gate-00002"}  # fmt: skip
    world.beside("gate-00002-deployment", labels, replicas=1 if crashes else 0, ports=[{"containerPort": 8000}])
    world.view["deployments"][-1]["metadata"]["ownerReferences"] = [
        {"kind": "Revision", "name": "gate-00002", "uid": "rev-2", "controller": True}]  # fmt: skip
    return world.crashing(world.pod("gate-00002"), code=3) if crashes else world


def injected(world: World, component: str, name: str, *, init: bool = False, native: bool = False) -> World:
    more = {"restartPolicy": "Always"} if native else {}
    return world.container(component, init=init or native, template=False, name=name, **more)


def agent_killed(world: World) -> World:
    """The agent that a webhook put in is killed for memory again and again; the program serves."""
    world.container("gate", template=False, name="otel-agent", resources={"limits": {"memory": "32Mi"}})
    pod = world.pod("gate")
    world.restarted(pod, ended=70, lasted=200, count=14, code=137, reason="OOMKilled", container=1)
    return world


def injected_init(world: World) -> World:
    injected(world, "scan-intake", "vault-agent-init", init=True)
    pod = world.pod("scan-intake")
    waits(world, pod, "PodInitializing")
    status = state(world, pod, init=True, waiting=BACK)
    end = {"exitCode": 1, "reason": "Error", "startedAt": world.ago(80), "finishedAt": world.ago(70)}
    status |= {"restartCount": 8, "lastState": {"terminated": end}}
    group(world, "scan-intake")["addresses"] = []
    return world


def proxy_of_one(world: World) -> World:
    """The injected proxy of one of two is not ready for ten minutes."""
    world.replicas("gate", 2)
    injected(world, "gate", "istio-proxy")
    pod = world.pods("gate")[1]
    pod["status"]["containerStatuses"][1]["ready"] = False
    world.not_ready(pod, 600)
    pod["status"]["containerStatuses"][0]["ready"] = True
    message = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    return world.event(pod, "Pod", "Unhealthy", message, 4)


def shipper(world: World, age: float) -> World:
    """A native sidecar of a new pod does not start: the program waits for it."""
    probe = {"exec": {"command": ["/ready"]}, "failureThreshold": 30, "periodSeconds": 2}
    world.container("labels", init=True, name="log-shipper", restartPolicy="Always", startupProbe=probe)
    pod = world.pod("labels")
    waits(world, pod, "PodInitializing", since=age)
    status = state(world, pod, init=True, running={"startedAt": world.ago(min(age - 2, 40))})
    status["restartCount"] = int(age // 100)
    if age > 100:
        end = {"exitCode": 1, "reason": "Error", "startedAt": world.ago(103), "finishedAt": world.ago(43)}
        status["lastState"] = {"terminated": end}
        world.event(pod, "Pod", "Killing", "Container log-shipper failed startup probe, will be restarted", 44)
    group(world, "labels")["addresses"] = []
    return world.event(pod, "Pod", "Unhealthy", 'Startup probe failed: "not ready"', 3)


def sized(world: World) -> World:
    """Killed for memory at a limit that a VerticalPodAutoscaler set."""
    pod = world.pod("labels")
    pod["metadata"].setdefault("annotations", {})["vpaUpdates"] = (
        "Pod resources updated by labels: container 0: memory request, memory limit"
    )
    pod["spec"]["containers"][0]["resources"] = {"requests": {"memory": "96Mi"}, "limits": {"memory": "192Mi"}}
    return world.crashing(pod, code=137, reason="OOMKilled")


def one_of_four(world: World) -> World:
    world.with_main("gate", readinessProbe={"httpGet": {"path": "/ready", "port": 8000}, "periodSeconds": 5})
    world.replicas("gate", 4)
    pod = world.pods("gate")[3]
    message = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    return world.not_ready(pod, 600).event(pod, "Pod", "Unhealthy", message, 4)


def within(world: World) -> World:
    """A rolling update that may take one of four away; the new pod has begun twenty seconds ago."""
    pod = second_set(world, "gate", 20)
    made = world.workload("gate")
    made["spec"] |= {"replicas": 4, "strategy": {"type": "RollingUpdate",
                                                 "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}}  # fmt: skip
    made["status"] |= {"replicas": 4, "readyReplicas": 3, "availableReplicas": 3, "updatedReplicas": 1}
    first = world.pod("gate")
    for number in (2, 3):
        other = copy.deepcopy(first)
        other["metadata"] |= {"name": f"gate-7fc868cd79-y{number}", "uid": f"gate-y{number}"}
        other["status"]["podIP"] = f"10.85.0.{150 + number}"
        world.view["pods"].append(other)
        group(world, "gate")["addresses"].append({"ip": f"10.85.0.{150 + number}", "pod": other["metadata"]["name"]})
    return world.not_ready(pod, 20)


def settling(world: World) -> World:
    """Ready for thirty seconds; two minutes are asked for before it counts as available."""
    pod = second_set(world, "gate", 34)
    world.workload("gate")["spec"]["minReadySeconds"] = 120
    return born(world, pod, 34)


def bare(world: World, name: str, code: int, *, age: float, **annotations: str) -> Json:
    """A pod of nobody's that ended."""
    spec = {"containers": [{"name": "run", "image": "busybox:1"}], "restartPolicy": "Never", "nodeName": "lab-node"}
    pod: Json = {
        "metadata": {"name": name, "uid": f"p-{name}", "labels": {"app": name}, "creationTimestamp": world.ago(age),
                     "annotations": {key.replace("__", "/").replace("_", "."): x for key, x in annotations.items()}},
        "spec": spec,
        "status": {"phase": "Running", "podIP": "10.85.8.9", "startTime": world.ago(age), "conditions": [],
                   "containerStatuses": [{"name": "run", "ready": True, "image": "x",
                                          "state": {"running": {"startedAt": world.ago(age)}}}]},
    }  # fmt: skip
    world.view["pods"].append(pod)
    ended(world, pod, code, ago=age - 50)
    return pod


def chaos(world: World) -> World:
    """An experiment deleted a pod twenty seconds ago; its successor is up for ten."""
    pod = world.pod("gate")
    pod["metadata"] |= {"name": "gate-7fc868cd79-new01", "uid": "gate-n1"}
    group(world, "gate")["addresses"][0]["pod"] = pod["metadata"]["name"]
    old = {"metadata": {"name": "gate-7fc868cd79-5nkrq", "uid": "gone"}}
    born(world, pod, 20)
    world.event(old, "Pod", "Killing", "Stopping container gate", 22)
    return world.log("gate", *((age, WELL["gate"]) for age in (14, 9, 3)))


def numbered_from_five(world: World) -> World:
    """The ordinals of the broker begin at five."""
    world.workload("broker")["spec"]["ordinals"] = {"start": 5}
    pod = world.pod("broker-0")
    pod["metadata"]["name"] = "broker-5"
    pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = "broker-5"
    group(world, "broker")["addresses"][0]["pod"] = "broker-5"
    for item in world.view["logs"]:
        if item["pod"] == "broker-0":
            item["pod"] = "broker-5"
    return world


def deployer(world: World) -> World:
    """OpenShift: the pod that rolled it out has ended, as it should."""
    world.owned_by("gate", "ReplicationController", labels={"deploymentconfig": "gate"})
    pod = bare(world, "gate-1-deploy", 0, age=3 * DAY)
    pod["metadata"]["labels"] = {"openshift.io/deployer-pod-for.name": "gate-1"}
    return world


def cluster_of_two(world: World) -> World:
    """An operator runs the database: the copy keeps ending, the primary serves what is called."""
    world.owned_by("db", "Cluster", labels={"cnpg.io/cluster": "db", "role": "primary"})
    first = world.pod("db")
    first["metadata"]["name"] = "db-1"
    group(world, "db")["addresses"][0]["pod"] = "db-1"
    for item in world.view["logs"]:
        if item["pod"].startswith("db-"):
            item["pod"] = "db-1"
    copy_of = copy.deepcopy(first)
    copy_of["metadata"] |= {"name": "db-2", "uid": "db-2"}
    copy_of["metadata"]["labels"]["role"] = "replica"
    copy_of["status"]["podIP"] = "10.85.4.200"
    world.view["pods"].append(copy_of)
    world.service("db")["spec"]["selector"] = {"cnpg.io/cluster": "db", "role": "primary"}
    return world.crashing(copy_of)


def silent_node(world: World, age: float) -> World:
    for condition in world.view["nodes"][0]["status"]["conditions"]:
        if condition["type"] == "Ready":
            condition |= {"status": "Unknown", "reason": "NodeStatusUnknown", "lastTransitionTime": world.ago(age)}
    return world


def another(world: World) -> World:
    """The broker restarted five times until yesterday; the labels are not ready now."""
    world.restarted(world.pod("broker"), ended=30 * HOUR, lasted=600, count=5)
    message = 'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")'
    world.with_main("labels", readinessProbe={"grpc": {"port": 9090}, "periodSeconds": 5})
    pod = world.pod("labels")
    return world.not_ready(pod, 600).event(pod, "Pod", "Unhealthy", message, 4)


def suspended_after(world: World) -> World:
    """Its last run failed two days ago; then it was suspended."""
    found = named(world, "cronjobs", "nightly-manifest")
    found["spec"]["suspend"] = True
    found["status"] = {"lastScheduleTime": world.ago(2 * DAY), "lastSuccessfulTime": world.ago(3 * DAY)}
    return world


def stale_claim(world: World) -> World:
    """A claim of this name was made anew yesterday; the event is of the one before."""
    claim = named(world, "persistentvolumeclaims", "data-broker-0")
    message = 'storageclass.storage.k8s.io "fast" not found'
    return world.event(claim, "PersistentVolumeClaim", "ProvisioningFailed", message, 10 * MINUTE, uid="before")


BESIDE = (
    ShopCase("the newest revision of Knative is at zero, the one before serves", "open",
             lambda w: revisions(w, crashes=False), asks=("namespace", "deployment/gate")),
    ShopCase("the newest revision of Knative crashes, the one before serves", "fault",
             lambda w: revisions(w, crashes=True), words=("gate-00002",), about=("gate-00002",)),
    ShopCase("paused by KEDA where it is", "ok",
             lambda w: w.annotate("gate", **{"autoscaling.keda.sh/paused": "true"})),
    ShopCase("an injected init container keeps failing", "fault", injected_init, words=("vault-agent-init",),
             about=("scan-intake",), asks=("namespace", "deployment/scan-intake")),
    ShopCase("an injected agent is killed for memory, its program serves", "names", agent_killed,
             words=("otel-agent",), about=("gate",), never=("raise",)),
    ShopCase("an injected proxy of one of two is not ready", "fault", proxy_of_one, words=("istio-proxy", "1 of 2"),
             about=("gate",)),
    ShopCase("an injected native sidecar ended once at night", "ok",
             lambda w: (injected(w, "gate", "linkerd-proxy", native=True),
                        w.pod("gate")["status"]["initContainerStatuses"][0].update(restartCount=1, lastState={
                            "terminated": {"exitCode": 1, "reason": "Error", "finishedAt": w.ago(9 * HOUR)}}))),
    ShopCase("a native sidecar of a new pod starts for twenty seconds", "open", lambda w: shipper(w, 20)),
    ShopCase("a native sidecar never starts, and its program waits", "fault", lambda w: shipper(w, 1_200),
             words=("log-shipper",), about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("killed for memory at a limit that VPA set", "fault", sized,
             words=("VerticalPodAutoscaler labels", "192Mi"), about=("labels",),
             asks=("namespace", "deployment/labels")),
    ShopCase("one of four is not ready", "fault", one_of_four, words=("1 of 4",), about=("gate",)),
    ShopCase("an update that may take one of four away", "open", within),
    ShopCase("ready for thirty seconds, which does not count yet", "open", settling),
    ShopCase("a test of Helm failed", "open",
             lambda w: bare(w, "gate-test-connection", 1, age=HOUR, helm_sh__hook="test")),
    ShopCase("somebody's busybox ended with 130 an hour ago", "open", lambda w: bare(w, "debug", 130, age=HOUR)),
    ShopCase("an experiment deleted a pod", "open", chaos),
    ShopCase("ordinals that begin at five", "ok", numbered_from_five, asks=("namespace", "statefulset/broker")),
    ShopCase("OpenShift's deployer has ended", "ok", deployer),
    ShopCase("the copy of an operator's database crashes, the primary serves", "fault", cluster_of_two, "shop",
             ("db", "1 of 2"), ("db", "Cluster")),
    ShopCase("the node has not reported for fifteen seconds", "open", lambda w: silent_node(w, 15), not_healthy=True),
    ShopCase("restarts of yesterday, and another program is not ready now", "fault", another, words=("labels",),
             about=("labels",)),
    ShopCase("a run failed two days ago, and it was suspended", "fault", suspended_after, words=("is suspended",),
             about=("nightly-manifest",), never=("failed",)),
    ShopCase("an event about the claim before", "ok", stale_claim),
    ShopCase("a backup outside of the app fails, and the gate is asked about", "open",
             lambda w: (w.beside("ledger-backup", {"app": "ledger-backup"}, ready=False),
                        w.crashing(w.pod("ledger-backup"), code=4)), asks=("deployment/gate",)),
)  # fmt: skip
