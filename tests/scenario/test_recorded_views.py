"""Every recorded fault is named again, without a cluster: the snapshots in tests/views against the fault tables."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bot.diagnosis.diagnosis_codec import decode, encode
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.report import diagnosis_report
from bot.diagnosis.service import TriageService
from bot.diagnosis.snapshot import Snapshot, decode_snapshot, encode_snapshot
from bot.domain.diagnosis import CauseVerdict, Cost, Diagnosis
from bot.domain.view import View
from bot.playbook.loaded import PlaybookSet
from tests.cluster.fault import Fault
from tests.cluster.faults import FAULTS
from tests.cluster.faults_state import UNSTRIPPED
from tests.cluster.test_lost_services import NODE_LOST
from tests.support.printed_commands import with_holes
from tests.support.sampling import sampled
from tests.support.shipped import shipped_playbooks

VIEWS = Path(__file__).parents[1] / "views"
MAX_BYTES = 1_500_000
ROWS: Mapping[str, Fault] = {row.id: row for row in (*FAULTS, NODE_LOST)}
HALF = re.compile(r"  |[:;,—]\s*\.?\s*\Z|: \.|\(\)|\{\w")
"""A sentence of which a fact fell out: two blanks, nothing behind a colon, empty brackets."""
NAMES = sorted(path.name.removesuffix(".json.gz") for path in VIEWS.glob("*.json.gz"))


@cache
def playbooks() -> PlaybookSet:
    return shipped_playbooks()


def no_cluster() -> NoReturn:
    raise AssertionError("a snapshot must not ask for a cluster")


@cache
def service() -> TriageService:
    return TriageService(playbooks, no_cluster)


@cache
def recorded(name: str) -> Snapshot:
    return decode_snapshot((VIEWS / f"{name}.json.gz").read_bytes(), name, "onyx")


def diagnosed(view: View, paste: str = "") -> Diagnosis:
    """What is said of the view to a person who pastes this, or the web server's log as far as it was read."""
    log = paste or "\n".join(item.text or "" for item in view.logs if item.container.startswith("web"))
    symptoms = service().match(log, "onyx") if log.strip() else ()
    return service().replay(view, TriageRequest("onyx", view.namespace, symptoms))


@cache
def recorded_diagnosis(name: str) -> Diagnosis:
    return diagnosed(recorded(name).view, fixed_paste(name))


def fixed_paste(name: str) -> str:
    """The text of a row that the web server's own log does not hold."""
    return UNSTRIPPED if name == "path-prefix" else ""


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    return diagnosis_report(diagnosis, Cost())


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_fault_is_named_and_nobody_else_is_accused(name: str) -> None:
    row, found = ROWS[name], recorded_diagnosis(name)
    said = f"{found.headline}\n{json.dumps(as_json(found)['causes'], indent=1, default=str)}"
    roots = {cause.id for cause in found.root_causes if not cause.state}
    assert (found.verdict.value, roots) == (row.verdict, set(row.causes)), said
    explained = {cause.id for cause in found.causes if cause.explained_by in roots}
    confirmed = {
        cause.id
        for cause in found.causes
        if cause.verdict is CauseVerdict.CONFIRMED and not (cause.state or cause.benign)
    }
    assert confirmed <= roots | explained, said
    words = " ".join(f"{cause.title} {cause.sentence}" for cause in found.root_causes).lower()
    assert [word for word in row.mentions if word.lower() not in words] == [], words


@pytest.mark.parametrize("name", sampled(NAMES, 5))
def test_saved_again_it_gives_the_identical_diagnosis(name: str) -> None:
    before = recorded(name)
    data = encode_snapshot(before, compress=False)
    after = decode_snapshot(data, name, "onyx")
    assert after == before
    assert as_json(diagnosed(after.view, fixed_paste(name))) == as_json(recorded_diagnosis(name))
    assert encode_snapshot(after, compress=False) == data
    diagnosis = recorded_diagnosis(name)
    assert decode(json.loads(json.dumps(encode(diagnosis)))) == diagnosis, "nor does it change when it is kept"


@pytest.mark.parametrize("name", NAMES)
def test_no_command_and_no_sentence_of_a_recorded_fault_has_a_hole_in_it(name: str) -> None:
    """Nor is what would only be so if it were confirmed told of a cause that is not."""
    found = recorded_diagnosis(name)
    assert with_holes(found) == []
    causes = as_json(found)["causes"]
    assert [said for cause in causes for said in (cause["title"], cause["sentence"]) if HALF.search(said)] == []
    gone = [cause["sentence"] for cause in causes if cause["verdict"] == "ruled_out" and not cause["explained_by"]]
    open_ones = [cause["sentence"] for cause in causes if cause["verdict"] in ("possible", "unknown")]
    assert [said for said in gone if not said.startswith("Ruled out")] == []
    assert [said for said in open_ones if not said.startswith(("Nothing shows it", "It cannot be judged"))] == []


def test_every_fault_of_the_suite_has_a_snapshot_and_nothing_else_has() -> None:
    assert sorted(ROWS) == NAMES


def test_the_snapshots_stay_small() -> None:
    assert sum(path.stat().st_size for path in VIEWS.iterdir()) < MAX_BYTES
