"""Cases after further public evaluation suites: what is wrong with the objects around a program, in our shop."""

from __future__ import annotations

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import HOUR, UNKNOWN, ended, group, job, pending, refused_pod, says, scaler
from tests.nearmiss.shops.suites import ORDERS
from tests.support.near_miss_world import World


def scheduled(world: World, said: str) -> World:
    """The scheduler says this of the pod of orders."""
    return pending(world, world.pod("orders"), f"0/3 nodes are available: {said}. preemption: 0/3 nodes are available: "
                   "3 Preemption is not helpful for scheduling.")  # fmt: skip


def forbidden(world: World, said: str) -> World:
    """No pod of orders can be made, for this."""
    return refused_pod(world, "orders", said)


def killed(world: World, said: str, port: int = 8080) -> World:
    """The kubelet ends orders again and again, as its probe fails."""
    world.with_main("orders", livenessProbe={"httpGet": {"path": "/healthz", "port": port}, "periodSeconds": 2})
    pod = world.pod("orders")
    world.restarted(pod, ended=25, lasted=40, count=14, code=137)
    world.not_ready(pod, 25)
    world.event(pod, "Pod", "Unhealthy", f"Liveness probe failed: {said}", 26)
    return world.event(pod, "Pod", "Killing", "Container orders failed liveness probe, will be restarted", 25)


def beside_the_job(world: World) -> World:
    """The work of a run is done, and the container beside it goes on for hours."""
    pod = job(world, "report-29", owner="report", age=6 * HOUR, active=1)
    pod["spec"]["containers"] = [*pod["spec"]["containers"], {"name": "mesh-proxy", "image": "acme/proxy:1"}]
    running = {"name": "mesh-proxy", "ready": True, "image": "acme/proxy:1",
               "state": {"running": {"startedAt": world.ago(6 * HOUR)}}}  # fmt: skip
    pod["status"]["containerStatuses"].append(running)
    ended(world, pod, 0, ago=5 * HOUR)
    report = next(item for item in world.view["cronjobs"] if item["metadata"]["name"] == "report")
    report["spec"]["concurrencyPolicy"] = "Forbid"
    report["status"] |= {"active": 1, "lastScheduleTime": world.ago(6 * HOUR)}
    return world


def no_program(world: World) -> World:
    """The program that it is to start is not in the image."""
    pod = world.pod("orders")
    world.crashing(pod, code=128, reason="StartError")
    last = pod["status"]["containerStatuses"][0]["lastState"]["terminated"]
    last["message"] = 'exec: "geo": executable file not found in $PATH: unknown'
    return world


def same_port(world: World) -> World:
    """A container beside orders wants its port."""
    world.container("orders", name="metrics", image="acme/metrics:2")
    world.crashing(world.pod("orders"), code=1, container=1)
    log = {"pod": world.pod("orders")["metadata"]["name"], "container": "metrics", "previous": True,
           "text": f"{world.ago(61)} listen tcp :8080: bind: address already in use\n"}  # fmt: skip
    world.view["logs"].append(log)
    return world


def poisoned(world: World) -> World:
    """The name of orders leads to an address of long ago."""
    world.with_spec("front", hostAliases=[{"ip": "192.0.2.10", "hostnames": ["orders"]}])
    return says(world, "front", "ERROR cannot call orders: connect ETIMEDOUT 192.0.2.10:8080")


def node_names(world: World) -> World:
    """Its pods ask the DNS of the node."""
    world.with_spec("front", dnsPolicy="Default")
    return says(world, "front", UNKNOWN.format("orders"))


def address(world: World) -> str:
    """Where orders is called."""
    return f"{world.service('orders')['spec']['clusterIP']}:8080"


def closed(world: World) -> World:
    """A policy lets nobody in."""
    world.policy("deny-orders", {"matchLabels": {"app": "orders"}}, "Ingress", ingress=[])
    return says(world, "front", "ERROR cannot call orders: connect ETIMEDOUT " + address(world))


def refused_behind(world: World) -> World:
    """A policy lets nobody in, and what is called is reached and refuses: the network does not do what it says."""
    world.policy("deny-orders", {"matchLabels": {"app": "orders"}}, "Ingress", ingress=[])
    return says(world, "front", "ERROR cannot call orders: connect ECONNREFUSED " + address(world))


def other_port(world: World) -> World:
    """The Service leads to a port on which nobody listens."""
    world.service("orders")["spec"]["ports"][0]["targetPort"] = 9999
    group(world, "orders")["ports"] = [{"name": "main", "port": 9999}]
    return says(world, "front", "ERROR cannot call orders: connect ECONNREFUSED " + address(world))


def gone(world: World) -> World:
    """The Service of orders is deleted."""
    world.view["services"] = [item for item in world.view["services"] if item["metadata"]["name"] != "orders"]
    world.view["endpoints"] = [item for item in world.view["endpoints"] if item["service"] != "orders"]
    return says(world, "front", UNKNOWN.format("orders"))


def other_path(world: World) -> World:
    """It is asked for a path that it has not."""
    pod = world.pod("orders")
    world.not_ready(pod, HOUR)
    return world.event(pod, "Pod", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404", 4)


NO_REQUEST = "failed to get cpu utilization: missing request for cpu in container orders of Pod orders-7c9d8f-abcde"
WEBHOOK = ('Internal error occurred: failed calling webhook "validate.acme.example": failed to call webhook: Post '
           '"https://validator.ops.svc:443/v?timeout=10s": no endpoints available for service "validator"')  # fmt: skip
QUOTA = ('pods "orders-7c9d8f-" is forbidden: exceeded quota: memory, requested: limits.memory=512Mi, used: '
         "limits.memory=900Mi, limited: limits.memory=1Gi")  # fmt: skip
MOST = 'pods "orders-7c9d8f-" is forbidden: maximum memory usage per Container is 64Mi, but limit is 512Mi'
SLOW_PROBE = 'Get "http://10.85.0.9:8080/healthz": context deadline exceeded (Client.Timeout exceeded)'
WRONG_PROBE = 'Get "http://10.85.0.9:9999/healthz": dial tcp 10.85.0.9:9999: connect: connection refused'

OBJECTS = (
    ShopCase("bench: an autoscaler lacks a request for CPU", "fault",
             lambda w: scaler(w, "orders", ("ScalingActive", "False", "FailedGetResourceMetric", NO_REQUEST)), "shop",
             ("orders", "cpu"), ("orders",), ORDERS[:2]),
    ShopCase("bench: the container beside it keeps a run from ending", "fault", beside_the_job, "shop", ("mesh-proxy",),
             ("report",), ("namespace", "cronjob/report")),
    # Each of the shop has the same ConfigMap; only the one whose log says that calls get no answer is shut out.
    ShopCase("bench: a policy lets nobody in", "fault", closed, "shop", ("deny-orders", "front → orders"), ("front",),
             ("namespace", "deployment/front"), never=("mail-to-orders", "pay-to-orders")),
    ShopCase("bench: a policy lets nobody in, and its callers are refused", "fault", refused_behind, "shop",
             ("nothing listens",), ("orders",), never=("network-policy",)),
    ShopCase("bench: a policy lets nobody in, and nobody is heard to call", "open",
             lambda w: w.policy("deny-orders", {"matchLabels": {"app": "orders"}}, "Ingress", ingress=[]), "shop",
             never=("network-policy",)),
    ShopCase("bench: an alias leads to an address of long ago", "fault", poisoned, "shop", ("192.0.2.10",), ("front",),
             ("namespace", "deployment/front")),
    ShopCase("bench: its pods ask the DNS of the node", "fault", node_names, "shop", ("front", "dns"), ("front",),
             ("namespace", "deployment/front")),
    # Nobody was asked whether it answers others in that time: the probe, or the program.
    ShopCase("bench: its liveness probe is in too much of a hurry", "open", lambda w: killed(w, SLOW_PROBE), "shop",
             ("orders", "probe"), ("orders",), ORDERS, not_healthy=True),
    ShopCase("bench: its liveness probe asks another port", "fault", lambda w: killed(w, WRONG_PROBE, 9999), "shop",
             ("orders", "9999"), ("orders",), ORDERS),
    ShopCase("bench: its readiness probe asks for another path", "fault", other_path, "shop", ("orders", "404"),
             ("orders",), ORDERS),
    ShopCase("bench: its claim is not there", "fault",
             lambda w: pending(w, w.pod("orders"), '0/3 nodes are available: persistentvolumeclaim "data-v2" not '
                                                   "found."), "shop", ("orders", "data-v2"), ("orders",), ORDERS),
    ShopCase("bench: a webhook is not served", "fault", lambda w: forbidden(w, WEBHOOK), "shop",
             ("orders", "validate.acme.example"), ("orders",), ORDERS),
    ShopCase("bench: a quota of memory is used up", "fault", lambda w: forbidden(w, QUOTA), "shop", ("orders", "quota"),
             ("orders",), ORDERS),
    ShopCase("bench: it wants more than one container may have", "fault", lambda w: forbidden(w, MOST), "shop",
             ("orders", "64mi"), ("orders",), ORDERS),
    ShopCase("bench: its program is not in the image", "fault", no_program, "shop", ("orders", "geo"), ("orders",),
             ORDERS),
    ShopCase("bench: a container beside it wants its port", "fault", same_port, "shop", ("metrics", "in use"),
             ("orders",), ORDERS),
    ShopCase("bench: it is put on a node that is not there", "fault",
             lambda w: scheduled(w, "3 node(s) didn't match Pod's node affinity/selector"), "shop",
             ("orders", "affinity"), ("orders",), ORDERS),
    ShopCase("bench: a taint that it does not tolerate", "fault",
             lambda w: scheduled(w, "3 node(s) had untolerated taint {dedicated: gpu}"), "shop",
             ("orders", "dedicated"), ("orders",), ORDERS),
    ShopCase("bench: it keeps away from itself", "fault",
             lambda w: scheduled(w, "3 node(s) didn't match pod anti-affinity rules"), "shop",
             ("orders", "anti-affinity"), ("orders",), ORDERS),
    ShopCase("bench: its Service leads to another port", "fault", other_port, "shop", ("orders", "9999"),
             ("orders", "front"), (*ORDERS, "service/orders")),
    ShopCase("bench: its Service is gone", "fault", gone, "shop", ("orders",), ("front", "orders"),
             ("namespace", "deployment/front")),
)  # fmt: skip
