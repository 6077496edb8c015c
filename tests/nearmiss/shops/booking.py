"""Faults of a clinic's booking, as met on a real cluster, and what is beside them in health: told in our shops."""

from __future__ import annotations

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import HOUR, says
from tests.support.near_miss_world import World

USAGE = ("BusyBox v1.35.0 (Debian 1:1.35.0-4+b7) multi-call binary.", "Usage: nc [OPTIONS] HOST PORT  - connect",
         "-w SEC\tConnect timeout", "-i SEC\tDelay interval for lines sent")  # fmt: skip


def no_such_node(world: World) -> World:
    """Its pods are for a node by name, and there is none of that name."""
    world.with_spec("orders", nodeName="worker-7")
    pod = world.pod("orders")
    pod["spec"]["nodeName"] = "worker-7"
    pod["status"] = {"phase": "Pending", "qosClass": "BestEffort"}
    pod["metadata"]["creationTimestamp"] = world.ago(HOUR)
    world.view["logs"] = [log for log in world.view["logs"] if log["pod"] != pod["metadata"]["name"]]
    return world


def usage(world: World, *more: str) -> World:
    """It prints how it is called, over and over."""
    lines = [*more, *USAGE]
    return world.log("mail", *((age - at * 0.01, line) for age in (240, 120, 60, 9) for at, line in enumerate(lines)))


BOOKING = (
    ShopCase("booking: the node that its pods name does not exist", "fault", no_such_node, "shop", ("worker-7",),
             ("orders",), ("namespace", "deployment/orders", "deployment/front"), never=("node-lost",)),
    ShopCase("booking: the usage of a program tells of timeouts", "open", usage, "shop", never=("log-errors",)),
    ShopCase("booking: a program does not know its option, and prints its usage", "fault",
             lambda w: usage(w, "nc: invalid option -- 'z'"), "shop", ("mail", "invalid option"), ("mail",)),
    ShopCase("booking: a customer's choice is no option of a program", "open",
             lambda w: says(w, "mail", "WARN order 7: invalid option: gift_wrap"), "shop", never=("log-errors",)),
)  # fmt: skip
