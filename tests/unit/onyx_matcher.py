"""The matcher over the playbooks of Onyx, for tests. Reads the models directly: recognition needs no causes."""

from functools import cache
from pathlib import Path

import yaml

from bot.engine.match.matcher import Matcher
from bot.playbook.schema import AppPlaybook, CaseFile, SymptomPlaybook

PLAYBOOKS = Path(__file__).parents[2] / "playbooks" / "onyx"
PASTES = Path(__file__).parents[1] / "pastes" / "labelled.yaml"
FOUR = frozenset({"chat_history_broken", "api_unreachable", "mcp_not_configured", "auth_contradiction"})


def playbook_files() -> list[Path]:
    return sorted(path for path in PLAYBOOKS.glob("*.yaml") if not path.name.endswith(".test.yaml"))


@cache
def symptoms() -> tuple[SymptomPlaybook, ...]:
    read = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in playbook_files()]
    return tuple(SymptomPlaybook.model_validate(data) for data in read if data["kind"] == "symptom")


@cache
def app() -> AppPlaybook:
    return AppPlaybook.model_validate(yaml.safe_load((PLAYBOOKS / "app.yaml").read_text(encoding="utf-8")))


@cache
def matcher() -> Matcher:
    return Matcher({"onyx": app()}, symptoms())


def cases(symptom_id: str) -> CaseFile:
    path = PLAYBOOKS / f"{symptom_id.replace('_', '-')}.test.yaml"
    return CaseFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def ids(text: str) -> set[str]:
    return {symptom.id for symptom in matcher().match(text)}
