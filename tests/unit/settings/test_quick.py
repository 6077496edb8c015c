"""The settings of a diagnosis without the settings machinery: the same as with it, or none at all."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from bot.settings.quick import QuickSettings
from tests.support.processes import lines_of

PROGRAM = """
import dataclasses, json, os, sys
from bot.settings import load_settings
from bot.settings.quick import quick_settings
for case in json.loads(sys.argv[1]):
    os.environ.clear(); os.environ.update(case)
    quick = quick_settings(None, "prod", allow_exec=None)
    full = load_settings(context="prod").model_dump(mode="json")
    print(json.dumps([quick and dataclasses.asdict(quick), full]))
"""


def both(folder: Path, *cases: dict[str, str]) -> list[tuple[dict[str, Any] | None, dict[str, Any]]]:
    """The quick settings and the full ones, as another process sees them with these variables; case by case."""
    return [tuple(line) for line in lines_of(PROGRAM, cases, folder=folder)]


def test_where_they_answer_they_say_what_the_settings_say(tmp_path: Path) -> None:
    places: tuple[dict[str, str], ...] = (
        {},
        {"KUBECONFIG": "one:two"},
        {"kubeconfig": "small"},
        {"KUBECONFIG": "", "KUBERNETES_SERVICE_HOST": "10.0.0.1"},
        {"TRIAGE_WORKERS": "3", "SLACK_BOT_TOKEN": "xoxb-1"},
    )
    for place, (quick, full) in zip(places, both(tmp_path, *places), strict=True):
        assert quick is not None, place
        assert quick == {name: full[name] for name in quick}, place


def test_where_more_may_be_set_they_leave_it_to_the_settings(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("deadline_seconds: 5\n")
    variables = {
        "TRIAGE_KUBECONFIG": "one",
        "TRIAGE_CONTEXT": "c",
        "TRIAGE_ALLOW_EXEC": "true",
        "TRIAGE_DEADLINE_SECONDS": "7",
        "triage_redaction": "rules.yaml",
        "TRIAGE_CONFIG": "settings.yaml",
    }
    for name, (quick, _) in zip(
        variables, both(tmp_path, *({name: value} for name, value in variables.items())), strict=True
    ):
        assert quick is None, name


@pytest.mark.parametrize("said", ["KUBECONFIG=three\n", "export triage_context=c\n", "TRIAGE_CONFIG=settings.yaml\n"])
def test_what_a_dotenv_file_says_is_left_to_the_settings(tmp_path: Path, said: str) -> None:
    (tmp_path / "settings.yaml").write_text("")
    (tmp_path / ".env").write_text(said)
    ((quick, _),) = both(tmp_path, {})
    assert quick is None


def test_their_fields_are_settings() -> None:
    assert {field.name for field in fields(QuickSettings)} <= set(Settings.model_fields)
