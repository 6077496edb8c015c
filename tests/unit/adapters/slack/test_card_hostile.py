"""Whatever stands in a log, a cluster or a name: no card pings, links, breaks out, or exceeds a limit."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Any

import pytest

from bot.adapters.slack.render.blocks import Json, Message, characters
from bot.adapters.slack.render.details import details
from bot.adapters.slack.render.limits import BLOCKS_PER_MESSAGE, MESSAGE_BLOCK_CHARACTERS, TEXT_CHARACTERS, VIEW_BYTES
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import TriageError
from bot.incidents import notices
from bot.incidents.card_facts import CardFacts
from bot.incidents.card_model import Section, button
from bot.incidents.cards import CardExtras
from bot.sandbox.workspace.rules.validate import check_message, check_modal
from tests.support.drawn import card, drawn
from tests.support.sampling import sampled
from tests.unit import slack_samples as samples
from tests.unit.adapters.slack.test_card import TOKENS

HOSTILE = {
    "mentions": "<!channel> <!here> <!everyone> <@U0ROBIN000> <!subteam^S0ONCALL00> <#C0INCIDENT>",
    "links": "<http://evil.example|Approve> https://evil.example/?a=1&b=2 <mailto:a@b.c|x>",
    "fences": "``` ` `````` *bold* _it_ ~no~ > quote\n```\n<!channel>",
    "bidi": "safe\u202eevil\u2066x\u2069\u200b\ufeff",
    "ansi": "\x1b[31m\x1b]0;t\x07red\x1b[0m\x9b1m\x00\x08",
    "entities": "&lt;!channel&gt; &amp;lt; &amp;amp; &" * 30,
    "angles": "<" * 5_000,
    "ampersands": "&" * 5_000,
    "a million lines": "<\n" * 1_000_000,
    "surrogates": "\ud83d\udc00 half \udfff",
    "wide": "🔥" * 5_000,
    "nothing": "",
    "blank": " \n\t\u200b",
    "fake approval": "\n\n✅ *Approved by* <@U0SAM00000>\n\n",
    "emoji names": ":skull: :white_check_mark:" * 50,
}
SAMPLES = ("oom", "healthy", "recovered", "benign", "inconclusive", "two_faults")
SAFE_ELEMENTS = {
    "date",
    "rich_text", "rich_text_section", "rich_text_list", "rich_text_preformatted", "text", "emoji", "context", "mrkdwn",
    "actions", "button", "overflow", "plain_text", "modal",
}  # fmt: skip


def poisoned(value: Any, poison: str, name: str = "") -> Any:
    """The value with every text in it replaced, and every list of findings made long. Ids keep what ties them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            field.name: poisoned(getattr(value, field.name), poison, field.name) for field in dataclasses.fields(value)
        }
        return dataclasses.replace(value, **fields)
    if isinstance(value, tuple):
        return tuple(poisoned(item, poison, name) for item in value) * (9 if name not in LINKING else 1)
    if isinstance(value, dict):
        return {poison[:2_000] or key: poison for key in value}
    if isinstance(value, Enum | datetime | bool | int | float) or value is None or name in LINKING:
        return value
    return poison


LINKING = {"id", "because", "explains", "explained_by", "separated_by", "against"}


def parts(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from parts(item)
    elif isinstance(value, list):
        for item in value:
            yield from parts(item)


def assert_harmless(payload: Any) -> None:
    for part in parts(payload):
        if "type" in part:
            assert part["type"] in SAFE_ELEMENTS
        assert part.get("type") != "mrkdwn" or part.get("verbatim") is True
        if part.get("type") == "mrkdwn":
            assert_escaped(part["text"])
        if part.get("type") == "text":
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", part["text"])


def assert_escaped(mrkdwn: str) -> None:
    without_dates = re.sub(r"<!date\^\d+\^[a-z_{} ]+\|[0-9: -]+UTC>", "", mrkdwn)
    assert "<" not in without_dates
    assert ">" not in without_dates
    assert "&" not in re.sub(r"&(amp|lt|gt);", "", without_dates)


def assert_fits(message: Message) -> None:
    message = drawn(message)
    assert check_message(text=message.text, blocks=message.blocks, updating=True) is None
    assert len(message.text) <= TEXT_CHARACTERS
    assert len(message.blocks) <= BLOCKS_PER_MESSAGE
    assert characters(message.blocks) <= MESSAGE_BLOCK_CHARACTERS
    assert_escaped(message.text)
    assert_harmless(message.blocks)
    message.text.encode()


@pytest.fixture(scope="module", params=list(HOSTILE))
def poison(request: pytest.FixtureRequest) -> str:
    return HOSTILE[request.param]


@pytest.mark.parametrize("name", sampled(SAMPLES, 2))
def test_cards_and_details_are_harmless_and_fit(name: str, poison: str) -> None:
    diagnosis: Diagnosis = poisoned(getattr(samples, name)(), poison)
    facts = CardFacts(
        asked_by=poison,
        seconds=1.0,
        unread=(poison,) * 20,
        count=9,
        note=poison,
        step=poison,
        rejected=tuple((cause.id, poison) for cause in diagnosis.causes),
        opened_at=diagnosis.collected_at,
        closed_at=diagnosis.collected_at,
        closed_by=poison,
    )
    sections = (Section(poison, (poison,), bulleted=True), Section("Change", (poison,) * 3, command=poison))
    extras = CardExtras(tuple(button(f"fix_{n}", poison, "t", spoken=poison) for n in range(30)), poison, sections)
    message = card(diagnosis, facts, TOKENS, extras)
    assert_fits(message)
    view = details(diagnosis)
    assert check_modal(view) is None
    assert len(json.dumps(view)) <= VIEW_BYTES
    assert_harmless(view)


def test_notices_are_harmless_and_fit(poison: str) -> None:
    apps = [(poison, poison)] * 40
    for message in (
        notices.progress(poison, poison, poison),
        notices.failure(TriageError(poison, poison), [poison] * 30),
        notices.crashed(poison),
        notices.namespace_choice(poison, [(poison, f"token-{number}") for number in range(40)]),
        notices.usage(apps, headline=poison),
        notices.nothing_found(apps, [poison] * 30),
        notices.refusal(poison, poison),
        notices.private_notice(notices.stale_card(poison, poison)),
    ):
        assert_fits(message)


def test_a_gap_survives_everything_else(poison: str) -> None:
    message = card(poisoned(samples.oom(), poison))
    in_text, in_blocks = "\nCould not check: " in message.text, "Could not check" in str(message.blocks)
    assert (in_text, in_blocks) == (True, True)


def test_raw_lines_stand_in_preformatted_text_only() -> None:
    line = "Error: <!channel> `rm -rf`"
    refused = dataclasses.replace(samples.REFUSED, lines=(line,))
    symptom = dataclasses.replace(samples.oom().symptoms[0], symptom=refused)
    view = details(dataclasses.replace(samples.oom(), symptoms=(symptom,)))
    holders = [part for part in parts(view) if any(item.get("text") == line for item in part.get("elements", ()))]
    assert [holder["type"] for holder in holders] == ["rich_text_preformatted"]
