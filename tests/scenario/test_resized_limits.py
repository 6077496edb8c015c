"""A kill for memory at a limit that a VerticalPodAutoscaler set says so, with what is to be changed; others do not."""

import pytest

from bot.domain.diagnosis import Cause, Diagnosis
from tests.nearmiss.variants.resized import RESIZED, UNSIZED
from tests.scenario.test_near_miss_variants import case_of, diagnosed
from tests.support.near_misses import accusations, shortcomings


def killed(found: Diagnosis) -> Cause:
    return next(item for item in found.root_causes if item.id == "api-oom-killed")


def words(cause: Cause) -> str:
    return " ".join([cause.sentence, *(f"{item.id} {item.title} {item.note}" for item in cause.remedies)])


def test_a_limit_that_vpa_set_is_said_to_be_its_own_and_to_come_back() -> None:
    for row in RESIZED:
        found = diagnosed(row.name)
        assert (accusations(case_of(row), found), shortcomings(case_of(row), found)) == ([], []), row.name
        cause = killed(found)
        assert "sets it again in every new pod" in cause.sentence, row.name
        assert cause.remedies[0].id == "raise-autoscaler-api", row.name
        assert "maxAllowed" in cause.remedies[0].title, row.name
        assert not cause.remedies[0].steps, row.name
        assert all("api-vpa" in item.note for item in cause.remedies if item.kind == "raise_memory"), row.name


def test_a_limit_that_vpa_did_not_set_is_not_put_down_to_it() -> None:
    for row in UNSIZED:
        found = diagnosed(row.name)
        assert (accusations(case_of(row), found), shortcomings(case_of(row), found)) == ([], []), row.name
        said = words(killed(found))
        assert "Vertical" not in said, (row.name, said)
        assert "autoscaler" not in said, (row.name, said)


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("killed at a limit that VPA set a little higher", True),
        # Twice the template's limit is less than what it has now.
        ("killed at a limit that VPA set", False),
        # Request and limit stay in proportion, so a change of both would change nothing.
        ("killed at a limit that VPA set as large as the request", False),
        ("killed where VPA is off, and notes nothing", True),
    ],
)
def test_the_template_is_changed_only_where_that_lasts(name: str, offered: bool) -> None:
    patches = [item for item in killed(diagnosed(name)).remedies if item.kind == "raise_memory"]
    assert bool(patches) is offered
