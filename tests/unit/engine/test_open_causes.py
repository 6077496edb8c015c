"""What a diagnosis says of what it could not see, and of causes that do not hold."""

import pytest

from bot.diagnosis.report import diagnosis_report
from bot.domain.diagnosis import CauseVerdict, Cost, Verdict
from bot.domain.facts import Gap, GapReason
from bot.monitors.observations import blinding_gap
from tests.scenario.test_recorded_views import NAMES, diagnosed, recorded, recorded_diagnosis


@pytest.mark.parametrize("name", NAMES[::5])
def test_a_list_that_our_own_limit_cut_off_is_told(name: str) -> None:
    gap = Gap(GapReason.CUT_OFF, "pods", "only the first 40 pages were read", "list", "pods", "onyx")
    view = recorded(name).view
    found = diagnosed(view.model_copy(update={"gaps": {**view.gaps, "pods": gap}}))
    assert gap in found.gaps
    assert found.verdict not in (Verdict.HEALTHY, Verdict.RECOVERED)
    assert "there is more than this program reads" in blinding_gap(found)


@pytest.mark.parametrize("name", NAMES[::5])
def test_what_nobody_asked_for_is_no_gap_of_the_diagnosis(name: str) -> None:
    assert [gap for gap in recorded_diagnosis(name).gaps if gap.reason is GapReason.NOT_READ] == []


@pytest.mark.parametrize("name", NAMES[::3])
def test_the_sentence_of_a_cause_that_does_not_hold_claims_nothing(name: str) -> None:
    for cause in diagnosis_report(recorded_diagnosis(name), Cost())["causes"]:
        if cause["verdict"] == CauseVerdict.CONFIRMED or cause["explained_by"]:
            continue
        begins = ("Ruled out", "It cannot be judged", "Nothing shows it")
        holds = cause["verdict"] == CauseVerdict.LIKELY and "unknown" not in cause["sentence"]
        assert holds or cause["sentence"].startswith(begins), cause
