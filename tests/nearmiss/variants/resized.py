"""A kill for memory at a limit that a VerticalPodAutoscaler set, and the limits that it did not set."""

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.network import OOM, oom
from tests.nearmiss.variants.pods import OUTAGE, crash_sidecar
from tests.support.near_miss_world import Json, World

ALL = "container 0: cpu request, memory request, cpu limit, memory limit"
IDS = ("api-oom-killed",)


def sized(world: World, limit: str, note: str = ALL, *, pod: Json | None = None, vpa: str = "api-vpa") -> World:
    """The autoscaler noted this on the pod; its first container has this limit."""
    pod = pod or world.pod("api-server")
    pod["metadata"].setdefault("annotations", {})["vpaUpdates"] = f"Pod resources updated by {vpa}: {note}"
    pod["metadata"]["annotations"]["vpaObservedContainers"] = "api-server"
    pod["spec"]["containers"][0]["resources"] = {"requests": {"memory": "192Mi"}, "limits": {"memory": limit}}
    return world


def by_another(world: World) -> World:
    """Only the web server's pod was resized."""
    return oom(sized(world, "768Mi", pod=world.pod("web-server"), vpa="web-vpa"))


def one_of_three(world: World) -> World:
    world.replicas("api-server", 3)
    pod = world.pods("api-server")[-1]
    return sized(world, "768Mi", pod=pod).crashing(pod, **OOM)


def agent(world: World) -> World:
    """The sidecar is killed; the autoscaler sized the main container."""
    return sized(crash_sidecar(world, init=False, template=True), "768Mi")


def unread(world: World) -> World:
    """Deployments and ReplicaSets are forbidden, so the template is not known."""
    for kind in ("deployments", "replicasets"):
        world.view[kind] = []
        gap = {"reason": "forbidden", "what": kind, "detail": f"cannot list {kind}"}
        world.view.setdefault("gaps", {})[kind] = gap
    return oom(sized(world, "768Mi"))


def fixed_proportion(world: World) -> World:
    """Request and limit are the same in the template, so the autoscaler keeps them the same."""
    world.with_main("api-server", resources={"requests": {"memory": "256Mi"}, "limits": {"memory": "256Mi"}})
    return oom(sized(world, "768Mi"))


SAYS = ("VerticalPodAutoscaler api-vpa", "768Mi")
RESIZED = (
    Variant("killed at a limit that VPA set", "names", lambda w: oom(sized(w, "768Mi")), IDS, SAYS),
    Variant("killed at a limit that VPA set, up to its maxAllowed", "names",
            lambda w: oom(sized(w, "768Mi", "container 0: memory capped to maxAllowed, memory request, memory limit")),
            IDS, (*SAYS, "maxAllowed")),
    Variant("killed at a limit that VPA set, in one of three", "part", one_of_three, IDS, (*SAYS, "1 of 3"), OUTAGE),
    Variant("killed at a limit that VPA set, and Deployments are unread", "names", unread, IDS, SAYS),
    Variant("killed at a limit that VPA set a little higher", "names", lambda w: oom(sized(w, "300Mi")), IDS,
            (SAYS[0], "300Mi")),
    Variant("killed at a limit that VPA set as large as the request", "names", fixed_proportion, IDS, SAYS),
)  # fmt: skip
"""Each must name the autoscaler."""

UNSIZED = (
    Variant("killed where VPA is off, and notes nothing", "fault", oom, IDS),
    Variant("killed where VPA sets the web server's limit", "fault", by_another, IDS),
    Variant("killed at the template's limit, which VPA wrote again", "fault", lambda w: oom(sized(w, "256Mi")), IDS),
    Variant("killed at the template's limit, which VPA wrote in bytes", "fault",
            lambda w: oom(sized(w, "268435456")), IDS),
    Variant("killed where VPA sets requests alone", "fault",
            lambda w: oom(sized(w, "256Mi", "container 0: cpu request, memory request")), IDS),
    Variant("killed where VPA sets requests and CPU alone, with a limit of another revision", "fault",
            lambda w: oom(sized(w, "512Mi", "container 0: cpu request, cpu limit")), IDS),
    Variant("killed in a sidecar that VPA does not size", "names", agent, ("api-oom-killed", "api-sidecar-failing"),
            ("agent",)),
    Variant("killed with a note that is no note of VPA", "fault",
            lambda w: (sized(w, "768Mi"), w.pod("api-server")["metadata"]["annotations"].update(vpaUpdates="yes"),
                       oom(w)), IDS),
)  # fmt: skip
"""None may name the autoscaler."""
