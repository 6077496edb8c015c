"""Pods at which no scheduler looks: gates, queues, schedulers that are not there; and what only looks like it."""

from __future__ import annotations

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import HOUR, job, pending, second_set
from tests.support.near_miss_world import Json, World

SAID = "Scheduling is blocked due to non-empty scheduling gates"
ORDERS = ("namespace", "deployment/orders", "deployment/front")


def gate(world: World, pod: Json, age: float, *names: str) -> World:
    """Gates hold this pod back; without a name, the view is of a bot that did not know gates."""
    pending(world, pod, SAID, age)
    pod["status"]["conditions"][0]["reason"] = "SchedulingGated"
    pod["spec"]["schedulingGates"] = [{"name": name} for name in names]
    world.view["events"] = []
    return world


def only(world: World, age: float, *names: str) -> World:
    return gate(world, world.pod("orders"), age, *names)


def of_a_job(world: World, *names: str) -> World:
    return gate(world, job(world, "train", active=1, age=HOUR), HOUR, *names)


def of_the_template(world: World) -> World:
    for spec in world.specs("orders"):
        spec["schedulingGates"] = [{"name": "acme.example/licence"}]
    return only(world, 900, "acme.example/licence")


def second_of_two(world: World) -> World:
    world.replicas("orders", 2)
    return gate(world, world.pods("orders")[-1], HOUR, "acme.example/licence")


def taken_away(world: World) -> World:
    """It was held back, and runs: its template still says so."""
    for made in (world.workload("orders"), *world.view["replicasets"]):
        made["spec"]["template"]["spec"]["schedulingGates"] = [{"name": "acme.example/licence"}]
    return world


def new_revision(world: World) -> World:
    """The old one serves; the new one is held back."""
    return gate(world, second_set(world, "orders", 900), 900, "acme.example/licence")


def unseen(world: World, name: str, age: float, scheduler: str = "") -> World:
    """No scheduler says anything about these pods, as nobody has looked at them."""
    for spec in world.specs(name):
        spec.pop("schedulerName", None)
        if scheduler:
            spec["schedulerName"] = scheduler
    for pod in world.pods(name):
        pending(world, pod, "", age)
        pod["status"] = {"phase": "Pending"}
    world.view["events"] = []
    return world


def all_unseen(world: World) -> World:
    for name in ("orders", "front", "db", "cache", "mail"):
        unseen(world, name, 600)
    return world


def own_scheduler(world: World) -> World:
    for spec in world.specs("orders"):
        spec["schedulerName"] = "bin-packer"
    return world


def behind(world: World) -> World:
    """It placed the front's pod, and does not look at the newer one."""
    for spec in world.specs("front"):
        spec["schedulerName"] = "bin-packer"
    return unseen(world, "orders", 600, "bin-packer")


GATING = (
    ShopCase("a gate holds the only pod back for twenty minutes", "fault",
             lambda w: only(w, 1_200, "example.com/quota-check"), "shop", ("gate", "example.com/quota-check"),
             ("orders",), ORDERS),
    ShopCase("a gate of its own template holds the only pod back", "fault", of_the_template, "shop",
             ("acme.example/licence", "template"), ("orders",), ORDERS),
    ShopCase("two gates hold the only pod back", "fault",
             lambda w: only(w, 1_200, "example.com/quota-check", "example.com/license"), "shop",
             ("example.com/quota-check", "example.com/license"), ("orders",), ORDERS),
    ShopCase("a gate was set five seconds ago", "open", lambda w: only(w, 5, "example.com/quota-check"), "shop",
             ("example.com/quota-check",), asks=ORDERS, not_healthy=True),
    ShopCase("a gate without a name, in an older snapshot", "open", lambda w: only(w, 1_200), "shop",
             ("scheduling gate",), asks=ORDERS, not_healthy=True),
    ShopCase("Kueue holds a Job back for an hour", "open", lambda w: of_a_job(w, "kueue.x-k8s.io/admission"),
             words=("queue", "kueue.x-k8s.io/admission"), asks=("namespace", "job/train"), not_healthy=True),
    ShopCase("Volcano holds a Job back for an hour", "open",
             lambda w: of_a_job(w, "scheduling.volcano.sh/queue-allocation-gate"), words=("queue",),
             asks=("namespace", "job/train"), not_healthy=True),
    ShopCase("Kueue holds a Deployment's pod back", "open", lambda w: only(w, HOUR, "kueue.x-k8s.io/admission"), "shop",
             ("queue",), asks=ORDERS, not_healthy=True),
    ShopCase("a gate that nobody knows holds a Job back", "open", lambda w: of_a_job(w, "acme.example/turn"),
             words=("scheduling gate",), asks=("namespace", "job/train"), not_healthy=True),
    ShopCase("a gate holds the second of two back", "part", second_of_two, "shop", ("1 of 2",), ("orders",),
             ("namespace", "deployment/orders")),
    ShopCase("a gate was taken away", "ok", taken_away, "shop", asks=ORDERS),
    ShopCase("a gate holds the new revision back", "part", new_revision, "shop", ("acme.example/licence",), ("orders",),
             ("namespace", "deployment/orders")),
    ShopCase("a scheduler that does not exist", "fault", lambda w: unseen(w, "orders", 600, "nobody"), "shop",
             ("scheduler", "nobody"), ("orders",), ORDERS),
    ShopCase("a second scheduler does not run any more", "fault", behind, "shop", ("scheduler", "bin-packer"),
             ("orders",), ORDERS),
    ShopCase("the cluster's scheduler does not run", "fault", all_unseen, "shop", ("scheduler", "kube-scheduler"),
             asks=ORDERS),
    ShopCase("no scheduler has looked at it for eight seconds", "open", lambda w: unseen(w, "orders", 8), "shop",
             ("no scheduler has looked",), asks=ORDERS, not_healthy=True),
    ShopCase("a second scheduler placed it", "ok", own_scheduler, "shop", asks=ORDERS),
)  # fmt: skip
