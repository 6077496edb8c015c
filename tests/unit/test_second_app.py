"""The second app is YAML alone, complete, and does not disturb the recognition of the first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.engine.match.matcher import Matcher
from tests.support.shipped import pastes, shipped_playbooks

HERE = Path(__file__).parent
PLAYBOOKS = shipped_playbooks()
MATCHER = Matcher(PLAYBOOKS.apps, PLAYBOOKS.symptoms)
PASTES: list[dict[str, Any]] = pastes("labelled.yaml")


@pytest.mark.parametrize("paste", PASTES, ids=[item["id"] for item in PASTES])
def test_no_paste_of_onyx_shows_an_error_of_another_app(paste: dict[str, Any]) -> None:
    assert {symptom.app for symptom in MATCHER.match(paste["text"])} <= {"onyx"}


def test_no_line_of_code_knows_the_second_app() -> None:
    package = HERE.parents[1] / "bot"
    code = (path for path in package.rglob("*.py") if package / "sandbox" not in path.parents)  # which plays the app
    naming = [path.name for path in code if "immich" in path.read_text("utf-8").lower()]
    assert naming == []


def test_it_has_symptoms_causes_of_its_own_and_both_kinds_of_components() -> None:
    app = PLAYBOOKS.apps["immich"]
    symptoms = list(PLAYBOOKS.symptoms_of("immich"))
    assert len(symptoms) >= 4
    assert any(symptom.causes for symptom in symptoms)
    assert {item.role for item in app.components.values()} == {"service", "dependency"}
