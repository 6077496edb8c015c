"""More changes that leave a healthy view as healthy as before: what others put around an app, or say in its logs."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from tests.support.near_miss_world import DAY, World

Change = Callable[[World, random.Random], object]
NAMES = ("api-server", "web-server")
METADATA_EXCEPTED = {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}
STAMPED = "connect ECONNREFUSED 10.9.9.9:8080"


def resized(world: World, chance: random.Random) -> object:
    """A VerticalPodAutoscaler sized it when it was made."""
    pod = world.pod(chance.choice(NAMES))
    note = chance.choice(("memory request", "memory request, memory limit", "memory capped to maxAllowed, cpu request"))
    pod["metadata"].setdefault("annotations", {})["vpaUpdates"] = f"Pod resources updated by vpa: container 0: {note}"
    pod["spec"]["containers"][0]["resources"] = {"requests": {"memory": "300Mi"}, "limits": {"memory": "900Mi"}}
    return world


def lines_of_others(world: World, chance: random.Random) -> object:
    """A relay, a shipper or browsers wrote these into a log in which calls are answered."""
    line = chance.choice(
        (
            f"<11>Nov 23 17:44:31 web-7.paris.example next[812]: [cause]: Error: {STAMPED}",
            f'[0] kube.var.log.containers.a_b_c-1.log: [1764435600.1, {{"log"=>"{STAMPED}"}}]',
            f'{{"level":"error","source":"browser","message":"{STAMPED}"}}',
        )
    )
    rows = [(50.0 - 9 * number, line) for number in range(chance.randint(1, 5))]
    return world.log("web-server", *sorted([*rows, (9.5, "GET /api/me 200 in 4ms"), (3.0, "GET /api/me 200 in 4ms")],
                                           reverse=True))  # fmt: skip


def left_pod(world: World, chance: random.Random) -> object:
    """A test of Helm that failed, or a shell that somebody broke off."""
    test = chance.random() < 0.5
    pod = json.loads(json.dumps(world.pod("web-server")))
    name = f"left-{chance.randrange(999)}"
    pod["metadata"] = {"name": name, "uid": name, "labels": {"app": name}, "creationTimestamp": world.ago(4000),
                       "annotations": {"helm.sh/hook": "test"} if test else {}}  # fmt: skip
    end = {"exitCode": 1 if test else 130, "reason": "Error", "finishedAt": world.ago(3000)}
    pod["spec"] = {"restartPolicy": "Never", "containers": [{"name": "run", "image": "busybox:1"}]}
    pod["status"] = {"phase": "Failed", "containerStatuses": [{"name": "run", "state": {"terminated": end}}]}
    world.view["pods"].append(pod)
    return world


def pressed(world: World, chance: random.Random) -> object:
    """The node is short of something, and everything on it answers."""
    kind = chance.choice(("MemoryPressure", "PIDPressure", "DiskPressure"))
    for item in world.view["nodes"][0]["status"]["conditions"]:
        if item["type"] == kind:
            item |= {"status": "True", "lastTransitionTime": world.ago(chance.uniform(30, DAY))}
    return world


def old_event(world: World, chance: random.Random) -> object:
    """Trouble at the start, which is over; or of a pod of the same name that is gone."""
    reason, message = chance.choice(
        (
            ("FailedScheduling", "0/3 nodes are available: 3 Insufficient memory."),
            ("FailedMount", 'MountVolume.SetUp failed for volume "db": secret "db" not found'),
            ("BackOff", "Back-off restarting failed container"),
            ("Unhealthy", "Startup probe failed: dial tcp 10.85.0.77:8080: connect: connection refused"),
        )
    )
    uid = chance.choice(("", "before"))
    age = chance.uniform(1200, 3500) if not uid else chance.uniform(5, 3500)
    return world.event(world.pod(chance.choice(NAMES)), "Pod", reason, message, age, uid=uid)


def missed_deadline(world: World, chance: random.Random) -> object:
    """A deadline of progress was missed long ago; all are ready."""
    for item in world.view["deployments"]:
        item.setdefault("status", {}).setdefault("conditions", []).append(
            {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
             "lastTransitionTime": world.ago(chance.uniform(1, 9) * DAY)})  # fmt: skip
    return world


def scaler(world: World, chance: random.Random) -> object:
    """An autoscaler at its most, for a moment or for days; nobody waits for anything."""
    said = {"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas", "message": "maximum",
            "lastTransitionTime": world.ago(chance.uniform(5, 300_000))}  # fmt: skip
    pods = len(world.pods("web-server"))
    world.view["horizontalpodautoscalers"] = [{
        "metadata": {"name": "web-server"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web-server"}, "minReplicas": 1, "maxReplicas": pods},
        "status": {"currentReplicas": pods, "desiredReplicas": pods, "conditions": [said]},
    }]  # fmt: skip
    return world


def aliases(world: World, chance: random.Random) -> object:
    """Entries for hosts that nobody of the app calls."""
    entry = {"ip": chance.choice(("192.0.2.7", "127.0.0.1", "fd12::9")), "hostnames": ["legacy", "mail.corp"]}
    return world.with_spec(chance.choice(NAMES), hostAliases=[entry])


def name_servers(world: World, _chance: random.Random) -> object:
    """The cluster's own, written down, with fewer dots to look for."""
    settings = {"nameservers": ["172.30.0.10"], "options": [{"name": "ndots", "value": "2"}],
                "searches": ["onyx-healthy.svc.cluster.local", "svc.cluster.local", "cluster.local"]}  # fmt: skip
    return world.with_spec("web-server", dnsPolicy="None", dnsConfig=settings)


def narrow_policy(world: World, chance: random.Random) -> object:
    """What is excepted or named is not what the app uses."""
    rule = chance.choice(
        (
            {"from": [METADATA_EXCEPTED, {"ipBlock": {"cidr": "::/0"}}]},
            {"from": [{"podSelector": {}}], "ports": [{"port": 8000, "endPort": 8100, "protocol": "TCP"}]},
            {"ports": [{"port": 8080, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]},
        )
    )
    name = f"n{chance.randrange(999)}"
    return world.policy(name, {"matchLabels": {"app": "api-server"}}, "Ingress", ingress=[rule])


def unused_alias(world: World, chance: random.Random) -> object:
    host = chance.choice(("pg.abc.rds.amazonaws.com", "api-server.onyx-healthy.svc.cluster.local.", "nowhere.invalid"))
    name = f"alias-{chance.randrange(999)}"
    return world.add_service(name, None, type="ExternalName", externalName=host, clusterIP="")


def held(world: World, chance: random.Random) -> object:
    """Paused, or held at its number, by somebody who wanted that."""
    name = chance.choice(NAMES)
    if chance.random() < 0.5:
        world.workload(name)["spec"]["paused"] = True
        return world
    return world.annotate(name, **{"autoscaling.keda.sh/paused-replicas": "1"})


FURTHER: tuple[Change, ...] = (
    resized, lines_of_others, left_pod, pressed, old_event, missed_deadline, scaler, aliases, name_servers,
    narrow_policy, unused_alias, held,
)  # fmt: skip
