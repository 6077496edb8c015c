"""Clusters that live: ways that were opened again, outside databases, pods that come and go beside a well app."""

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.network import API, TIMED_OUT, WEB
from tests.support.near_miss_world import World


def opened(world: World, *, ago: float, last: float) -> World:
    """All ingress was denied for an hour; a policy that allows the web server was added, and calls timed out until."""
    world.log("web-server", (last + 40, TIMED_OUT), (last, TIMED_OUT))
    world.policy("in", API, "Ingress")
    world.policy("web-in", API, "Ingress", ingress=[{"from": [{"podSelector": WEB}]}])
    old, new = world.view["networkpolicies"]
    old["metadata"]["creationTimestamp"], new["metadata"]["creationTimestamp"] = world.ago(3600), world.ago(ago)
    return world


def opened_for_another(world: World) -> World:
    """The younger policy allows what was allowed before: it opened nothing."""
    opened(world, ago=60, last=62)
    old, new = world.view["networkpolicies"]
    old["spec"], new["spec"] = new["spec"], {**new["spec"], "ingress": []}
    return world


def opened_to_the_unasked(world: World) -> World:
    """Nobody probes it, and the policies keep the API server's proxy out: whether it answers is not known."""
    opened(world, ago=60, last=65).answers("timed_out")
    return world.with_main("api-server", readinessProbe=None, livenessProbe=None)


def external_name(world: World) -> World:
    world.add_service("postgres", None, type="ExternalName", externalName="db.corp.example", clusterIP="")
    return world.env("api-server", {"name": "POSTGRES_HOST", "value": "postgres"})


def deleted_namespace(world: World) -> World:
    world.view["namespaces"][0]["metadata"]["deletionTimestamp"] = world.ago(30)
    world.view["namespaces"][0]["status"] = {"phase": "Terminating"}
    return world


LIVING = (
    Variant("a way that was opened a minute ago", "ok", lambda w: opened(w, ago=60, last=65)),
    Variant("a call that waited while the way was opened", "ok", lambda w: opened(w, ago=60, last=50)),
    Variant(
        "a way that was opened, and calls still time out", "open", lambda w: opened(w, ago=60, last=5), not_healthy=True
    ),
    Variant("a younger policy that opened nothing", "open", opened_for_another, not_healthy=True),
    Variant("opened to a program that may hang", "open", opened_to_the_unasked, not_healthy=True),
    Variant("a database outside by ExternalName", "ok", external_name),
    Variant("the namespace is being deleted", "fault", deleted_namespace, ("namespace-terminating",)),
)
