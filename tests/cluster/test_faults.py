"""Every fault is named, what it explains is said, and nobody else is accused."""

import pytest

from tests.cluster.diagnose import Answer, diagnose
from tests.cluster.fault import EXIT_CODES, Fault
from tests.cluster.faults import FAULTS
from tests.cluster.stage import Stage

# The first test of a wave waits until the whole wave has developed.
pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]


@pytest.mark.parametrize("fault", FAULTS, ids=[f.id for f in FAULTS])
def test_a_diagnosis_names_the_root_causes_and_accuses_nobody_else(fault: Fault, stage: Stage) -> None:
    standing = stage.standing(fault)
    assert not standing.failure, standing.failure
    answer = diagnose(fault)
    assert answer.json["verdict"] == fault.verdict, answer.text
    assert answer.root_causes == fault.causes, answer.text
    assert answer.code == EXIT_CODES[fault.verdict], answer.text
    assert_nobody_else_is_accused(answer)
    assert_the_outage_is_explained(answer)
    assert_names(answer, fault.mentions)


def assert_nobody_else_is_accused(answer: Answer) -> None:
    """A confirmed cause is a root cause, or follows from one, or is benign."""
    benign = {c["id"] for c in answer.json["causes"] if c.get("benign")}
    chained = {c["id"] for c in answer.json["causes"] if c.get("explained_by") in answer.root_causes}
    accused = answer.confirmed - answer.explained() - chained - benign
    assert not accused, f"confirmed, but no root cause explains it: {sorted(accused)}\n{answer.text}"


def assert_the_outage_is_explained(answer: Answer) -> None:
    """An `api_unreachable` in the paste belongs to one of the root causes, when there is one."""
    for symptom in answer.json["symptoms"]:
        if symptom["id"] == "api_unreachable" and answer.root_causes:
            assert symptom["explained_by"] in answer.root_causes, answer.text


def assert_names(answer: Answer, words: tuple[str, ...]) -> None:
    """What is said about the root causes contains these words: the dependency, the ConfigMap, the key."""
    said = " ".join(
        f"{c['title']} {c.get('sentence', '')}" for c in answer.json["causes"] if c["id"] in answer.root_causes
    )
    missing = [word for word in words if word.lower() not in said.lower()]
    assert not missing, f"{missing} not in: {said}"
