"""What no cause carries is said beside the verdict: the log's own words, another namespace, what is over."""

from collections.abc import Callable

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import Verdict
from tests.nearmiss.variants.network import REFUSED, too_wide
from tests.nearmiss.variants.urls import other_namespace
from tests.scenario.test_near_misses import service
from tests.support.near_miss_world import DAY, World

CLUSTER_IP = REFUSED.format("172.30.234.137:8080")


def only_local(world: World) -> object:
    world.service()["spec"]["internalTrafficPolicy"] = "Local"
    world.pod("web-server")["spec"]["nodeName"] = "node-b"
    return world.log("web-server", (20, CLUSTER_IP), (3, CLUSTER_IP))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda world: world.log("web-server", (20, CLUSTER_IP), (3, CLUSTER_IP)), "log of the web server says"),
        (only_local, "internalTrafficPolicy: Local, and no pod of the API server that is ready is on node-b"),
        (lambda world: other_namespace(world, ready=2), "calls Service api-server of namespace prod"),
        (lambda world: world.url("http://api-gateway:8080"), "looks wrong (there is no Service api-gateway"),
        (
            lambda world: world.restarted(world.pod("api-server"), ended=900, lasted=2 * DAY, code=137),
            "The API server ended once with exit code 137",
        ),
        (too_wide, "also selects report-abc-0"),
    ],
)
def test_it_is_said(change: Callable[[World], object], words: str) -> None:
    world = World()
    change(world)
    view = world.built()
    found = service().replay(view, TriageRequest("onyx", view.namespace, ()))
    assert words in " ".join(found.notes)
    if found.verdict is Verdict.INCONCLUSIVE and "likely" not in found.headline:
        assert "possible" not in found.headline
