"""A healthy app stays without a confirmed fault, however its cluster differs. `make fuzz` tries 20,000 examples."""

from functools import cache

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.domain.diagnosis import CauseVerdict
from bot.engine.diagnose import Knowledge, diagnose
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


@cache
def knowledge() -> Knowledge:
    playbooks = shipped_playbooks()
    return Knowledge(playbooks.apps["onyx"], tuple(playbooks.symptoms_of("onyx")), playbooks.generic)


@examples
@given(st.integers(0, 2**32), st.integers(0, 6))
def test_what_keeps_an_app_healthy_is_never_called_a_fault(seed: int, count: int) -> None:
    world, changes = changed(seed, count)
    found = diagnose(knowledge(), world.built())
    confirmed = [
        item.id
        for item in found.causes
        if item.verdict is CauseVerdict.CONFIRMED and not item.state and not item.benign
    ]
    assert confirmed == [], changes
    assert [remedy.id for item in found.causes for remedy in item.remedies if remedy.steps] == [], changes
