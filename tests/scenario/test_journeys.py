"""How far a paste, a view, a press and a playbook file travel stays countable, and does not grow by accident."""

from pathlib import Path

import pytest

from tests.support.journeys import journeys

pytestmark = pytest.mark.slow

AT_MOST = {"paste to card": 310, "view to verdict": 160, "press to PATCH": 125, "playbook to engine": 32}
"""Files, with some room: which threads are at work beside a press differs a little from run to run."""


def test_the_four_journeys_are_no_longer_than_architecture_tells(tmp_path: Path) -> None:
    found = journeys(tmp_path)
    counted = {name: len(journey.files) for name, journey in found.items()}
    assert {name: count for name, count in counted.items() if not AT_MOST[name] / 2 < count <= AT_MOST[name]} == {}
    assert [bool(journey.frames) for journey in found.values()] == [False, False, True, False]
    assert max(found["press to PATCH"].frames) <= 18
