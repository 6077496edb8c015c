"""The matcher over all playbooks, as `triage match` uses it, and the cases of those of Onyx. For tests."""

from functools import cache
from pathlib import Path

from bot.engine.match.matcher import Matcher
from bot.playbook.app_schema import AppPlaybook
from bot.playbook.case_schema import CaseFile
from bot.playbook.loader import PlaybookSet
from bot.playbook.schema import SymptomPlaybook
from tests.support.shipped import shipped_playbooks

PASTES = Path(__file__).parents[1] / "pastes" / "labelled.yaml"
FOUR = frozenset({"chat_history_broken", "api_unreachable", "mcp_not_configured", "auth_contradiction"})


@cache
def playbooks() -> PlaybookSet:
    return shipped_playbooks()


def symptoms() -> tuple[SymptomPlaybook, ...]:
    return playbooks().symptoms_of("onyx")


def app() -> AppPlaybook:
    return playbooks().apps["onyx"]


@cache
def matcher() -> Matcher:
    return Matcher(playbooks().apps, playbooks().symptoms)


def cases(symptom_id: str) -> CaseFile:
    for file in playbooks().files:
        if isinstance(file.playbook, SymptomPlaybook) and (file.playbook.app, file.playbook.id) == ("onyx", symptom_id):
            assert file.cases is not None
            return file.cases
    raise KeyError(symptom_id)


def ids(text: str) -> set[str]:
    return {symptom.id for symptom in matcher().match(text)}
