"""Cards, windows and the Home tab against the types that Slack publishes, and not against our own idea of them.

The schema says what the TypeScript types of `@slack/types` 3.2.0 (MIT) say of a message's blocks and of a view, without
their comments; no key is allowed that they do not have, and of a view only known blocks. Made anew by

    npx ts-json-schema-generator --path root.ts --type Published --tsconfig tsconfig.json

of an interface with `message: {text: string; blocks?: KnownBlock[]}` and `view: ModalView | HomeView`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator  # of kubernetes-validate, which validates with it, too

from bot.adapters.slack.render.blocks import Json, button, link_button
from bot.adapters.slack.render.home_facts import HomeItem
from bot.adapters.slack.render.home_page import HomeContent, closed_page, home_page
from bot.incidents.notices import OpenIncident

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[3]
SCHEMA = json.loads((TESTS / "corpus" / "slack-types-3.2.0.schema.json").read_text(encoding="utf-8"))
GOLDEN = sorted((TESTS / "golden").glob("slack_*.json"))
NOW = datetime(2026, 11, 23, 10, 9, tzinfo=UTC)


def validator(of: str) -> Draft7Validator:
    return Draft7Validator({**SCHEMA, "$ref": f"#/definitions/{of}"})


MESSAGE, VIEW = validator("PublishedMessage"), validator("PublishedView")


def golden(path: Path) -> Json:
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return {**found, "text": "\n".join(found["text"])} if "text" in found and "type" not in found else found


def homes() -> Iterator[Json]:
    incident = OpenIncident("onyx", "Onyx: the API server is being killed for memory.", NOW, "https://x.slack.com/p1")
    item = HomeItem(
        "Raise memory",
        (button("b_1", "Approve", "token", spoken="Approve"), link_button("l_1", "Open", "https://x", spoken="Open")),
    )
    full = HomeContent(
        [("onyx", "Onyx"), ("shop", "Shop")], [incident], 2, [item], ["as operator: restart"], ["onyx: well"], [item],
        ["All is well.", "Slack: connected"], NOW, ("The database is away.",),
    )  # fmt: skip
    yield home_page(full)
    yield home_page(HomeContent([], [], 0, [], [], [], [], [], NOW))
    yield closed_page("You are a guest.", "Ask an admin.")


def payloads() -> dict[str, Json]:
    return {path.stem: golden(path) for path in GOLDEN} | {f"home {at}": view for at, view in enumerate(homes())}


def judge(payload: Json) -> Draft7Validator:
    return VIEW if "type" in payload else MESSAGE


def said(payload: Json) -> list[str]:
    if judge(payload).is_valid(payload):
        return []
    return [f"{error.json_path}: {error.message[:200]}" for error in judge(payload).iter_errors(payload)]


@pytest.mark.parametrize("name", payloads())
def test_what_is_sent_is_what_slack_publishes(name: str) -> None:
    assert said(payloads()[name]) == []


def test_all_there_is_is_looked_at() -> None:
    kinds = {payload.get("type", "message") for payload in payloads().values()}
    assert kinds == {"message", "modal", "home"}
    assert len(GOLDEN) > 30


def spoiled(payload: Json) -> Iterator[tuple[str, Json]]:
    """The payload with one mistake in each of its first blocks: another type, a key that there is not, a number."""
    for at, block in enumerate(payload["blocks"][:12]):
        for what, change in {
            "unknown type": {"type": "of_the_future"},
            "unknown key": {"colour": "red"},
            "number": {"block_id": 7},
        }.items():
            made: Any = copy.deepcopy(payload)
            made["blocks"][at] = {**block, **change}
            yield f"{what} in block {at}", made


@pytest.mark.parametrize("name", ["slack_oom", "slack_details", "slack_change_edit", "home 0"])
def test_a_mistake_in_any_block_is_seen(name: str) -> None:
    wrong = dict(spoiled(payloads()[name]))
    assert wrong
    assert [what for what, payload in wrong.items() if not said(payload)] == []
