"""Starts, ends and controllers: who runs the pods, how many of them serve, and which container it was."""

from copy import deepcopy

from tests.nearmiss.shops.making import born, pending
from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import HERE, WELL, down, refused, waiting
from tests.nearmiss.variants.meshes import injected
from tests.nearmiss.variants.more import stateful
from tests.nearmiss.variants.network import REFUSED
from tests.nearmiss.variants.pods import OUTAGE, PROBE_503, scaled_to_zero
from tests.support.near_miss_world import DAY, World

CLOSED = 'Readiness probe failed: Get "http://10.85.0.77:8080/health": dial tcp 10.85.0.77:8080: connect: {}'


def dying_young(world: World) -> World:
    """Made seventy seconds ago; it ended three times by itself, and waits for the next try."""
    pod = world.pod("api-server")
    born(world, pod, 70)
    world.crashing(pod, count=3)
    pod["status"]["containerStatuses"][0]["lastState"]["terminated"] |= {
        "startedAt": world.ago(18), "finishedAt": world.ago(15)}  # fmt: skip
    for item in pod["status"]["conditions"]:
        item["lastTransitionTime"] = world.ago(69)
    world.event(pod, "Pod", "BackOff", "Back-off restarting failed container api-server in pod", 9)
    world.log("api-server", (16, "ModuleNotFoundError: No module named 'onyx.server'"), previous=True)
    return down(world)


def handed_over(world: World) -> World:
    """Recreate: the pod before it ends for twelve seconds, the new one waits for its volume."""
    old = world.pod("api-server")
    old["metadata"] |= {"deletionTimestamp": world.ago(-18), "deletionGracePeriodSeconds": 30}
    new = deepcopy(old)
    new["metadata"] |= {"name": "api-server-6bd-new", "uid": "new"}
    new["metadata"].pop("deletionTimestamp")
    world.not_ready(old, 12)
    world.view["pods"].append(new)
    born(world, new, 6)
    waiting(world, new, "ContainerCreating", "")
    for item in new["status"]["conditions"]:
        item["lastTransitionTime"] = world.ago(6)
    world.workload("api-server")["spec"]["strategy"] = {"type": "Recreate"}
    world.answers("no_endpoints", pod=False).unasked(old)
    return world.log("web-server", (30, WELL[1]), (8, REFUSED.format(HERE)), (3, REFUSED.format(HERE)))


def several(world: World, count: int, *bad: str) -> World:
    """So many pods, of which the last ones crash, are killed for memory or fail their probe."""
    world.replicas("api-server", count)
    for pod, how in zip(reversed(world.pods("api-server")), bad, strict=False):
        if how == "probe":
            world.not_ready(pod, 600).event(pod, "Pod", "Unhealthy", PROBE_503, 4)
        else:
            memory = how == "memory"
            world.crashing(pod, code=137 if memory else 1, reason="OOMKilled" if memory else "Error")
    return world


def hpa(world: World, current: int, desired: int, *conditions: tuple[str, str, str, str], **spec: object) -> World:
    """An autoscaler of the API with these conditions (type, status, reason, message)."""
    target = {"kind": "Deployment", "name": "api-server"}
    listed = [{"type": a, "status": b, "reason": c, "message": d, "lastTransitionTime": world.ago(600)}
              for a, b, c, d in conditions]  # fmt: skip
    world.view["horizontalpodautoscalers"] = [{
        "metadata": {"name": "api-server", "uid": "hpa"},
        "spec": {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 4, **spec},
        "status": {"currentReplicas": current, "desiredReplicas": desired, "conditions": listed},
    }]  # fmt: skip
    return world


def switched_off_by_hand(world: World) -> World:
    """Somebody scaled it to zero; an autoscaler leaves what is at zero alone, so it does not hold it there."""
    refused(scaled_to_zero(world))
    return hpa(world, 0, 0, ("ScalingActive", "False", "ScalingDisabled",
                             "scaling is disabled since the replica count of the target is zero"))  # fmt: skip


def owned_elsewhere(world: World, *, crash: bool) -> World:
    """A DaemonSet has the pods that the Service leads to; the Deployment of that name is at zero."""
    pod = world.pod("api-server")
    pod["metadata"] |= {"name": "api-server-ds-k2x", "ownerReferences": [
        {"kind": "DaemonSet", "name": "api-server-ds", "uid": "ds", "controller": True}]}  # fmt: skip
    for group in world.view["endpoints"]:
        group["addresses"][0]["pod"] = "api-server-ds-k2x"
    for item in world.view["health"]:
        item["target"] = item["target"].replace("api-server-97df48b64-rm7c8", "api-server-ds-k2x")
    for item in world.view["logs"]:
        item["pod"] = item["pod"].replace("api-server-97df48b64-rm7c8", "api-server-ds-k2x")
    made = world.workload("api-server")
    made["spec"]["replicas"], made["status"] = 0, {"observedGeneration": 2}
    return down(world.crashing(pod)) if crash else world


def of_rollout(world: World) -> World:
    """Argo's Rollout refers to the Deployment, which is at zero on purpose; the Rollout's pods crash."""
    made = world.workload("api-server")
    made["spec"]["replicas"], made["status"] = 0, {"observedGeneration": 2}
    for item in world.view["replicasets"]:
        if item["metadata"]["name"].startswith("api-server"):
            item["metadata"]["ownerReferences"] = [
                {"kind": "Rollout", "name": "api-server", "uid": "ro", "controller": True}
            ]
    return down(world.crashing(world.pod("api-server")))


def init_ends(world: World, code: int, reason: str) -> World:
    """Its init container ends so again and again."""
    world.container("api-server", init=True, name="migrate", resources={"limits": {"memory": "128Mi"}})
    pod = world.pod("api-server")
    waiting(world, pod, "PodInitializing", "")
    for item in pod["status"]["conditions"]:
        if item["type"] == "Initialized":
            item |= {"status": "False", "reason": "ContainersNotInitialized"}
    end = {"exitCode": code, "reason": reason, "startedAt": world.ago(70), "finishedAt": world.ago(60)}
    pod["status"]["initContainerStatuses"][0] |= {
        "ready": False, "started": False, "restartCount": 7, "lastState": {"terminated": end},
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}}  # fmt: skip
    world.event(pod, "Pod", "BackOff", "Back-off restarting failed container migrate in pod", 20)
    return down(world)


def helper_ends(world: World) -> World:
    """A helper of the template does its work, ends with 0, and is started again and again."""
    world.container("api-server", name="sync-files")
    pod = world.pod("api-server")
    world.crashing(pod, code=0, reason="Completed", container=1, count=14)
    pod["status"]["containerStatuses"][0]["ready"] = True
    return down(world)


def just_back(world: World, ready: bool) -> World:
    """It ended once after four days, and began again twelve seconds ago."""
    pod = world.pod("api-server")
    world.restarted(pod, ended=13, lasted=4 * DAY)
    if ready:
        return world
    world.not_ready(pod, 13).answers("refused", service=False).answers("no_endpoints", pod=False)
    world.event(pod, "Pod", "Unhealthy", CLOSED.format("connection refused"), 4)
    return world.log("web-server", (30, WELL[1]), (11, REFUSED.format(HERE)), (5, REFUSED.format(HERE)))


def by_its_node(world: World) -> World:
    """137 without OOMKilled, and the node tells that it ran out of memory itself."""
    world.crashing(world.pod("api-server"), code=137)
    node = world.view["nodes"][0]
    message = "System OOM encountered, victim process: python3, pid: 81712"
    world.event(node, "Node", "SystemOOM", message, 70)
    world.event(node, "Node", "SystemOOM", message, 400)
    return down(world)


def evicted_for_good(world: World) -> World:
    """The node put it out, and no node has room for the next one."""
    old = world.pod("api-server")
    new = deepcopy(old)
    old["status"] = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}
    new["metadata"] |= {"name": "api-server-97df48b64-q5w2z", "uid": "q5"}
    world.view["pods"].append(new)
    world.view["endpoints"][0]["addresses"] = []
    pending(world, new, "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/memory-pressure}")
    return down(world.unasked(old))


def drained(world: World) -> World:
    """Its node was drained a quarter of an hour ago; no other node may take it."""
    world.view["nodes"][0]["spec"] = {"unschedulable": True}
    pod = world.pod("api-server")
    world.view["endpoints"][0]["addresses"] = []
    pending(world, pod, "0/1 nodes are available: 1 node(s) were unschedulable.", 900)
    return down(world.unasked(pod))


def reclaimed(world: World) -> World:
    """A spot node was taken away half a minute ago; the next pod waits for the node that is being made."""
    pod = world.pod("api-server")
    world.view["endpoints"][0]["addresses"] = []
    pending(world, pod, "0/1 nodes are available: 1 Insufficient cpu.", 25)
    world.event(pod, "Pod", "TriggeredScaleUp", "pod triggered scale-up: [{spot-a 1->2 (max: 6)}]", 20)
    world.unasked(pod).answers("no_endpoints", pod=False)
    return world.log("web-server", (60, WELL[1]), (20, REFUSED.format(HERE)), (4, REFUSED.format(HERE)))


def undeletable(world: World) -> World:
    """Being deleted for half an hour, held by a finalizer; nothing new is made before it is gone."""
    pod = world.pod("api-server")
    world.not_ready(pod, 1_770)
    pod["metadata"] |= {"deletionTimestamp": world.ago(1_770), "deletionGracePeriodSeconds": 30,
                        "finalizers": ["backup.example.com/wait"]}  # fmt: skip
    world.workload("api-server")["spec"]["strategy"] = {"type": "Recreate"}
    pod["status"]["containerStatuses"][0] |= {"state": {"terminated": {
        "exitCode": 0, "reason": "Completed", "finishedAt": world.ago(1_765)}}}  # fmt: skip
    return down(world.unasked(pod))


def deployer_failed(world: World) -> World:
    """OpenShift: the newest deployment of the DeploymentConfig failed, and it went back; the one before serves."""
    world.owned_by("api-server", "ReplicationController", labels={"deploymentconfig": "api-server"})
    pod = deepcopy(world.pod("web-server"))
    end = {"exitCode": 1, "reason": "Error", "finishedAt": world.ago(700)}
    pod["metadata"] = {"name": "api-server-3-deploy", "uid": "deploy", "creationTimestamp": world.ago(1_300),
                       "labels": {"openshift.io/deployer-pod-for.name": "api-server-3"},
                       "ownerReferences": [{"kind": "ReplicationController", "name": "api-server-3", "uid": "rc3",
                                            "controller": True}]}  # fmt: skip
    pod["spec"] = {"restartPolicy": "Never", "nodeName": "lab-node", "containers": [{"name": "deployment"}]}
    pod["status"] = {"phase": "Failed", "containerStatuses": [{"name": "deployment", "state": {"terminated": end}}]}
    world.view["pods"].append(pod)
    return world


def no_pod(world: World, reason: str, message: str) -> World:
    """The API server refuses its pods."""
    pod = world.pod("api-server")["metadata"]["name"]
    world.unasked(world.pod("api-server"))
    world.view["pods"] = [x for x in world.view["pods"] if x["metadata"]["name"] != pod]
    world.view["logs"] = [x for x in world.view["logs"] if x["pod"] != pod]
    world.view["endpoints"][0]["addresses"] = []
    world.workload("api-server")["status"] = {"observedGeneration": 1, "unavailableReplicas": 1, "conditions": [
        {"type": "ReplicaFailure", "status": "True", "reason": reason, "message": message,
         "lastTransitionTime": world.ago(900)}]}  # fmt: skip
    owner = next(x for x in world.view["replicasets"] if x["metadata"]["name"].startswith("api-server"))
    return down(world.event(owner, "ReplicaSet", reason, message, 30))


def held_half_way(world: World) -> World:
    """Paused in the middle of a rollout: two pods of the old revision and one of the new one, and all serve."""
    world.replicas("api-server", 3)
    made = world.workload("api-server")
    made["spec"]["paused"] = True
    made["status"] |= {"replicas": 3, "updatedReplicas": 1, "readyReplicas": 3, "availableReplicas": 3}
    made["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    old = next(x for x in world.view["replicasets"] if x["metadata"]["name"].startswith("api-server"))
    new = deepcopy(old)
    new["metadata"] |= {"name": "api-server-6bd", "uid": "rs-6bd", "creationTimestamp": world.ago(DAY),
                        "annotations": {"deployment.kubernetes.io/revision": "2"}}  # fmt: skip
    new["spec"]["replicas"], old["spec"]["replicas"] = 1, 2
    world.view["replicasets"].append(new)
    pod = world.pods("api-server")[-1]
    pod["metadata"]["ownerReferences"] = [
        {"kind": "ReplicaSet", "name": "api-server-6bd", "uid": "rs-6bd", "controller": True}
    ]
    return born(world, pod, DAY)


def proxy_of(world: World, *, crash: bool) -> World:
    """The Service leads to a native sidecar by its port's name, which takes the calls on to the program."""
    ports = [{"name": "http", "containerPort": 4180}]
    world.container("api-server", init=True, name="oauth2-proxy", restartPolicy="Always", ports=ports)
    world.service()["spec"]["ports"][0]["targetPort"] = "http"
    world.view["endpoints"][0]["ports"][0]["port"] = 4180
    if not crash:
        return world
    pod = world.pod("api-server")
    world.not_ready(pod)
    pod["status"]["containerStatuses"][0]["ready"] = True
    end = {"exitCode": 1, "reason": "Error", "startedAt": world.ago(70), "finishedAt": world.ago(60)}
    pod["status"]["initContainerStatuses"][0] |= {
        "ready": False, "started": False, "restartCount": 9, "lastState": {"terminated": end},
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}}  # fmt: skip
    return down(world)


def restarting_still(world: World) -> World:
    pod = world.pod("api-server")
    world.event(pod, "Pod", "BackOff", "Back-off restarting failed container api-server in pod", 120)
    world.restarted(pod, ended=100, lasted=250, count=5)
    return world.log("web-server", (300, WELL[1]), (105, REFUSED.format(HERE)), (98, REFUSED.format(HERE)), WELL)


LIVES = (
    Variant("seventy seconds old, and ended three times by itself", "fault", dying_young, ("api-crash-looping",)),
    Variant("the pod before it still ends, the new one waits for its volume", "open", handed_over),
    Variant("three of four crash, one serves", "part", lambda w: several(w, 4, "crash", "crash", "crash"),
            ("api-crash-looping",), ("3 of 4",), OUTAGE),
    Variant("two of four crash, the other two fail their probe", "fault",
            lambda w: down(several(w, 4, "crash", "crash", "probe", "probe").answers("http_error", 503)),
            ("api-crash-looping", "api-not-ready")),
    Variant("one of two is killed for memory, the other one fails its probe", "fault",
            lambda w: down(several(w, 2, "memory", "probe").answers("http_error", 503)),
            ("api-oom-killed", "api-not-ready")),
    Variant("an autoscaler of KEDA has it at one, and it serves", "ok",
            lambda w: (hpa(w, 1, 1, ("AbleToScale", "True", "ReadyForNewScale", "ready")),
                       w.view["horizontalpodautoscalers"][0]["metadata"].update(name="keda-hpa-api"),
                       w.workload("api-server")["metadata"]["labels"].update({"scaledobject.keda.sh/name": "api"}))),
    Variant("at zero by hand, which its autoscaler leaves alone", "names", switched_off_by_hand,
            ("api-scaled-to-zero",)),
    Variant("its Deployment is at zero, a DaemonSet serves in its place", "open",
            lambda w: owned_elsewhere(w, crash=False)),
    Variant("its Deployment is at zero, the DaemonSet in its place crashes", "fault",
            lambda w: owned_elsewhere(w, crash=True), ("api-crash-looping",)),
    Variant("a StatefulSet at zero, and calls are refused", "fault",
            lambda w: (stateful(w), refused(scaled_to_zero(w))), ("api-scaled-to-zero",)),
    Variant("a Rollout that refers to the Deployment, and crashes", "fault", of_rollout, ("api-crash-looping",)),
    Variant("an init container is killed for memory, again and again", "fault",
            lambda w: init_ends(w, 137, "OOMKilled"), ("api-oom-killed", "api-init-failing"), ("migrate",)),
    Variant("an init container of another image's processor", "fault", lambda w: init_ends(w, 255, "Error"),
            ("api-init-failing", "api-crash-looping", "api-command-not-found"), ("migrate",)),
    Variant("a helper of the template ends with 0 again and again", "names", helper_ends,
            ("api-crash-looping", "api-sidecar-failing"), ("sync-files",)),
    Variant("it ended once after four days, and is up for twelve seconds", "open", lambda w: just_back(w, False)),
    Variant("it ended once after four days, is up for twelve seconds, and ready", "open",
            lambda w: just_back(w, True)),
    Variant("five ends in half an hour, up for two minutes", "fault", restarting_still, ("api-crash-looping",)),
    Variant("137 again and again, and the node itself has no memory left", "fault", by_its_node,
            ("api-crash-looping", "api-oom-killed")),
    Variant("put out by its node, and no node takes the next one", "fault", evicted_for_good, ("api-unschedulable",)),
    Variant("its node was drained, and no other one takes it", "fault", drained, ("api-unschedulable",)),
    Variant("its spot node was taken half a minute ago", "open", reclaimed),
    Variant("a finalizer holds the only pod for half an hour", "fault", undeletable),
    Variant("a deployment of OpenShift failed, the one before serves", "open", deployer_failed),
    Variant("no security context of OpenShift allows its pods", "fault",
            lambda w: no_pod(w, "FailedCreate", 'Error creating: pods "api-server-97df48b64-" is forbidden: unable to '
                             'validate against any security context constraint: [provider "restricted-v2": Forbidden: '
                             "not usable by user or serviceaccount]"), (), ("security context",)),
    Variant("a limit range refuses its pods", "fault",
            lambda w: no_pod(w, "FailedCreate", 'Error creating: pods "api-server-97df48b64-x" is forbidden: minimum '
                             "memory usage per Container is 512Mi, but request is 64Mi"), (), ("512Mi",)),
    Variant("paused in the middle of a rollout, and all serve", "ok", held_half_way),
    Variant("the native sidecar that takes the calls crashes", "names", lambda w: proxy_of(w, crash=True),
            ("api-crash-looping", "api-sidecar-failing"), ("oauth2-proxy",)),
    Variant("an injected agent is killed for memory, and the pod stays ready", "names",
            lambda w: w.restarted(w.pod("api-server"), ended=50, lasted=200, count=9, code=137, reason="OOMKilled",
                                  container=1) if injected(w, "datadog-agent") else None, (), ("datadog-agent",)),
    Variant("two of four are not ready for four seconds after an update", "open",
            lambda w: [w.replicas("api-server", 4), *(born(w, pod, 9).not_ready(pod, 4)
                                                      for pod in w.pods("api-server")[2:])]),
    Variant("an outage is pasted while its only pod begins anew", "open",
            lambda w: just_back(w, False), paste=OUTAGE),
)  # fmt: skip
