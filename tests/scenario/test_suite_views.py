"""Worlds after public evaluation suites, run on a real cluster and saved: what is wrong is named from wherever one
asks, alone, and what is well is not accused.
"""

from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest
import yaml

from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.diagnosis.snapshot import decode_snapshot
from bot.domain.diagnosis import Diagnosis
from bot.domain.view import View
from tests.support.shipped import shipped_playbooks

SUITES = Path(__file__).parents[1] / "shop" / "suites"
ROWS = {row["view"]: row for row in yaml.safe_load((SUITES / "rows.yaml").read_text())}

pytestmark = pytest.mark.slow


def no_cluster() -> NoReturn:
    raise AssertionError("a snapshot must not ask for a cluster")


@cache
def service() -> TriageService:
    return TriageService(shipped_playbooks, no_cluster)


@cache
def saved(name: str) -> View:
    data = (SUITES / f"{name}.json.gz").read_bytes()
    return decode_snapshot(data, name, f"namespace/suite-{name}").view


def subjects(row: dict[str, Any]) -> list[str]:
    asked = {"namespace": f"namespace/suite-{row['view']}", "object": row["object"], "front": row["front"]}
    return [subject for place, subject in asked.items() if place not in row.get("not_from", ())]


def said_by(found: Diagnosis) -> str:
    causes = [f"{one.id}: {one.title}: {one.sentence}" for one in found.root_causes if not one.state]
    return "\n".join([found.headline, *causes])


def shortcoming(row: dict[str, Any], subject: str, found: Diagnosis) -> str:
    """What is not right about an answer; empty if it is right."""
    said, verdict = said_by(found), found.verdict.value
    faults = [one for one in found.root_causes if not one.state]
    if row.get("well"):
        unsure = row.get("unsure") and subject.startswith("namespace/") and verdict == "inconclusive"
        return "" if verdict == "healthy" or unsure else f"{subject} is well: {said}"
    if verdict in ("healthy", "recovered"):
        return f"{subject} is called healthy"
    if missing := [word for word in row["words"] if word.lower() not in said.lower()]:
        return f"{subject}: {missing} is not in {said}"
    if row.get("unsure"):
        return f"{subject} is accused: {said}" if faults else ""
    return "" if len(faults) == 1 else f"{subject}: {len(faults)} root causes: {said}"


@pytest.mark.parametrize("name", ROWS)
def test_what_is_wrong_is_named_alone_from_wherever_one_asks(name: str) -> None:
    row, view = ROWS[name], saved(name)

    answers = {subject: service().replay(view, TriageRequest(subject, view.namespace, ())) for subject in subjects(row)}

    assert [text for subject, found in answers.items() if (text := shortcoming(row, subject, found))] == []


def test_every_saved_view_has_a_right_answer() -> None:
    assert {path.name.removesuffix(".json.gz") for path in SUITES.glob("*.json.gz")} == set(ROWS)
