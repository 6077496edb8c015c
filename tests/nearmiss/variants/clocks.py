"""Clocks that disagree: the cluster's with ours, a node's with the API server's. None is accused, none missed."""

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import down, fresh, refused
from tests.nearmiss.variants.network import OOM, REFUSED, database
from tests.nearmiss.variants.pods import one_of
from tests.support.near_miss_world import DAY, World

HERE = "172.30.234.137:8080"
NO_ANSWER = "Readiness probe failed: dial tcp 10.85.0.77:8080: connect: connection refused"


def late(world: World, seconds: float) -> World:
    """The database's probe is late; the API serves, as a pod of nobody beside one that leaves."""
    database(world, "postgresql", ready=True)
    return world.not_ready(world.pod("postgresql"), seconds)


def not_listening(world: World, since: float) -> World:
    pod = world.pod("api-server")
    pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": world.ago(since)}}
    world.not_ready(pod, since).answers("refused", service=False).answers("no_endpoints", pod=False)
    return refused(world.event(pod, "Pod", "Unhealthy", NO_ANSWER, 4))


def between_crashes(world: World) -> World:
    """It runs again since a few seconds, as it did nine times before."""
    pod = world.pod("api-server")
    world.not_ready(pod, 24).restarted(pod, ended=18, lasted=9, count=9)
    return down(world.answers("refused", service=False))


def over(world: World, line_age: float) -> World:
    return world.log("web-server", (line_age, REFUSED.format(HERE)), (5, "GET /api/me 200 in 9ms"))


CLOCKS = (
    Variant(
        "the database was late for seconds, in a cluster forty minutes behind",
        "open",
        lambda w: late(w, 7).older(2400),
    ),
    Variant(
        "the database was late for seconds, on a node forty minutes behind",
        "open",
        lambda w: late(w, 7).node_behind(2400),
    ),
    Variant("a pod eight seconds old on a node that is behind", "open", lambda w: fresh(w, 8).node_behind(2700)),
    Variant("a pod eight seconds old in a cluster that is behind", "open", lambda w: fresh(w, 8).older(2700)),
    Variant(
        "not listening for minutes, on a node that is behind",
        "fault",
        lambda w: not_listening(w, 300).node_behind(3000),
        ("api-not-listening",),
    ),
    Variant(
        "not listening for minutes, on a node that is ahead",
        "fault",
        lambda w: not_listening(w, 300).node_behind(-3000),
        ("api-not-listening",),
    ),
    Variant(
        "between two crashes, on a node that is behind",
        "fault",
        lambda w: between_crashes(w).node_behind(3600),
        ("api-crash-looping",),
    ),
    Variant(
        "between two crashes, on a node that is ahead",
        "fault",
        lambda w: between_crashes(w).node_behind(-3600),
        ("api-crash-looping",),
    ),
    Variant(
        "one end after days, an hour ago, on a node that is behind",
        "ok",
        lambda w: w.restarted(w.pod("api-server"), ended=3600, lasted=5 * DAY, code=1).node_behind(3500),
    ),
    Variant("old refusals on a node that is ahead", "ok", lambda w: over(w, 4000).node_behind(-5400)),
    Variant("old refusals on a node that is behind", "ok", lambda w: over(w, 4000).node_behind(5400)),
    Variant(
        "one of three is killed for memory on a node that is behind",
        "names",
        lambda w: w.crashing(one_of(w, 3), **OOM).node_behind(4000),
        ("api-oom-killed",),
        ("1 of 3",),
    ),
    Variant(
        "everything refuses since minutes, in a cluster an hour behind",
        "fault",
        lambda w: not_listening(w, 900).older(3600),
        ("api-not-listening",),
    ),
    Variant(
        "every call is answered by 500 now, on nodes that are behind",
        "open",
        lambda w: w.log(
            "web-server", *((age, "GET /api/me 500 in 20ms") for age in (100, 80, 60, 40, 20, 5))
        ).node_behind(3600),
        not_healthy=True,
    ),
)
