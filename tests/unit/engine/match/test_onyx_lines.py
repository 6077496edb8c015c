"""Lines of today's Onyx have their meaning, and those that are no fault have none."""

import pytest

from tests.support.shipped import pastes
from tests.unit.onyx_matcher import matcher


def _wrong(file):
    """The symptoms of the lines that are not told as they should be, by the line's id."""
    wrong = {}
    for line in pastes(file):
        found = [one.id for one in matcher().read(line["text"]).symptoms]
        if (found[:1] or ["none"])[0] not in line["expect"]:
            wrong[line["id"]] = found
    return wrong


def test_a_line_of_todays_onyx_is_recognised():
    assert _wrong("onyx-lines.yaml") == {}


@pytest.mark.slow
def test_variants_of_what_faults_print_are_recognised_and_harmless_lines_are_not():
    assert _wrong("onyx-variants.yaml") == {}


@pytest.mark.slow
def test_faults_are_recognised_as_people_copy_them():
    assert _wrong("onyx-copies.yaml") == {}


@pytest.mark.slow
def test_what_versions_2_3_and_4_print_is_recognised():
    assert _wrong("onyx-versions.yaml") == {}


@pytest.mark.slow
def test_every_fault_of_the_table_is_recognised_and_its_harmless_twin_is_not():
    assert _wrong("onyx-table.yaml") == {}
