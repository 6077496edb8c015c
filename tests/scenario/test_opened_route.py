"""A route that a NetworkPolicy closed, and that the remedy opened, is well as soon as the change is fixed."""

from pathlib import Path

import pytest

from bot.domain.changes import ChangeState
from bot.domain.diagnosis import Verdict
from tests.scenario.changing import POLICY, as_admin, stage

ALONE = POLICY.replace("high: 1", "high: 0")


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["network-policy-blocks", "network-policy-blocks-egress"])
def test_a_route_that_was_opened_again_is_well_at_once(fault: str, tmp_path: Path) -> None:
    with stage(fault, tmp_path, policy=ALONE) as play:
        done = play.until_done(play.requested("allow_route", as_admin()).id)
        assert done.state is ChangeState.FIXED
        found = play.diagnose()
        assert found.verdict in (Verdict.HEALTHY, Verdict.RECOVERED), found.headline
        assert not found.root_causes or all(cause.state for cause in found.root_causes)
