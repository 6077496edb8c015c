"""Golden files: what a person sees, block by block.

After a change that is meant, `python -m tests.unit.adapters.slack.test_card` writes them anew; read the difference.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.slack.render.blocks import Message, characters
from bot.adapters.slack.render.details import details
from bot.adapters.slack.render.limits import MESSAGE_BLOCK_CHARACTERS
from bot.domain.diagnosis import Verdict
from bot.domain.errors import ClusterUnreachable
from bot.incidents import notices
from bot.incidents.card_facts import CardFacts, kinds_of
from bot.sandbox.workspace.rules.validate import check_message, check_modal
from tests.store_samples import an_incident
from tests.support.drawn import card, drawn
from tests.unit import slack_samples as samples

GOLDEN = Path(__file__).parents[3] / "golden"
KINDS = kinds_of(an_incident(), samples.oom())
TOKENS = {kind: f"token-{kind}" for kind in KINDS}
ASKED = CardFacts(asked_by="Robin", seconds=0.41)
APPS = (("onyx", "Onyx"), ("shop", "Web shop"))


def shown(name: str) -> Message:
    made = getattr(samples, name)()
    return card(made, ASKED, TOKENS)


MESSAGES = {
    "oom": lambda: shown("oom"),
    "healthy": lambda: shown("healthy"),
    "recovered": lambda: shown("recovered"),
    "benign": lambda: shown("benign"),
    "inconclusive": lambda: shown("inconclusive"),
    "two_faults": lambda: shown("two_faults"),
    "error": lambda: notices.failure(
        ClusterUnreachable("The API server at https://10.0.0.1:6443 does not answer.", "Check the VPN, then ask again.")
    ),
    "nothing_found": lambda: notices.nothing_found(APPS),
    "namespace_choice": lambda: notices.namespace_choice("onyx", [("prod", "token-1"), ("staging", "token-2")]),
}


def content(message: Message) -> dict:
    message = drawn(message)
    return {"text": message.text.splitlines(), "blocks": message.blocks}


def update_golden_files() -> None:
    made = {name: content(build()) for name, build in MESSAGES.items()} | {"details": details(samples.oom())}
    for name, payload in made.items():
        golden = GOLDEN / f"slack_{name}.json"
        golden.write_text(json.dumps(payload, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_look_as_they_should(name: str) -> None:
    message = drawn(MESSAGES[name]())
    assert check_message(text=message.text, blocks=message.blocks, updating=True) is None
    assert characters(message.blocks) <= MESSAGE_BLOCK_CHARACTERS
    golden = GOLDEN / f"slack_{name}.json"
    expected = json.loads(golden.read_text(encoding="utf-8"))
    assert content(message) == expected


def test_the_details_look_as_they_should() -> None:
    view = details(samples.oom())
    assert check_modal(view) is None
    assert view == json.loads((GOLDEN / "slack_details.json").read_text(encoding="utf-8"))


def test_every_button_that_a_card_has_is_drawn_on_it() -> None:
    blocks = json.dumps(drawn(shown("oom")).blocks)
    assert [kind for kind, token in TOKENS.items() if f'"{token}"' not in blocks] == []


def test_a_gap_is_always_on_the_card() -> None:
    for name in ("oom", "inconclusive", "two_faults"):
        assert "Could not check: API health: this account may not get services/proxy in onyx" in shown(name).text


def test_what_stays_unexplained_is_on_the_card() -> None:
    assert "Not explained: The web server cannot reach the API server" in shown("inconclusive").text


def test_a_benign_result_raises_no_alarm() -> None:
    text = shown("benign").text
    assert "Harmless" in text
    assert "Fault" not in text
    assert "Fix" not in text


def test_a_benign_cause_beside_something_open_or_unexplained_is_no_all_clear() -> None:
    benign, unexplained = samples.benign(), samples.inconclusive().symptoms
    assert "Harmless" not in card(replace(benign, verdict=Verdict.INCONCLUSIVE)).text
    message = card(replace(benign, verdict=Verdict.HEALTHY, symptoms=(*benign.symptoms, *unexplained)))
    assert message.text.startswith("✅ Healthy")
    assert "Not explained: The web server cannot reach the API server" in message.text
    assert "Harmless" in card(replace(benign, verdict=Verdict.HEALTHY)).text


def test_every_state_has_a_word_beside_its_emoji() -> None:
    words = {name: shown(name).text.split(" · ")[0].split(" ", 1)[1] for name in list(MESSAGES)[:6]}
    assert words == {
        "oom": "Fault found",
        "healthy": "Healthy",
        "recovered": "Recovered",
        "benign": "Harmless",
        "inconclusive": "Inconclusive",
        "two_faults": "2 faults found",
    }


def test_the_plain_text_says_what_the_blocks_say() -> None:
    message = shown("oom")
    for block in message.blocks:
        for container in block.get("elements", ()):
            for element in container.get("elements", ()):
                for piece in [element, *element.get("elements", ())]:
                    said = piece.get("text", "").strip(" ·")
                    assert said in message.text


def test_files_that_could_not_be_read_are_gaps() -> None:
    message = card(samples.healthy(), CardFacts(unread=("core.bin: it is not a text file",)))
    assert "Could not check: core.bin: it is not a text file" in message.text


if __name__ == "__main__":
    update_golden_files()
