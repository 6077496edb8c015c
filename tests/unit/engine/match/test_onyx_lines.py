"""Lines of today's Onyx have their meaning, and those that are no fault have none."""

from tests.support.shipped import pastes
from tests.unit.onyx_matcher import matcher


def test_a_line_of_todays_onyx_is_recognised():
    wrong = {}
    for line in pastes("onyx-lines.yaml"):
        found = [one.id for one in matcher().read(line["text"]).symptoms]
        if (found[:1] or ["none"])[0] not in line["expect"]:
            wrong[line["id"]] = found
    assert wrong == {}
