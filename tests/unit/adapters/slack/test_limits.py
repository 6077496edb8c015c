"""Every limit of Slack's blocks is held where blocks are made, and a card that is refused is shown as text, once."""

from __future__ import annotations

import threading

import pytest

from bot.adapters.slack.render.blocks import Message, actions, elements, overflow, radio_input
from bot.adapters.slack.render.card import render
from bot.adapters.slack.send.api import SlackApi
from bot.adapters.slack.send.errors import SlackRefused
from bot.incidents.card_model import CardModel, CardStatus, button
from bot.incidents.card_model import overflow as menu
from bot.redaction import Boundary
from bot.sandbox.workspace.rules.validate import check_message
from bot.sandbox.workspace.state.seed import INCIDENTS, ONCALL
from tests.support.workspaces import patient_workspace

MANY = tuple((f"Entry {number}", f"token-{number}") for number in range(12))


def test_a_menu_with_more_entries_than_slack_allows_is_several_and_loses_none() -> None:
    made = elements((button("a", "A", "t", spoken="A"), menu("more", MANY)))
    menus = [one for one in made if one["type"] == "overflow"]
    assert [len(one["options"]) for one in menus] == [5, 5, 2]
    assert len({one["action_id"] for one in made}) == 4
    card = render(CardModel(CardStatus.FAULT, "It is broken.", more=(menu("more", MANY),)))
    assert check_message(text=card.text, blocks=card.blocks, updating=True) is None


def test_a_row_and_a_choice_are_cut_at_slacks_limits() -> None:
    assert len(actions([{"type": "button"}] * 40)["elements"]) == 25
    assert len(overflow("m", MANY)["options"]) == 5
    assert len(radio_input("r", "R", [{"n": number} for number in range(12)])["element"]["options"]) == 10
    card = render(
        CardModel(CardStatus.FAULT, "x", buttons=tuple(button(f"b{n}", "B", "t", spoken="B") for n in range(60)))
    )
    assert check_message(text=card.text, blocks=card.blocks, updating=True) is None


def test_a_card_that_slack_refuses_is_shown_as_text_once_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    refused = [{"type": "actions", "elements": [overflow("m", MANY) | {"options": [{}] * 6}]}]
    with patient_workspace() as place:
        failed: list[str] = []
        api = SlackApi(place.bot_token, place.api_url, threading.Event(), Boundary(), failed.append)
        ts = api.post_once(INCIDENTS, Message("It is broken.", refused), None, {"id": "x"})
        assert place.messages(INCIDENTS, ts)[0]["text"] == "It is broken."
        api.edit_once(INCIDENTS, ts, Message("It is still broken.", refused))
        assert place.messages(INCIDENTS, ts)[0]["text"] == "It is still broken."
        api.whisper(INCIDENTS, ONCALL, Message("Only you see this.", refused))
        assert place.ephemerals(ONCALL)[-1]["text"] == "Only you see this."
        posts = [call.error for call in place.calls if call.method in ("chat.postMessage", "chat.update")]
        assert len(posts) == 4
        assert failed == ["invalid_blocks"] * 3
        with pytest.raises(SlackRefused, match=r"not_in_channel|channel_not_found"):
            api.post_once("C0NOWHERE0", Message("Hello."), None, {"id": "y"})
    assert caplog.text.count("shown as plain text") == 3
