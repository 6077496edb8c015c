"""Every labelled paste is recognised as its label says, and what is labelled `none` is taken for nothing."""

import pytest

from tests.support.shipped import pastes
from tests.unit.onyx_matcher import FOUR, ids

ALL = pastes("labelled.yaml")
CLEAR = [paste for paste in ALL if paste["tier"] != "ambiguous"]


@pytest.mark.parametrize("paste", CLEAR, ids=[paste["id"] for paste in CLEAR])
def test_a_labelled_paste_is_recognised_as_its_label_says(paste):
    found, expected = ids(paste["text"]), set(paste["expect"])
    assert found & FOUR == expected & FOUR
    if expected == {"none"}:
        assert found == set()


def test_most_other_known_faults_are_recognised_too():
    others = [paste for paste in CLEAR if "other_known" in paste["expect"]]
    missed = [paste["id"] for paste in others if not ids(paste["text"]) - FOUR]
    assert missed == []
