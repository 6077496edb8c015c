"""Faults of a ferry's ticket shop, as met on a real cluster, and what is beside them in health: told in our shops."""

from __future__ import annotations

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import Json, pending, waits
from tests.support.near_miss_world import World

NO_PORTS = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
NO_LICENCE = (
    'MountVolume.SetUp failed for volume "lic" : hostPath type check failed: /etc/ferry/licence.key is not a file'
)


def listens_on_node(pod: Json, port: int) -> None:
    pod["spec"]["containers"][0]["ports"] = [{"containerPort": port, "hostPort": port, "protocol": "TCP"}]


def port_held(world: World, port: int, held: int | None) -> World:
    """Labels wants a port of the node; the sorter's pod has one of its own."""
    if held is not None:
        listens_on_node(world.pod("sorter"), held)
    listens_on_node(world.pod("labels"), port)
    return pending(world, world.pod("labels"), NO_PORTS)


def no_file(world: World, age: float) -> World:
    """What it mounts of the node is not there, and it was made so long ago."""
    pod = world.pod("labels")
    waits(world, pod, "ContainerCreating", since=age)
    return world.event(pod, "Pod", "FailedMount", NO_LICENCE, 3)


def both_well(world: World) -> None:
    """Two pods have one port of two protocols each to themselves."""
    listens_on_node(world.pod("sorter"), 18_431)
    listens_on_node(world.pod("labels"), 18_432)


SAILING = (
    ShopCase("another pod has the port of the node", "fault", lambda w: port_held(w, 18_431, 18_431),
             words=("18431", "pod/sorter"), about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a pod that is not seen has the port of the node", "fault", lambda w: port_held(w, 18_431, 18_432),
             words=("host port 18431 is taken on every node.",), about=("labels",),
             asks=("namespace", "deployment/labels")),
    ShopCase("two pods have a port of the node each", "ok", both_well),
    ShopCase("a file of the node is not there", "fault", lambda w: no_file(w, 30), words=("licence.key",),
             about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a file of the node may be made in a moment", "open", lambda w: no_file(w, 5), not_healthy=True,
             never=("volume-unattached",), asks=("namespace", "deployment/labels")),
)  # fmt: skip
