"""Who holds a workload is said, and no button does what is undone at once."""

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import Diagnosis
from tests.nearmiss.neighbours.lives import switched_off_by_hand
from tests.nearmiss.variants.network import oom
from tests.nearmiss.variants.pods import scaled_to_zero
from tests.nearmiss.variants.resized import sized
from tests.scenario.test_near_misses import service
from tests.support.near_miss_world import World


def diagnosed(world: World) -> Diagnosis:
    view = world.built()
    return service().replay(view, TriageRequest("onyx", view.namespace, ()))


@pytest.mark.parametrize(
    ("mark", "value", "named"),
    [
        ("autoscaling.keda.sh/paused-replicas", "0", "KEDA"),
        ("downscaler/original-replicas", "2", "kube-downscaler"),
        ("serving.knative.dev/revision", "api-1", "Knative revision api-1"),
    ],
)
def test_what_decides_about_replicas_takes_the_button_away(mark: str, value: str, named: str) -> None:
    found = diagnosed(scaled_to_zero(World()).annotate("api-server", **{mark: value}))
    (root,) = found.root_causes
    assert root.id == "api-scaled-to-zero"
    assert [remedy.kind for remedy in root.remedies if remedy.steps] == []
    assert named in root.sentence
    assert root.held_by


def test_an_autoscaler_that_is_read_is_named() -> None:
    world = scaled_to_zero(World())
    world.view["horizontalpodautoscalers"] = [
        {"metadata": {"name": "api"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "api-server"}}}
    ]
    assert diagnosed(world).root_causes[0].held_by == ("HorizontalPodAutoscaler api",)


def test_what_restores_what_is_declared_is_said_beside_the_fix() -> None:
    world = scaled_to_zero(World()).annotate("api-server", **{"argocd.argoproj.io/tracking-id": "shop:apps/Deployment"})
    (root,) = diagnosed(world).root_causes
    scale_up = next(remedy for remedy in root.remedies if remedy.kind == "scale_up")
    assert "Argo CD application shop keeps it as it is declared" in scale_up.note


def test_without_a_holder_there_is_a_button_and_no_word() -> None:
    (root,) = diagnosed(scaled_to_zero(World())).root_causes
    assert (root.held_by, [remedy.kind for remedy in root.remedies]) == ((), ["scale_up"])


def test_an_autoscaler_that_leaves_what_is_at_zero_alone_takes_no_button_away() -> None:
    (root,) = diagnosed(switched_off_by_hand(World())).root_causes
    assert (root.held_by, [remedy.kind for remedy in root.remedies]) == ((), ["scale_up"])


def test_who_sets_the_memory_limit_in_each_pod_holds_it() -> None:
    (root,) = diagnosed(oom(sized(World(), "768Mi"))).root_causes
    assert root.held_by == ("VerticalPodAutoscaler api-vpa",)
