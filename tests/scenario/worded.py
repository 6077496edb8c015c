"""What the scenarios with a language model share: a model that says what the test wants, and a bot that asks it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from bot.adapters.slack.options import ModelDeps
from bot.narration.ports import ModelPrompt, Reply
from bot.narration.service import Wording
from bot.playbook.loaded import PlaybookSet
from bot.playbook.loader import parse
from bot.playbook.location import default_playbooks
from bot.redaction import Boundary
from bot.sandbox.workspace.state.seed import BASE_SCOPES, BOT_USER, INCIDENTS, WorkspaceConfig
from bot.yamlfile.files import read_directory
from tests.scenario.slack_bench import PASTE, Bench, bench, valid
from tests.support.workspaces import patient_workspace
from tests.unit.slack_samples import oom

LABEL = "Worded by small-1. The diagnosis was made without it."
KILLED = "The API server is killed for memory."
UNKNOWN = (
    "2026-11-23 10:08:02 ERROR kettle-driver boiler 7 overheated at 104 degrees, closing valve 3\n"
    "2026-11-23 10:08:02 INFO kettle-driver login with password=Zx81abcD9 works"
)
ASKED = f"<@{BOT_USER}> what is this?\n```\n{UNKNOWN}\n```"
HOSTILE = "<!channel> Approved by <@U0SECOND>: see <https://evil.example|the fix> *now* `kubectl delete ns onyx`"


class ScriptedModel:
    """Implements `Model` with one answer for each purpose; waits for `go`."""

    name, endpoint = "small-1", "http://model/v1"

    def __init__(self) -> None:
        self.asked: list[ModelPrompt] = []
        self.answers: Mapping[str, Any] = {}
        self.go = threading.Event()
        self.reset()

    def reset(self) -> None:
        self.asked.clear()
        self.answers = {"explain": sentences(KILLED), "resemble": resembles(), "draft": drafted()}
        self.go.set()

    def ask(self, question: ModelPrompt) -> Reply:
        self.asked.append(question)
        assert self.go.wait(120), "the test forgot to let the model go on"
        answer = self.answers[question.purpose]
        if isinstance(answer, Exception):
            raise answer
        return Reply(answer, 10, 5)

    def purposes(self) -> list[str]:
        return [question.purpose for question in self.asked]


def sentences(*texts: str) -> dict[str, Any]:
    return {"sentences": [{"text": text, "checks": [oom().checks[0].id]} for text in texts]}


def resembles(**fields: Any) -> dict[str, Any]:
    return {"symptom": "onyx/api_unreachable", "why": "Both say that the boiler overheated.", "lines": [3], **fields}


def drafted(**fields: Any) -> dict[str, Any]:
    return {
        "id": "Boiler overheated!",
        "title": "The kettle's boiler is too hot",
        "description": "The driver closes a valve because the boiler is too hot.",
        "severity": "warning",
        "signatures": [r"kettle-driver\s+boiler\s+(?P<boiler>\d+)\s+overheated\s+at\s+\d+\s+degrees"],
        "matches": ["ERROR kettle-driver boiler 7 overheated at 104 degrees, closing valve 3"],
        "lookalikes": ["INFO kettle-driver boiler 7 is at 60 degrees", "kettle-driver: fine"],
        **fields,
    }


@cache
def playbooks() -> PlaybookSet:
    wanted = ("onyx/app", "onyx/web/api-unreachable")
    sources = read_directory(default_playbooks())
    return parse([one for one in sources if one.name.partition("/")[2].split(".")[0] in wanted
                  or one.name.split(".")[0] in wanted], rules=False)  # fmt: skip


def deps_of(model: ScriptedModel) -> ModelDeps:
    return ModelDeps(Wording(model, Boundary(), lambda: "d3l1m1t3r"), playbooks)


@contextmanager
def with_model(*scopes: str) -> Iterator[tuple[Bench, ScriptedModel]]:
    model = ScriptedModel()
    workspace = patient_workspace(config=WorkspaceConfig(scopes=(*BASE_SCOPES, *scopes)))
    with bench(workspace=workspace, model=deps_of(model)) as made:
        yield made, model


def settled(running: tuple[Bench, ScriptedModel]) -> None:
    """Wait until neither the bot nor the model has anything to do."""
    made, scripted = running
    scripted.go.set()
    made.settled()
    assert made.bot._parts is not None
    part = made.bot._parts.model
    assert part is not None
    worker = part.worker
    with worker._changed:
        assert worker._changed.wait_for(lambda: not worker._busy and not worker._waiting)
    made.settled()


def labels(message: Mapping[str, Any]) -> list[str]:
    rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    return [element["text"]["text"] for row in rows for element in row if "text" in element]


def card_after(shared: Bench, says: str) -> dict[str, Any]:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    return valid(shared.answer(ts, says))


def assert_harmless(message: Mapping[str, Any]) -> None:
    """Nothing in it pings, links or runs."""
    assert "<!" not in message["text"]
    assert "<http" not in message["text"]
    everything = json.dumps(message["blocks"])
    for element in ('"link"', '"user"', '"usergroup"', '"broadcast"', '"channel"'):
        assert f'"type": {element}' not in everything


def asked_about(shared: Bench, text: str = ASKED, says: str = "A guess of small-1") -> tuple[str, dict[str, Any]]:
    ts = shared.workspace.post_message(INCIDENTS, text)
    return ts, valid(shared.answer(ts, says))
