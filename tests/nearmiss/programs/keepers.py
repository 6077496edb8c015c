"""How the cases of `keeping` change a world: who keeps pods, what is left of them, what may not be read."""

from __future__ import annotations

import copy

from tests.nearmiss.shops.ending import init, init_says
from tests.nearmiss.shops.making import (
    HOUR,
    REFUSED,
    born,
    ended,
    extra,
    group,
    job,
    leftover,
    named,
    ordinals,
    pending,
    says,
    scaler,
    second_node,
    second_set,
    waits,
)
from tests.support.near_miss_world import DAY, Json, World

LABELS = "172.30.117.217:9090"


def controlled(world: World, name: str, kind: str, owner: str = "") -> World:
    """Its StatefulSet is gone; its pods are kept by an object of a kind of an operator."""
    world.view["statefulsets"] = [x for x in world.view["statefulsets"] if x["metadata"]["name"] != name]
    for pod in world.pods(name):
        pod["metadata"]["ownerReferences"] = [
            {"kind": kind, "name": owner or name, "uid": f"u-{kind}", "controller": True}
        ]
    return world


def brokers(world: World, *, crash: bool) -> World:
    """Strimzi's pod set of three, one of which may crash."""
    controlled(ordinals(world, "broker", 3), "broker", "StrimziPodSet")
    if crash:
        pod = world.pods("broker")[2]
        world.crashing(pod, code=1, count=14)
        said = f"{world.ago(61)} java.lang.IllegalStateException: log directory /data/kafka-log2 is offline\n"
        world.view["logs"].append(
            {"pod": pod["metadata"]["name"], "container": "broker", "previous": True, "text": said}
        )
    return world


def led(world: World, *, crash: bool) -> World:
    """A group of a LeaderWorkerSet: a StatefulSet of the leader, which is owned, and workers."""
    made = next(x for x in world.view["statefulsets"] if x["metadata"]["name"] == "broker")
    made["metadata"]["ownerReferences"] = [
        {"kind": "LeaderWorkerSet", "name": "broker", "uid": "lws-1", "controller": True}
    ]
    pod = world.pod("broker")
    pod["metadata"]["labels"] |= {
        "leaderworkerset.sigs.k8s.io/name": "broker",
        "leaderworkerset.sigs.k8s.io/worker-index": "0",
    }
    if crash:
        world.crashing(pod, code=1, count=9)
        made["status"]["readyReplicas"] = 0
        group(world, "broker")["addresses"][0]["ready"] = False
        world.log(
            "broker",
            (61, "RuntimeError: NCCL error: unhandled system error (run with NCCL_DEBUG=INFO for details)"),
            previous=True,
        )
    return world


def spark(world: World, code: int | None) -> World:
    """The driver of a SparkApplication; its executors are gone when it is done."""
    pod = job(world, "etl-driver", age=HOUR)
    world.view["jobs"].pop()
    labels = {"spark-role": "driver", "sparkoperator.k8s.io/app-name": "etl"}
    pod["metadata"] |= {
        "name": "etl-driver",
        "labels": labels,
        "ownerReferences": [{"kind": "SparkApplication", "name": "etl", "uid": "spark-1", "controller": True}],
    }
    return world if code is None else ended(world, pod, code, ago=600)


def ray(world: World) -> World:
    """A worker of a RayCluster finds no node with a GPU for twenty minutes."""
    pod = copy.deepcopy(world.pod("labels"))
    pod["metadata"] |= {
        "name": "ray-worker-gpu-x1",
        "uid": "ray-1",
        "labels": {"ray.io/cluster": "ray", "ray.io/node-type": "worker"},
        "ownerReferences": [{"kind": "RayCluster", "name": "ray", "uid": "ray", "controller": True}],
    }
    world.view["pods"].append(pod)
    return pending(
        world,
        pod,
        "0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: 0/1 nodes are "
        "available: 1 No "
        "preemption victims found for incoming pod.",
    )


def scaled_job(world: World) -> World:
    """KEDA made three Jobs from the queue; two are done, one works."""
    for number in range(3):
        done: Json = {"active": 1}
        if number < 2:
            done = {"condition": "Complete", "succeeded": 1, "completionTime": world.ago(30)}
        pod = job(world, f"resize-{number}", age=90, **done)
        world.view["jobs"][-1]["metadata"]["ownerReferences"] = [
            {"kind": "ScaledJob", "name": "resize", "uid": "sj", "controller": True}
        ]
        if number < 2:
            ended(world, pod, 0)
    return world


def analysed(world: World) -> World:
    """A measurement of an Argo Rollout ended badly, and the revision before serves on."""
    world.owned_by("labels", "Rollout", keep_sets=True)
    pod = job(world, "labels-smoke", condition="Failed", reason="BackoffLimitExceeded", failed=1, age=900)
    world.view["jobs"][-1]["metadata"]["ownerReferences"] = [
        {"kind": "AnalysisRun", "name": "labels-7", "uid": "ar", "controller": True}
    ]
    return ended(world, pod, 1, ago=800)


def activated(world: World) -> World:
    """Knative: nothing runs of it, and its Service leads to the activator, which would start it."""
    made = world.workload("labels")
    made["spec"]["replicas"] = 0
    made["metadata"]["ownerReferences"] = [
        {"kind": "Revision", "name": "labels-00001", "uid": "rev", "controller": True}
    ]
    made["metadata"]["labels"] = {
        "serving.knative.dev/service": "labels",
        "serving.knative.dev/revision": "labels-00001",
    }
    made["status"] = {"observedGeneration": 1}
    gone = {item["metadata"]["name"] for item in world.pods("labels")}
    world.view["pods"] = [item for item in world.view["pods"] if item["metadata"]["name"] not in gone]
    world.view["logs"] = [item for item in world.view["logs"] if item["pod"] not in gone]
    world.service("labels")["spec"].pop("selector")
    group(world, "labels")["addresses"] = [{"ip": "10.85.66.6", "ready": True}]
    return world


def missed(world: World) -> World:
    made = named(world, "cronjobs", "purge")
    made["spec"] |= {"schedule": "*/5 * * * *", "startingDeadlineSeconds": 5}
    made["status"] = {"lastScheduleTime": world.ago(26 * HOUR), "lastSuccessfulTime": world.ago(26 * HOUR)}
    said = "Missed scheduled time to start a job: Sun, 29 Nov 2026 17:35:00 +0000"
    return world.event(made, "CronJob", "MissSchedule", said, 150)


def old_failed_run(world: World) -> World:
    """A run of two days ago failed, and is kept as a record; all since were done."""
    pod = job(
        world, "purge-old", owner="purge", age=2 * DAY, condition="Failed", reason="BackoffLimitExceeded", failed=1
    )
    world.view["jobs"][-1]["status"]["conditions"][0]["lastTransitionTime"] = world.ago(2 * DAY - 60)
    return ended(world, pod, 1, ago=2 * DAY - 90)


def unpulled_job(world: World) -> World:
    pod = job(world, "reindex", active=1, age=900)
    waits(world, pod, "ImagePullBackOff", 'Back-off pulling image "acme/job:4"', since=900)
    return world.event(
        pod,
        "Pod",
        "Failed",
        'Failed to pull image "acme/job:4": rpc error: code = NotFound desc = '
        "failed to pull and "
        'unpack image "docker.io/acme/job:4": not found',
        20,
    )


def ignored_disruption(world: World) -> World:
    """Its first pod went with its node, which its policy does not count; the second one works."""
    pod = job(world, "reindex", active=1, age=HOUR)
    first = copy.deepcopy(pod)
    first["metadata"] |= {"name": "reindex-first", "uid": "p-first"}
    first["status"] = {
        "phase": "Failed",
        "reason": "",
        "message": "",
        "conditions": [
            {
                "type": "DisruptionTarget",
                "status": "True",
                "reason": "EvictionByEvictionAPI",
                "message": "Eviction API: evicting",
                "lastTransitionTime": world.ago(1800),
            }
        ],
        "containerStatuses": [
            {
                "name": "run",
                "ready": False,
                "image": "acme/job:4",
                "state": {
                    "terminated": {
                        "exitCode": 143,
                        "reason": "Error",
                        "startedAt": world.ago(HOUR),
                        "finishedAt": world.ago(1800),
                    }
                },
            }
        ],
    }
    world.view["pods"].append(first)
    born(world, pod, 1_790)
    return world.log(
        "reindex-abcde", *((age, f"reindexed {9000 - int(age)} of 41000") for age in (900, 300, 120, 30, 4))
    )


def hook(world: World, code: int, age: float) -> World:
    """A hook of Helm, as it is left after a release."""
    how: Json = (
        {"condition": "Failed", "reason": "BackoffLimitExceeded", "failed": 1}
        if code
        else {"condition": "Complete", "succeeded": 1}
    )
    pod = job(world, "depot-pre-upgrade", age=age, **how)
    world.view["jobs"][-1]["metadata"]["annotations"] = {
        "helm.sh/hook": "pre-upgrade",
        "helm.sh/hook-delete-policy": "before-hook-creation",
    }
    return ended(world, pod, code, ago=age - 40)


def waits_for_host(world: World, age: float, host: str) -> World:
    """The init container of the only pod asks again and again for a host."""
    pod = init(world, "labels", {"running": {"startedAt": world.ago(age - 5)}}, age=age)
    return init_says(
        world,
        "labels",
        pod,
        *(
            (age - 6 - 9 * n, f"nslookup: can't resolve '{host}': Name does not resolve")
            for n in range(min(5, int(age // 10)))
        ),
    )


def ephemeral(world: World) -> World:
    """Somebody looks into it with a debug container, which runs."""
    pod = world.pod("labels")
    pod["spec"]["ephemeralContainers"] = [
        {"name": "debugger-x7", "image": "busybox:1.37", "targetContainerName": "labels"}
    ]
    running = {
        "name": "debugger-x7",
        "ready": False,
        "image": "busybox:1.37",
        "state": {"running": {"startedAt": world.ago(200)}},
    }
    pod["status"]["ephemeralContainerStatuses"] = [running]
    return world


def shell(world: World) -> World:
    """Somebody's `kubectl run` of an hour, in which he has a shell."""
    pod = copy.deepcopy(world.pod("labels"))
    pod["metadata"] |= {"name": "ann-debug", "uid": "ann", "labels": {"run": "ann-debug"}, "ownerReferences": []}
    pod["spec"]["containers"] = [{"name": "ann-debug", "image": "busybox:1.37"}]
    pod["status"]["containerStatuses"][0]["name"] = "ann-debug"
    pod["status"]["podIP"] = "10.85.0.99"
    world.view["pods"].append(pod)
    return born(world, pod, HOUR)


def stale_progress(world: World) -> World:
    """It was rolled out too late two days ago, and is all there since."""
    for condition in world.workload("labels")["status"]["conditions"]:
        if condition["type"] == "Progressing":
            condition |= {
                "status": "False",
                "reason": "ProgressDeadlineExceeded",
                "lastTransitionTime": world.ago(2 * DAY),
                "message": 'ReplicaSet "labels-6859749c7b" has timed out progressing.',
            }
    return world


def broad(world: World) -> World:
    """Six replicas, of which two new ones start for ten seconds; six serve."""
    world.replicas("labels", 6)
    world.workload("labels")["status"] |= {
        "replicas": 8,
        "readyReplicas": 6,
        "updatedReplicas": 2,
        "availableReplicas": 6,
    }
    second_set_of(world)
    return world


def second_set_of(world: World) -> World:
    old = next(item for item in world.view["replicasets"] if item["metadata"]["name"].startswith("labels"))
    new = copy.deepcopy(old)
    new["metadata"] |= {"name": "labels-new", "uid": "rs-new", "creationTimestamp": world.ago(10)}
    new["metadata"].setdefault("annotations", {})["deployment.kubernetes.io/revision"] = "9"
    world.view["replicasets"].append(new)
    world.workload("labels")["metadata"].setdefault("annotations", {})["deployment.kubernetes.io/revision"] = "9"
    for number in range(2):
        pod = copy.deepcopy(world.pod("labels"))
        pod["metadata"] |= {
            "name": f"labels-new-{number}",
            "uid": f"new-{number}",
            "ownerReferences": [{"kind": "ReplicaSet", "name": "labels-new", "uid": "rs-new", "controller": True}],
        }
        pod["status"]["podIP"] = f"10.85.6.{number}"
        world.view["pods"].append(pod)
        waits(world, pod, "ContainerCreating", since=10)
    return world


def rolling_ordinals(world: World) -> World:
    """An update has come to the third of three, which starts for twenty seconds."""
    ordinals(world, "broker", 3)
    made = world.workload("broker")["status"]
    made |= {"readyReplicas": 2, "updatedReplicas": 1, "updateRevision": "broker-new"}
    pod = world.pods("broker")[2]
    pod["metadata"]["labels"]["controller-revision-hash"] = "broker-new"
    born(world, pod, 20)
    group(world, "broker")["addresses"][2]["ready"] = False
    return world.not_ready(pod, 18)


def unlisted_node(world: World) -> World:
    """Its node is one of Fargate, of which the list does not tell."""
    for pod in world.pods("labels"):
        pod["spec"] = {**copy.deepcopy(pod["spec"]), "nodeName": "fargate-ip-10-0-1-41.compute.internal"}
    return world


def stranded(world: World) -> World:
    """Its node does not report for an hour; its pod is to leave and cannot, and the new one serves."""
    node = second_node(world)
    world.view["daemonsets"][0]["status"] |= {"replicas": 1, "readyReplicas": 1}
    world.view["pods"].remove(node["pod"])
    for condition in node["node"]["status"]["conditions"]:
        condition |= {"status": "Unknown", "reason": "NodeStatusUnknown", "lastTransitionTime": world.ago(HOUR)}
    pod = copy.deepcopy(world.pod("labels"))
    pod["metadata"] |= {
        "name": "labels-6859749c7b-gone1",
        "uid": "gone1",
        "deletionTimestamp": world.ago(3300),
        "deletionGracePeriodSeconds": 30,
    }
    pod["spec"]["nodeName"] = "dock-2"
    pod["status"]["podIP"] = "10.85.1.9"
    world.view["pods"].append(pod)
    return world.not_ready(pod, 3_590)


def draining(world: World) -> World:
    """Scaled from two to one: the second one ends its calls, and its address is not ready any more."""
    pod = copy.deepcopy(world.pod("labels"))
    pod["metadata"] |= {
        "name": "labels-6859749c7b-drain",
        "uid": "drain",
        "deletionTimestamp": world.ago(-20),
        "deletionGracePeriodSeconds": 30,
    }
    pod["status"]["podIP"] = "10.85.0.55"
    world.view["pods"].append(pod)
    address = {"ip": "10.85.0.55", "pod": pod["metadata"]["name"], "ready": False, "serving": True, "terminating": True}
    group(world, "labels")["addresses"].append(address)
    return world


def oom_inside(world: World) -> World:
    """The node's kernel ended a child process of it half an hour ago; the container runs on."""
    return world.event(
        world.view["nodes"][0],
        "Node",
        "OOMKilling",
        "Memory cgroup out of memory: Killed process 41 (chrome) total-vm:410000kB",
        1_800,
    )


def windows(world: World) -> World:
    pod = second_set(world, "labels", 900)
    said = 'image operating system "windows" cannot be used on this platform: operating system is not supported'
    waits(world, pod, "ImagePullBackOff", f'Back-off pulling image "acme/labels:8": ErrImagePull: {said}', since=900)
    return world.event(pod, "Pod", "Failed", f'Failed to pull image "acme/labels:8": {said}', 20)


def aliased_data(world: World, *, well: bool) -> World:
    """The ledger is in another namespace, by an external name of the cluster."""
    world.service("ledger")["spec"] = {"type": "ExternalName", "externalName": "ledger.data.svc.cluster.local"}
    world.view["endpoints"] = [item for item in world.view["endpoints"] if item["service"] != "ledger"]
    world.view["statefulsets"] = [x for x in world.view["statefulsets"] if x["metadata"]["name"] != "ledger"]
    world.view["pods"] = [x for x in world.view["pods"] if not x["metadata"]["name"].startswith("ledger")]
    world.view["logs"] = [x for x in world.view["logs"] if not x["pod"].startswith("ledger")]
    if well:
        return world
    return says(
        world, "track-view", "E, ERROR -- : Mysql2::Error::ConnectionError: Unknown MySQL server host 'ledger' (-2)"
    )


def by_its_gateway(world: World) -> World:
    """What comes in to the gate comes from the entrance's namespace alone, and calls are answered."""
    world.policy(
        "from-edge",
        {"matchLabels": {"app": "gate"}},
        "Ingress",
        ingress=[
            {
                "from": [
                    {
                        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}},
                        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "ingress-nginx"}},
                    }
                ],
                "ports": [{"port": 8000}],
            }
        ],
    )
    return world


def at_most_and_well(world: World) -> World:
    world.replicas("labels", 5)
    world.workload("labels")["status"] |= {
        "replicas": 5,
        "readyReplicas": 5,
        "updatedReplicas": 5,
        "availableReplicas": 5,
    }
    return scaler(
        world,
        "labels",
        ("AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size"),
        ("ScalingActive", "True", "ValidMetricFound", "the HPA was able to successfully calculate a replica count"),
        (
            "ScalingLimited",
            "True",
            "TooManyReplicas",
            "the desired replica count is more than the maximum replica count",
        ),
        now=5,
    )


def killed(world: World) -> World:
    """Killed for memory again and again."""
    world.with_main("labels", resources={"limits": {"memory": "64Mi"}})
    pod = world.pod("labels")
    world.crashing(pod, code=137, reason="OOMKilled", count=12)
    group(world, "labels")["addresses"][0]["ready"] = False
    world.workload("labels")["status"] |= {"readyReplicas": 0, "availableReplicas": 0}
    return says(world, "track-view", REFUSED.format(LABELS))


def dead(world: World) -> World:
    """It ends again and again with last words; its caller is refused."""
    pod = world.pod("labels")
    world.crashing(pod, code=1, count=12)
    group(world, "labels")["addresses"][0]["ready"] = False
    world.log("labels", (61, "fatal: cannot open /data/fonts.db: no such file or directory"), previous=True)
    return says(world, "track-view", REFUSED.format(LABELS))


def unread_log(world: World, name: str) -> World:
    """Its log may not be read."""
    for item in world.view["logs"]:
        if item["pod"].startswith(name):
            item |= {"text": None, "gap": {"reason": "forbidden", "what": "pods/log", "detail": "cannot get pods/log"}}
    return world


def second_claim(world: World) -> World:
    """A claim that grew: the volume has not been resized on the node yet."""
    claim = named(world, "persistentvolumeclaims", "data-ledger-0")
    claim["spec"]["resources"]["requests"]["storage"] = "5Gi"
    claim["status"] |= {"conditions": [{"type": "Resizing", "status": "True", "lastTransitionTime": world.ago(40)}]}
    return world


def preempted_job(world: World) -> World:
    pod = job(world, "reindex", active=1, failed=1, age=900)
    first = copy.deepcopy(pod)
    first["metadata"] |= {"name": "reindex-first", "uid": "p-first"}
    first["status"] = {"phase": "Failed", "reason": "Preempting", "message": "Preempted in order to admit critical pod"}
    world.view["pods"].append(first)
    born(world, pod, 600)
    return world.log("reindex-abcde", *((age, f"reindexed {9000 - int(age)} of 41000") for age in (500, 200, 60, 4)))


def deadline(world: World) -> World:
    pod = job(world, "reindex", condition="Failed", reason="DeadlineExceeded", failed=1, age=2 * HOUR)
    world.view["jobs"][-1]["spec"]["activeDeadlineSeconds"] = 3600
    world.view["pods"].remove(pod)
    said = "Job was active longer than specified deadline"
    return world.event(world.view["jobs"][-1], "Job", "DeadlineExceeded", said, 3_590)


def job_waits(world: World) -> World:
    """A Job's program asks again and again for a host that is no Service."""
    job(world, "reindex", active=1, age=HOUR)
    return world.log(
        "reindex-abcde",
        *(
            (age, "waiting for search-master:9200: getaddrinfo ENOTFOUND search-master, again in 10s")
            for age in (250, 200, 150, 100, 50, 10)
        ),
    )


def done_job_gone(world: World) -> World:
    made = extra(world, "jobs", "reindex-0").view["jobs"].pop()
    return world.event(made, "Job", "Completed", "Job completed", 1_200)


def zone_spread(world: World) -> World:
    constraint = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": "labels"}},
    }
    world.with_spec("labels", topologySpreadConstraints=[constraint])
    return world.replicas("labels", 3)


def leftovers(world: World) -> World:
    """Records of pods that nodes did not admit or ended at their shutdown; others took their places."""
    for number, (reason, message) in enumerate(
        (
            ("NodeAffinity", "Predicate NodeAffinity failed"),
            ("UnexpectedAdmissionError", "Allocate failed due to no healthy devices"),
            ("OutOfcpu", "Node didn't have enough resource: cpu, requested: 500, used: 3900, capacity: 4000"),
            ("Terminated", "Pod was terminated in response to imminent node shutdown."),
        )
    ):
        leftover(world, "labels", reason, message)
        world.view["pods"][-1]["metadata"] |= {"name": f"labels-6859749c7b-old{number}", "uid": f"old{number}"}
    return world
