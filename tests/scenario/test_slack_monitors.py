"""What monitors find is posted once, calls whom it should, and is closed with its duration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.diagnosis.incident_keys import incident_key
from bot.domain.errors import ChatError, SlackError
from bot.incidents.monitor_posts import MonitorPosts
from bot.monitors.schema import Mention
from bot.sandbox.workspace.state.seed import GENERAL, INCIDENTS, ONCALL, ONCALL_GROUP
from tests.scenario.slack_bench import PASTE, Bench, bench, valid
from tests.unit.slack_samples import healthy, oom, two_faults

KEY = incident_key(oom())
PEOPLE = Mention(users=(ONCALL,), groups=(ONCALL_GROUP,))


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    """The one running bot, with nothing open."""
    return running.fresh()


def test_a_finding_is_announced_once_and_calls_people(shared: Bench) -> None:
    poster = shared.bot.poster()
    incident = poster.announce(oom(), KEY, INCIDENTS, PEOPLE)
    card = valid(shared.posted("Fault found"))
    shared.settled()
    assert {"type": "user", "user_id": ONCALL} in card["blocks"][1]["elements"][0]["elements"]
    assert card["text"].endswith(f"<@{ONCALL}> <!subteam^{ONCALL_GROUP}>")
    assert "found by a monitor" in card["text"]
    assert poster.announce(oom(), KEY, INCIDENTS, PEOPLE, again=True) == incident
    shared.settled()
    assert [one["ts"] for one in shared.workspace.messages(INCIDENTS) if "Fault found" in one["text"]] == [card["ts"]]


def test_a_paste_of_what_a_monitor_found_joins_its_card(shared: Bench) -> None:
    shared.bot.poster().announce(oom(), KEY, INCIDENTS, Mention())
    shared.settled()
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    valid(shared.answer(ts, "Same cause"))
    assert len(shared.store.incidents.open_incidents()) == 1


def test_it_is_updated_closed_and_opened_again_in_place(shared: Bench) -> None:
    poster = shared.bot.poster()
    incident = poster.announce(oom(), KEY, INCIDENTS, PEOPLE)
    shared.settled()
    ts = shared.store.incidents.get(incident).ts

    def text() -> str:
        shared.settled()
        return valid(shared.workspace.message(INCIDENTS, ts))["text"]

    poster.update(incident, two_faults())
    assert "2 faults found" in text()
    poster.close(incident, timedelta(minutes=23))
    poster.close(incident, timedelta(minutes=23), again=True)
    assert "The checks pass again; it lasted 23 min." in text()
    assert shared.store.incidents.open_incidents() == []
    poster.reopen(incident, oom())
    assert "lasted" not in text()
    assert [one.id for one in shared.store.incidents.open_incidents()] == [incident]


@pytest.mark.parametrize("channel", [GENERAL, "C0NOWHERE"])
def test_a_channel_where_nothing_can_be_posted_is_said_before_anything_is_kept(shared: Bench, channel: str) -> None:
    with pytest.raises(SlackError, match="not in the channel") as told:
        shared.bot.poster().announce(oom(), KEY, channel, PEOPLE)
    assert "/invite @" in told.value.remedy
    assert shared.store.incidents.open_incidents() == []


def test_notes_are_posted_once_though_a_process_died_in_between(shared: Bench) -> None:
    poster = shared.bot.poster()
    for again in (False, True):
        poster.digest(INCIDENTS, ["2 faults, 1 still open", "onyx: <!channel> down"], "digest-1", again=again)
        poster.trouble(INCIDENTS, "onyx-watch", "The cluster does not answer.", "trouble-1", again=again)
    said = [one["text"] for one in shared.workspace.messages(INCIDENTS)]
    assert sum("2 faults, 1 still open" in text for text in said) == 1
    assert sum("Monitor not working" in text for text in said) == 1
    assert not any("<!channel>" in text for text in said)


def test_what_cannot_be_posted_is_an_error_of_ours(shared: Bench) -> None:
    with pytest.raises(SlackError, match="not_in_channel"):
        shared.bot.poster().digest(GENERAL, ["hello"], "digest-2")
    with pytest.raises(ChatError, match="not connected"):
        MonitorPosts(lambda: None).update("incident", healthy())
