"""What may not be read: it neither accuses nor makes healthy."""

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import down, gone, lost_node, waiting
from tests.nearmiss.variants.network import API, REFUSED, TIMED_OUT
from tests.nearmiss.variants.pods import OUTAGE, scaled_to_zero
from tests.nearmiss.variants.ways import failing
from tests.support.near_miss_world import World

HERE = "172.30.234.137:8080"


def unread(world: World, *kinds: str) -> World:
    """These lists are forbidden."""
    for kind in kinds:
        world.view[kind] = []
        gap = {"reason": "forbidden", "what": kind, "detail": f"cannot list {kind}"}
        world.view.setdefault("gaps", {})[kind] = gap
    return world


def unasked(world: World) -> World:
    """No health was asked, and no log was read."""
    world.view["health"] = []
    world.view["logs"] = []
    return world


def still_ready(world: World) -> World:
    """Its node does not report since a moment; the pod is still called ready."""
    lost_node(world)
    pod = world.pod("api-server")
    for condition in pod["status"]["conditions"]:
        condition["status"] = "True"
    pod["status"]["containerStatuses"][0]["ready"] = True
    for group in world.view["endpoints"]:
        for address in group["addresses"]:
            address["ready"] = True
    world.answers("unreachable")
    world.view["logs"] = []
    return world


def wrong_selector(world: World) -> World:
    world.service()["spec"]["selector"] = {"app": "api"}
    for group in world.view["endpoints"]:
        group["addresses"] = []
    return failing(world.answers("no_endpoints", pod=False), REFUSED.format(HERE))


UNREAD = (
    Variant(
        "a node that does not report, and nodes are unread",
        "open",
        lambda w: unread(still_ready(w), "nodes"),
        not_healthy=True,
    ),
    Variant("nodes are unread, and nothing was asked", "open", lambda w: unread(unasked(w), "nodes"), not_healthy=True),
    Variant(
        "nodes are unread, and all answers", "ok", lambda w: unread(w, "nodes"), mentions=("nodes may not be read",)
    ),
    Variant(
        "a namespace that is being deleted, and is unread",
        "fault",
        lambda w: unread(gone(w), "namespaces"),
        ("api-missing", "service-missing"),
    ),
    Variant(
        "pods are unread, and Deployments say that they are ready",
        "open",
        lambda w: unread(unasked(w), "pods"),
        not_healthy=True,
    ),
    Variant(
        "a selector that selects nothing, and endpoints are unread",
        "fault",
        lambda w: unread(wrong_selector(w), "endpoints"),
        ("service-selector-mismatch",),
    ),
    Variant(
        "calls time out, and policies are unread",
        "open",
        lambda w: unread(failing(w, TIMED_OUT), "networkpolicies"),
        not_healthy=True,
    ),
    Variant("settings are unread, and all answers", "open", lambda w: unread(w, "configmaps")),
    Variant(
        "a missing Secret, and events are unread",
        "fault",
        lambda w: unread(
            down(waiting(w, w.pod("api-server"), "CreateContainerConfigError", 'secret "db" not found')), "events"
        ),
        ("api-config-missing",),
    ),
    Variant(
        "scaled to zero, and pods are unread",
        "fault",
        lambda w: unread(scaled_to_zero(w), "pods"),
        ("api-scaled-to-zero",),
    ),
    Variant(
        "a crash loop, and Deployments are unread",
        "fault",
        lambda w: unread(down(w.crashing(w.pod("api-server"))), "deployments"),
        ("api-crash-looping",),
    ),
    Variant(
        "a policy that denies, Services and endpoints unread, and nobody calls",
        "open",
        lambda w: unread(unasked(w).policy("in", API, "Ingress"), "services", "endpoints"),
        not_healthy=True,
    ),
    Variant(
        "an outage is pasted, and pods and events are unread",
        "open",
        lambda w: unread(unasked(w), "pods", "events"),
        paste=OUTAGE,
        not_healthy=True,
    ),
)
