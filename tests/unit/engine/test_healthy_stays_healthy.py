"""A healthy app stays without a confirmed fault, however its cluster differs. `make fuzz` tries 20,000 examples."""

from functools import cache

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import CauseVerdict
from bot.engine.diagnose import Knowledge, diagnose
from tests.scenario.test_near_misses import service
from tests.support.healthy_changes import changed
from tests.support.shipped import shipped_playbooks

LONG = settings().max_examples > 100
examples = settings(
    deadline=None,
    max_examples=20_000 if LONG else 40,
    derandomize=not LONG,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink) if LONG else (Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)

few = settings(examples, max_examples=5_000 if LONG else 20)


@cache
def knowledge() -> Knowledge:
    playbooks = shipped_playbooks()
    return Knowledge(playbooks.apps["onyx"], tuple(playbooks.symptoms_of("onyx")), playbooks.generic)


@examples
@given(st.integers(0, 2**32), st.integers(0, 6), st.integers(0, 4))
def test_what_keeps_an_app_healthy_is_never_called_a_fault(seed: int, count: int, around: int) -> None:
    nothing_is_confirmed(seed, count, around)


def test_a_database_that_was_late_by_a_clock_far_behind_ours_is_no_fault() -> None:
    nothing_is_confirmed(911578, 5)


def nothing_is_confirmed(seed: int, count: int, around: int = 0) -> None:
    """Of a healthy world after so many changes, and so many around it."""
    world, changes = changed(seed, count, around)
    found = diagnose(knowledge(), world.built(), match=lambda text: service().match(text, "onyx"))
    confirmed = [
        item.id
        for item in found.causes
        if item.verdict is CauseVerdict.CONFIRMED and not item.state and not item.benign
    ]
    assert confirmed == [], changes
    assert [remedy.id for item in found.causes for remedy in item.remedies if remedy.steps] == [], changes


STRANGERS = ("neighbour", "finished_pods", "old_lines", "late_database", "quoted_line")
"""A question about a namespace is about them as well: what is wrong with them is no false accusation there."""


@few
@given(st.integers(0, 2**32), st.integers(0, 5), st.integers(0, 4))
def test_nobody_needs_a_playbook_to_be_left_in_peace(seed: int, count: int, around: int) -> None:
    world, changes = changed(seed, count, around)
    if set(changes) & set(STRANGERS):
        return
    view = world.built()
    found = service().replay(view, TriageRequest(f"namespace/{view.namespace}", view.namespace, ()))
    assert [item.id for item in found.root_causes if not item.state and not item.benign] == [], changes
