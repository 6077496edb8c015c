"""Rollouts, runs, nodes and helpers at a turn: what is under way, what is over, what is hit in part, what is unread."""

from __future__ import annotations

import copy

from tests.nearmiss.programs.keepers import unread_log
from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import (
    HOUR,
    REFUSED,
    ended,
    group,
    job,
    named,
    pending,
    says,
    second_set,
    state,
    unread,
    waits,
    zero,
)
from tests.support.near_miss_world import DAY, Json, World

LABELS = "172.30.117.217:9090"
CALLED = ("namespace", "deployment/labels", "deployment/track-view")


def paused_halfway(world: World) -> World:
    """Somebody holds a rollout: one pod of each revision, and both serve."""
    second_set(world, "labels", 2 * HOUR)
    world.workload("labels")["spec"]["paused"] = True
    return world


def dead_beside(world: World) -> World:
    """The sorter keeps ending; the gate does not call it."""
    world.crashing(world.pod("sorter"), code=1, count=14)
    world.workload("sorter")["status"] |= {"readyReplicas": 0, "availableReplicas": 0}
    return world.log("sorter", (61, "celery.exceptions.ImproperlyConfigured: no broker transport"), previous=True)


def node_was_away(world: World) -> World:
    """Its node did not report for a minute, four minutes ago."""
    node = world.view["nodes"][0]
    for condition in node["status"]["conditions"]:
        if condition["type"] == "Ready":
            condition["lastTransitionTime"] = world.ago(180)
    for pod in world.view["pods"]:
        for condition in pod["status"].get("conditions", []):
            if condition["type"] in ("Ready", "ContainersReady") and condition["status"] == "True":
                condition["lastTransitionTime"] = world.ago(178)
    return world.event(node, "Node", "NodeNotReady", "Node lab-node status is now: NodeNotReady", 240)


def piled_up(world: World) -> World:
    """Runs that may stand beside each other: three are at work."""
    for number in range(3):
        job(world, f"purge-{number}", owner="purge", age=70 + 60 * number, active=1)
        world.view["pods"][-1]["metadata"]["uid"] = f"run{number}"
    return world


def map_of_a_job(world: World) -> World:
    pod = job(world, "reindex", active=1, age=900)
    pod["spec"] = {**copy.deepcopy(pod["spec"]), "volumes": [{"name": "c", "configMap": {"name": "reindex-conf"}}]}
    waits(world, pod, "ContainerCreating", since=900)
    said = 'MountVolume.SetUp failed for volume "c" : configmap "reindex-conf" not found'
    return world.event(pod, "Pod", "FailedMount", said, 25)


def unready_part(world: World, age: float) -> World:
    """One of three answers its probe with 500."""
    world.with_main("labels", readinessProbe={"httpGet": {"path": "/ready", "port": 9090}, "periodSeconds": 10})
    world.replicas("labels", 3)
    world.workload("labels")["status"] |= {"replicas": 3, "readyReplicas": 2, "availableReplicas": 2}
    pod = world.pods("labels")[-1]
    world.not_ready(pod, age)
    for one in world.pods("labels"):  # whoever is asked after a moment answers again
        failed = one is pod and age > 60
        outcome = {"outcome": "http_error", "status": 500} if failed else {"outcome": "ok", "status": 200}
        asked = {"target": f"pod/{one['metadata']['name']}", "port": "9090", "path": "/ready"}
        world.view["health"].append(asked | outcome)
    return world.event(pod, "Pod", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500", 4)


def flapping(world: World, times: int, since: float) -> World:
    """The same for six seconds, after its probe has failed so often since then."""
    unready_part(world, 6)
    world.view["events"][-1] |= {"count": times, "firstTimestamp": world.ago(since)}
    return world


def memory_of_one(world: World) -> World:
    world.with_main("labels", resources={"limits": {"memory": "64Mi"}})
    world.replicas("labels", 3)
    world.workload("labels")["status"] |= {"replicas": 3, "readyReplicas": 2, "availableReplicas": 2}
    return world.crashing(world.pods("labels")[1], code=137, reason="OOMKilled", count=12)


def image_of_a_sidecar(world: World) -> World:
    """The sidecar of the new revision cannot be pulled; the old pod serves."""
    pod = second_set(world, "labels", 900)
    box = {"name": "stats", "image": "acme/stats:9"}
    pod["spec"] = copy.deepcopy(pod["spec"])
    pod["spec"]["containers"].append(box)
    pod["status"]["containerStatuses"].append({"name": "stats", "ready": False, "image": "acme/stats:9", "state": {}})
    newest = world.view["replicasets"][-1]["spec"]["template"]["spec"] = copy.deepcopy(
        world.view["replicasets"][-1]["spec"]["template"]["spec"]
    )
    newest["containers"].append(box)
    world.workload("labels")["spec"]["template"]["spec"]["containers"].append(box)
    world.not_ready(pod, 895)
    pod["status"]["containerStatuses"][0]["ready"] = True
    message = 'Back-off pulling image "acme/stats:9"'
    state(world, pod, container=1, waiting={"reason": "ImagePullBackOff", "message": message})
    said = 'Failed to pull image "acme/stats:9": rpc error: code = NotFound desc = acme/stats:9: not found'
    return world.event(pod, "Pod", "Failed", said, 20)


def scaled_up(world: World) -> World:
    """An autoscaler has just asked for three more, which find no node yet."""
    world.replicas("labels", 4)
    world.workload("labels")["status"] |= {"replicas": 4, "readyReplicas": 1, "availableReplicas": 1}
    for pod in world.pods("labels")[1:]:
        pending(world, pod, "0/1 nodes are available: 1 Insufficient cpu.", 9)
    return world


def moved_volume(world: World, age: float) -> World:
    """Its pod came to another node, and the volume is still attached to the one before."""
    pod = world.pod("ledger")
    waits(world, pod, "ContainerCreating", since=age)
    group(world, "ledger")["addresses"] = []
    world.workload("ledger")["status"] |= {"readyReplicas": 0}
    said = 'Multi-Attach error for volume "pvc-41" Volume is already exclusively attached to one node'
    world.event(pod, "Pod", "FailedAttachVolume", said, min(age - 2, 30))
    line = "E, ERROR -- : Mysql2::Error::ConnectionError: Can't connect to MySQL server on 'ledger:3306' (111)"
    return says(world, "track-view", line) if age > 300 else world


def blind(world: World) -> World:
    """The labels' probe fails for an hour, and no log may be read."""
    world.with_main("labels", readinessProbe={"httpGet": {"path": "/ready", "port": 9090}, "periodSeconds": 10})
    pod = world.pod("labels")
    world.not_ready(pod, HOUR)
    world.workload("labels")["status"] |= {"readyReplicas": 0, "availableReplicas": 0}
    world.event(pod, "Pod", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500", 4)
    for item in world.view["logs"]:
        unread_log(world, item["pod"])
    return world


def hanging_job(world: World) -> World:
    """A run's init container ends with 1 again and again."""
    pod = job(world, "reindex", active=1, age=1_500)
    pod["spec"] = {**copy.deepcopy(pod["spec"]), "initContainers": [{"name": "fetch", "image": "acme/fetch:1"}]}
    waits(world, pod, "PodInitializing", since=1_500)
    end = {"exitCode": 1, "reason": "Error", "startedAt": world.ago(80), "finishedAt": world.ago(70)}
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}
    pod["status"]["initContainerStatuses"] = [{
        "name": "fetch", "ready": False, "restartCount": 8, "image": "acme/fetch:1", "state": {"waiting": waiting},
        "lastState": {"terminated": end}}]  # fmt: skip
    text = f"{world.ago(71)} curl: (22) The requested URL returned error: 404 for https://files.example/41.csv\n"
    world.view["logs"].append({"pod": pod["metadata"]["name"], "container": "fetch", "previous": True, "text": text})
    return world


def unauthorized(world: World) -> World:
    line = 'E1129 17:38:00.118201       1 reflector.go:158] "Unhandled Error" err="cannot list *v1.Pod: Unauthorized"'
    return says(world, "sorter", line)


def long_ago_scaled(world: World) -> World:
    """A worker that nobody calls is at zero since yesterday, and its last pods' events are gone."""
    zero(world, "sorter")
    for condition in world.workload("sorter")["status"].get("conditions", []):
        condition["lastTransitionTime"] = world.ago(DAY)
    return world


def done_at_last(world: World) -> World:
    """A run needed three tries, and was done."""
    done: Json = {"condition": "Complete", "succeeded": 1, "failed": 2, "completionTime": world.ago(30)}
    pod = job(world, "reindex", age=HOUR, **done)
    for number in range(2):
        first = copy.deepcopy(pod)
        first["metadata"] |= {"name": f"reindex-{number}", "uid": f"try{number}"}
        world.view["pods"].append(first)
        ended(world, first, 1, ago=900 + 600 * number)
    return ended(world, pod, 0)


TURNING = (
    ShopCase("a rollout is held halfway, and both revisions serve", "open", paused_halfway, asks=CALLED),
    ShopCase("another program keeps ending, and the gate is asked about", "ok", dead_beside, asks=("deployment/gate",)),
    ShopCase("another program keeps ending, and all are asked about", "fault", dead_beside, words=("sorter",),
             about=("sorter",), asks=("namespace", "deployment/sorter")),
    ShopCase("its node was away for a minute, four minutes ago", "ok", node_was_away, asks=CALLED),
    ShopCase("three runs stand beside each other, as they may", "open", piled_up, asks=("namespace", "cronjob/purge")),
    ShopCase("a Job waits for a ConfigMap that there is not", "fault", map_of_a_job, words=("reindex-conf",),
             about=("reindex",), asks=("namespace", "job/reindex")),
    ShopCase("one of three answers its probe with 500 for twenty minutes", "fault", lambda w: unready_part(w, 1_200),
             words=("1 of 3", "500"), about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("one of three answers its probe with 500 for six seconds", "ok", lambda w: unready_part(w, 6),
             asks=CALLED),
    ShopCase("one of three is ready and not ready, again and again", "fault", lambda w: flapping(w, 45, 600),
             words=("1 of 3", "500"), about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("one of three was not ready at its start two days ago, and blinks now", "ok",
             lambda w: flapping(w, 5, 2 * DAY), asks=("namespace", "deployment/labels")),
    ShopCase("one of three is killed for memory again and again", "fault", memory_of_one,
             words=("1 of 3", "labels-x2"), about=("labels",), asks=CALLED),
    ShopCase("the sidecar of a new revision cannot be pulled, the old pod serves", "fault", image_of_a_sidecar,
             words=("acme/stats:9",), about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("three more were asked for nine seconds ago", "open", scaled_up, asks=CALLED),
    ShopCase("a volume comes over from another node for twenty seconds", "open", lambda w: moved_volume(w, 20)),
    ShopCase("a volume does not come over from another node", "fault", lambda w: moved_volume(w, 900),
             words=("volume",), about=("ledger", "track-view"), asks=("namespace", "statefulset/ledger",
                                                                      "deployment/track-view")),
    ShopCase("its probe answers 500 for an hour, and no log may be read", "fault", blind, words=("labels", "500"),
             about=("labels", "track-view"), asks=CALLED),
    ShopCase("the init container of a Job ends again and again", "fault", hanging_job, words=("fetch",),
             about=("reindex",), asks=("namespace", "job/reindex")),
    ShopCase("its token is not accepted by the API server", "fault", unauthorized, words=("unauthorized",),
             about=("sorter",), asks=("namespace", "deployment/sorter")),
    ShopCase("a worker that nobody calls is at zero since yesterday", "open", long_ago_scaled,
             asks=("namespace", "deployment/gate")),
    ShopCase("a run needed three tries, and was done", "ok", done_at_last, asks=("namespace", "job/reindex")),
    ShopCase("all is well, and Jobs and CronJobs are unread", "open", lambda w: unread(w, "jobs", "cronjobs")),
    ShopCase("calls are refused, and endpoints are unread", "fault",
             lambda w: unread(says(w, "track-view", REFUSED.format(LABELS)), "endpoints"), words=("labels",),
             asks=("namespace", "deployment/track-view")),
    ShopCase("a run of the night that was never due, and is asked about", "ok",
             lambda w: named(w, "cronjobs", "purge").update(
                 spec={**named(w, "cronjobs", "purge")["spec"], "schedule": "0 3 * * *"}, status={},
                 metadata={**named(w, "cronjobs", "purge")["metadata"], "creationTimestamp": w.ago(HOUR)}),
             asks=("namespace", "cronjob/purge")),
)  # fmt: skip
