"""Changes of a healthy view after which it is as healthy as before: what clusters differ in without being broken."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable

from tests.support.healthy_surroundings import FURTHER
from tests.support.near_miss_world import DAY, World

API, WEB = {"matchLabels": {"app": "api-server"}}, {"matchLabels": {"app": "web-server"}}
DNS = {"to": [{"namespaceSelector": {}}], "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}
Change = Callable[[World, random.Random], object]


def more_replicas(world: World, chance: random.Random) -> object:
    return world.replicas(chance.choice(("api-server", "web-server")), chance.randint(2, 5))


def sidecar(world: World, chance: random.Random) -> object:
    more = {
        "ports": [{"containerPort": chance.choice((15090, 9100, 8081))}],
        "resources": {"limits": {"memory": "64Mi"}},
    }
    init = chance.random() < 0.4
    if init:
        more["restartPolicy"] = "Always"
    name = f"agent-{chance.randrange(999)}"
    where = chance.choice(("api-server", "web-server"))
    return world.container(where, init=init, template=chance.random() < 0.6, name=name, **more)


def another_service(world: World, chance: random.Random) -> object:
    name = f"extra-{chance.randrange(999)}"
    if chance.random() < 0.5:
        world.add_service(name, {"app": "api-server"}, {"port": 80, "targetPort": 8080})
        return world.endpoints(name, *(item["status"]["podIP"] for item in world.pods("api-server")))
    return world.add_service(name, {"app": name}, {"port": chance.choice((80, 8080, 6379))})


def allowing_policy(world: World, chance: random.Random) -> object:
    name = f"p{chance.randrange(999)}"
    ports = chance.choice(({}, {"ports": [{"port": 8080}]}, {"ports": [{"port": 8000, "endPort": 9000}]}))
    choices: tuple[Callable[[], object], ...] = (
        lambda: world.policy(name, API, "Ingress", ingress=[{"from": [{"podSelector": WEB}], **ports}]),
        lambda: world.policy(name, {}, "Ingress").policy(f"{name}-in", API, "Ingress", ingress=[{**ports}]),
        lambda: world.policy(name, WEB, "Egress", egress=[{"to": [{"podSelector": API}], **ports}, DNS]),
        lambda: world.policy(name, {"matchLabels": {"app": "other"}}, "Ingress", "Egress"),
    )
    return chance.choice(choices)()


def old_restart(world: World, chance: random.Random) -> object:
    name = chance.choice(("api-server", "web-server"))
    code, reason = chance.choice(((1, "Error"), (137, "OOMKilled"), (0, "Completed"), (143, "Error"), (255, "Unknown")))
    return world.restarted(
        world.pod(name),
        ended=chance.uniform(3600, 3 * DAY),
        lasted=chance.choice((30, 600, DAY, 9 * DAY)),
        count=chance.choice((1, 2, 7, 60)),
        code=code,
        reason=reason,
    )


def one_recent_end(world: World, chance: random.Random) -> object:
    """Once, after days, and up again for minutes."""
    pod = world.pod(chance.choice(("api-server", "web-server")))
    return world.restarted(pod, ended=chance.uniform(120, 3000), lasted=chance.uniform(1, 9) * DAY, code=137)


def skewed(world: World, chance: random.Random) -> object:
    """The cluster's clock is not the one that says when the view was collected; or that of the nodes is off."""
    change = chance.choice((world.older, world.node_behind))
    return change(chance.uniform(-7200, 7200))


def other_controller(world: World, chance: random.Random) -> object:
    name = chance.choice(("api-server", "web-server"))
    kind = chance.choice(
        ("DaemonSet", "Rollout", "CloneSet", "Pod", "ReplicationController", "Revision", "SeldonDeployment")
    )
    labels = {"deploymentconfig": name} if kind == "ReplicationController" else None
    return world.owned_by(name, kind, keep_sets=kind == "Rollout", labels=labels)


def quoted_line(world: World, chance: random.Random) -> object:
    """A user's text, a connector's own trouble, in the log of an API that answers."""
    line = chance.choice(
        (
            'INFO query: FATAL:  password authentication failed for user "onyx"',
            'ERROR connector 3: psycopg2.OperationalError: FATAL:  password authentication failed for user "crm"',
            "INFO indexed 'redis.exceptions.AuthenticationError: invalid username-password pair' (runbook.md)",
            'WARNING source 9: could not translate host name "mysql.corp" to address',
        )
    )
    served = (2.0, 'INFO:     10.85.0.78:40000 - "GET /me HTTP/1.1" 200 OK')
    return world.log("api-server", (chance.uniform(5, 3000), line), served)


def network_of_another_kind(world: World, chance: random.Random) -> object:
    reason = chance.choice(("CiliumIsUp", "CalicoIsUp", "FlannelIsUp"))
    said = {"type": "NetworkUnavailable", "status": "False", "reason": reason, "lastTransitionTime": world.ago(DAY)}
    world.view["nodes"][0]["status"]["conditions"].append(said)
    return world


def late_database(world: World, chance: random.Random) -> object:
    """A database whose probe was late just now, while the app serves."""
    if any(item["metadata"]["name"] == "postgresql" for item in world.view["deployments"]):
        return world
    world.beside("postgresql", {"app": "postgresql"}, image="postgres:16", ports=[{"containerPort": 5432}])
    world.add_service("postgresql", {"app": "postgresql"}, {"port": 5432})
    return world.not_ready(world.pod("postgresql"), chance.uniform(1, 80))


def leaving_pod(world: World, chance: random.Random) -> object:
    pod = json.loads(json.dumps(world.pod("api-server")))
    name = f"api-server-go{chance.randrange(999)}"
    pod["metadata"] |= {"name": name, "uid": name, "deletionTimestamp": world.ago(chance.uniform(0, 900))}
    world.view["pods"].append(pod)
    return world.not_ready(pod, 30)


def known_kind_elsewhere(world: World, chance: random.Random) -> object:
    """A controller with a known kind's name that is in no list, or a ReplicaSet by itself."""
    name = chance.choice(("api-server", "web-server"))
    if chance.random() < 0.5:
        return world.owned_by(name, chance.choice(("StatefulSet", "Deployment", "ReplicaSet")))
    world.view["deployments"] = [x for x in world.view["deployments"] if not x["metadata"]["name"].startswith(name)]
    for item in world.view["replicasets"]:
        if item["metadata"]["name"].startswith(name):
            item["metadata"].pop("ownerReferences", None)
    return world


def six(world: World, _chance: random.Random) -> object:
    """Every address of IPv4 becomes one of IPv6."""
    text = re.sub(
        r"\b(?:10|172|192)\.\d{1,3}\.\d{1,3}\.\d{1,3}\b",
        lambda match: "fd00::" + ":".join(f"{int(part):x}" for part in match[0].split(".")),
        json.dumps(world.view),
    )
    world.view = json.loads(text)
    return world


def renamed(world: World, chance: random.Random) -> object:
    """Releases are called something: every name that begins so, with it the URL and what was asked."""
    prefix = chance.choice(("acme-", "prod-onyx-", "x-"))
    text = json.dumps(world.view)
    for name in ("api-server", "web-server"):
        text = text.replace(f'"{name}', f'"{prefix}{name}').replace(f"/{name}", f"/{prefix}{name}")
    text = text.replace(f'"app": "{prefix}', '"app": "')
    world.view = json.loads(text)
    return world


def neighbour(world: World, chance: random.Random) -> object:
    """Another program in the namespace, healthy or not; nobody of the app needs it."""
    name = chance.choice(("report", "redis-exporter", "postgres-backup", "minio-mirror", "vespa-metrics", "grafana"))
    if any(item["metadata"]["name"] == name for item in world.view["deployments"]):
        return world
    return world.beside(name, {"app": name}, ready=chance.random() < 0.5, replicas=chance.randint(0, 2))


def finished_pods(world: World, chance: random.Random) -> object:
    pod = json.loads(json.dumps(world.pod("api-server")))
    pod["metadata"] |= {"name": f"api-server-ev{chance.randrange(999)}", "uid": "ev"}
    pod["status"] = {"phase": chance.choice(("Failed", "Succeeded")), "reason": "Evicted"}
    world.view["pods"].append(pod)
    return world


def marked(world: World, _chance: random.Random) -> object:
    """By a GitOps tool."""
    for item in world.view["deployments"]:
        item["metadata"].setdefault("labels", {})["argocd.argoproj.io/instance"] = "onyx"
    return world


def old_lines(world: World, chance: random.Random) -> object:
    """Trouble of hours ago in the tail of a log that has been quiet since."""
    line = chance.choice(
        (
            "[cause]: Error: connect ECONNREFUSED 172.30.234.137:8080",
            "[cause]: Error: getaddrinfo ENOTFOUND hooks.slack.com",
            "QueuePool limit of size 40 overflow 10 reached",
        )
    )
    lines = ((chance.uniform(3600, 5 * DAY), line), (9.0, "GET /api/me 200 in 4ms"))
    return world.log(chance.choice(("api-server", "web-server")), *lines)


CHANGES: tuple[Change, ...] = (
    more_replicas, sidecar, another_service, allowing_policy, old_restart, one_recent_end, neighbour, finished_pods,
    marked, old_lines, quoted_line, network_of_another_kind, late_database, leaving_pod,
)  # fmt: skip
LAST: tuple[Change, ...] = (other_controller, known_kind_elsewhere, six, renamed, skewed)
"""Changes of the whole view: after these, the others would not find what they change."""


def changed(seed: int, count: int, around: int = 0) -> tuple[World, list[str]]:
    """A healthy world after so many changes, and so many of what is around it, with their names."""
    chance, world = random.Random(seed), World()
    others = random.Random(seed + 1)
    surroundings = [others.choice(FURTHER) for _ in range(around)]
    chosen = [chance.choice(CHANGES) for _ in range(count)] + chance.sample(LAST, chance.randint(0, 2))
    for change in sorted((change for change in chosen if change not in LAST), key=CHANGES.index):
        change(world, chance)
    for change in surroundings:
        change(world, others)
    for change in sorted((change for change in chosen if change in LAST), key=LAST.index):
        change(world, chance)
    return world, [change.__name__ for change in (*chosen, *surroundings)]
