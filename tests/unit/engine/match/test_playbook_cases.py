"""The cases beside the playbooks of Onyx hold."""

import pytest

from tests.unit.onyx_matcher import cases, matcher, symptoms

CASES = [(symptom.id, case) for symptom in symptoms() for case in cases(symptom.id).pastes]


@pytest.mark.parametrize(("symptom_id", "case"), CASES, ids=[f"{name}: {case.name}" for name, case in CASES])
def test_a_case_of_a_playbook_holds(symptom_id, case):
    found = {symptom.id: symptom for symptom in matcher().match(case.text)}
    assert (symptom_id in found) == (case.expect == "match")
    if case.expect == "match":
        assert {name: found[symptom_id].fields.get(name) for name in case.fields} == case.fields
        assert case.count in (None, found[symptom_id].count)


@pytest.mark.parametrize("symptom", symptoms(), ids=lambda symptom: symptom.id)
def test_every_symptom_has_a_paste_that_shows_it_and_a_look_alike(symptom):
    expected = {case.expect for case in cases(symptom.id).pastes}
    assert expected == {"match", "none"}
    assert symptom.advice
    assert symptom.references
