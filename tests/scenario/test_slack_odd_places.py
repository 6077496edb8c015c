"""What happens to channels, clocks and payloads meanwhile: each row is told apart, and the bot goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.slack.bot import SlackBot
from bot.sandbox.workspace.state.seed import BOT_USER, INCIDENTS, ONCALL, SECOND
from bot.sandbox.workspace.workspace import Workspace
from tests.scenario.slack_bench import ERROR, PASTE, Bench, bench, valid

pytestmark = pytest.mark.slow

MENTION = f"<@{BOT_USER}>"


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Iterator[Bench]:
    """The one running bot, with nothing open; the channel is afterwards what it was."""
    fresh = running.fresh()
    channel = running.workspace._core.store.channels[INCIDENTS]
    before = {**vars(channel), "members": list(channel.members)}
    yield fresh
    fresh.settled()
    vars(channel).update(before)
    forget(fresh)


def change(made: Bench, **fields: object) -> None:
    """The channel is something else from now on, and Slack says so."""
    vars(made.workspace._core.store.channels[INCIDENTS]).update(fields)
    forget(made)


def forget(made: Bench) -> None:
    """The bot has taken it in afterwards; an event is acknowledged before its listener has run."""
    made.dispatch(event("channel_rename", channel={"id": INCIDENTS, "name": "new"}))
    made.delivered()


def event(kind: str, **fields: object) -> dict:
    return {"type": "event_callback", "team_id": "T0MERIDIAN", "event": {"type": kind, **fields}}


def nothing_is_left(made: Bench) -> None:
    """No question, no message and no card waits for ever."""
    made.settled()
    late = datetime.now(UTC) + timedelta(days=300)
    assert made.store.questions.take_over("x", late, late) == []
    assert made.store.inbox.take_over("x", late, late) == []


# ---------------------------------------------------------------------- the channel


def archived(made: Bench) -> None:
    ts = made.workspace.post_message(INCIDENTS, PASTE)
    card = made.answer(ts, "Fault found")
    made.settled()
    change(made, is_archived=True)
    made.workspace.click(INCIDENTS, card["ts"], "card_check_again")
    nothing_is_left(made)
    assert made.bot.lost() == ""
    change(made, is_archived=False)
    again = made.workspace.post_message(INCIDENTS, PASTE)
    made.answer(again, "Same cause")


def archived_while_it_is_answered(made: Bench) -> None:
    made.triage.go.clear()
    ts = made.workspace.post_message(INCIDENTS, PASTE)
    made.answer(ts, "Working")
    change(made, is_archived=True)
    made.triage.go.set()
    nothing_is_left(made)


def made_private(made: Bench) -> None:
    ts = made.workspace.post_message(INCIDENTS, PASTE)
    card = made.answer(ts, "Fault found")
    made.settled()
    change(made, kind="group")
    made.workspace.click(INCIDENTS, card["ts"], "card_details")
    made.modal(ONCALL, "pods are ready")
    again = made.workspace.post_message(INCIDENTS, PASTE, user=SECOND)
    made.answer(again, "Same cause")


def renamed(made: Bench) -> None:
    """It was watched by its name: under another one it is an ordinary channel, where only who asks is answered."""
    change(made, name="old-incidents")
    ts = made.workspace.post_message(INCIDENTS, PASTE)
    made.settled()
    assert made.thread(ts) == []
    asked = made.workspace.post_message(INCIDENTS, f"{MENTION} {PASTE}")
    made.answer(asked, "Fault found")
    made.settled()
    change(made, name="incidents")
    again = made.workspace.post_message(INCIDENTS, PASTE)
    made.answer(again, "Same cause")


def removed_and_invited_again(made: Bench) -> None:
    ts = made.workspace.post_message(INCIDENTS, PASTE)
    card = made.answer(ts, "Fault found")
    made.settled()
    members = made.workspace._core.store.channels[INCIDENTS].members
    change(made, members=[one for one in members if one != BOT_USER])
    unheard = made.workspace.post_message(INCIDENTS, PASTE)
    made.workspace.slash_command("/triage", "onyx", channel=INCIDENTS, user=SECOND)
    made.whispered(SECOND, "Fault found")
    nothing_is_left(made)
    assert made.thread(unheard) == []
    change(made, members=members)
    again = made.workspace.post_message(INCIDENTS, PASTE)
    made.answer(again, "Same cause")
    made.workspace.click(INCIDENTS, card["ts"], "card_check_again")
    made.settled()
    valid(made.workspace.message(INCIDENTS, card["ts"]))


def shared_with_another_company(made: Bench) -> None:
    change(made, is_ext_shared=True)
    ts = made.workspace.post_message(INCIDENTS, PASTE)
    made.whispered(ONCALL, "shared")
    made.settled()
    assert made.thread(ts) == []


# ---------------------------------------------------------------------- messages and people


def a_thread_of_two_thousand(made: Bench) -> None:
    core = made.workspace._core
    parent = made.workspace.post_message(INCIDENTS, "the chat is slow", user=SECOND)
    with core.changes.lock:
        for number in range(2_000):
            text = f"the newest: {ERROR}" if number == 1_990 else f"talk {number}"
            core.store.add_message(
                INCIDENTS,
                {"type": "message", "user": SECOND, "text": text, "ts": core.store.next_ts(), "thread_ts": parent},
            )
    made.workspace.post_message(INCIDENTS, f"{MENTION} what is this?", thread_ts=parent)
    assert "connect ECONNREFUSED" in str(made.triage.pastes) or made.answer(parent, "Fault found")
    made.answer(parent, "Fault found")
    made.settled()
    assert len(made.thread(parent)) == 1


def deactivated_while_it_is_answered(made: Bench) -> None:
    made.triage.go.clear()
    ts = made.workspace.post_message(INCIDENTS, PASTE, user=SECOND)
    made.answer(ts, "Working")
    people = made.workspace._core.store.people
    before = people[SECOND]
    people[SECOND] = replace(before, deleted=True)
    made.triage.go.set()
    made.answer(ts, "Fault found")
    nothing_is_left(made)
    people[SECOND] = before


def two_people_press_check_again(made: Bench) -> None:
    ts = made.workspace.post_message(INCIDENTS, PASTE)
    card = made.answer(ts, "Fault found")
    made.settled()
    made.triage.go.clear()
    for user in (ONCALL, SECOND):
        made.workspace.click(INCIDENTS, card["ts"], "card_check_again", user=user)
    made.triage.go.set()
    nothing_is_left(made)
    assert len(made.thread(ts)) == 1
    assert "Fault found" in made.workspace.message(INCIDENTS, card["ts"])["text"]


def the_message_of_the_card_is_deleted(made: Bench) -> None:
    ts = made.workspace.post_message(INCIDENTS, PASTE)
    made.answer(ts, "Fault found")
    made.settled()
    made.workspace.delete_message(INCIDENTS, ts, user=ONCALL)
    other = made.workspace.post_message(INCIDENTS, PASTE, user=SECOND)
    made.answer(other, "")
    nothing_is_left(made)


ROWS: tuple[Callable[[Bench], None], ...] = (
    archived,
    archived_while_it_is_answered,
    made_private,
    renamed,
    removed_and_invited_again,
    shared_with_another_company,
    a_thread_of_two_thousand,
    deactivated_while_it_is_answered,
    two_people_press_check_again,
    the_message_of_the_card_is_deleted,
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_the_bot_says_what_holds_and_goes_on(row: Callable[[Bench], None], shared: Bench) -> None:
    row(shared)
    assert shared.bot.lost() == ""


# ---------------------------------------------------------------------- payloads nobody knows

NEW_BLOCK = {"type": "hologram", "block_id": "h", "elements": [{"type": "hologram_text", "text": 5}, None, "x"]}
UNKNOWN: tuple[tuple[str, dict], ...] = (
    ("an event of a new type", event("huddle_transcript_ready", channel=INCIDENTS)),
    ("an event without a type", {"type": "event_callback", "team_id": "T0MERIDIAN", "event": {}}),
    ("a message subtype that is new", event("message", subtype="ai_summary", channel=INCIDENTS, ts="1.1", text=PASTE)),
    ("a message without anything", event("message", channel=INCIDENTS, ts="1.2")),
    ("a message whose ts is no number", event("message", channel=INCIDENTS, ts="soon", user=ONCALL, text="hi")),
    ("an event of a channel of a new kind", event("message", channel="X0NEW00000", channel_type="holo", ts="1.3",
                                                  user=ONCALL, text="hi")),
)  # fmt: skip


@pytest.mark.parametrize(("what", "body"), UNKNOWN, ids=[what for what, _ in UNKNOWN])
def test_what_nobody_knows_is_acknowledged_and_left_alone(what: str, body: dict, shared: Bench) -> None:
    before = len(shared.workspace.messages(INCIDENTS))
    assert shared.dispatch(body) == 200, what
    nothing_is_left(shared)
    assert len(shared.workspace.messages(INCIDENTS)) == before


def test_a_message_with_blocks_of_a_new_type_is_read_as_far_as_it_is_known(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, "just talk")
    shared.settled()
    blocks = [NEW_BLOCK, {"type": "section", "text": {"type": "plain_text", "text": ERROR}}, {"type": None}]
    body = event("message", channel=INCIDENTS, ts=ts, user=ONCALL, text="", blocks=blocks, team="T0MERIDIAN")
    body["event"]["ts"] = f"{ts[:-1]}{(int(ts[-1]) + 1) % 10}"
    body["event"]["thread_ts"] = ts
    assert shared.dispatch(body) == 200
    shared.answer(ts, "Fault found")


# ---------------------------------------------------------------------- clocks


@pytest.mark.parametrize("ahead", [90.0, -90.0])
def test_clocks_ninety_seconds_apart_lose_nothing(ahead: float) -> None:
    place = Workspace(clock=lambda: time.time() + ahead)
    with bench(workspace=place, settings={"channels": (INCIDENTS,)}, clock=lambda: datetime.now(UTC)) as made:
        ts = made.workspace.post_message(INCIDENTS, PASTE)
        card = made.answer(ts, "Fault found")
        made.settled()
        made.workspace.click(INCIDENTS, card["ts"], "card_details")
        made.modal(ONCALL, "pods are ready")
        missed = deaf_for_a_moment(made)
        made.answer(missed, "Same cause")
        made.settled()
        assert len(made.thread(missed)) == 1


def deaf_for_a_moment(made: Bench) -> str:
    """A paste of which no event comes."""
    core, bot = made.workspace._core, made.bot
    assert bot._parts is not None
    hearing = bot._parts.catching_up
    hearing.stop()
    with ExitStack() as after:
        config, core.config = core.config, replace(core.config, bot_events=())
        after.callback(lambda: setattr(core, "config", config))
        is_open, hearing._is_open = hearing._is_open, lambda: False
        hearing.look()
        ts = made.workspace.post_message(INCIDENTS, PASTE, user=SECOND)
        hearing._is_open = is_open
        hearing.look()
    return ts


def test_over_http_a_clock_ninety_seconds_apart_is_no_forgery() -> None:
    place = Workspace(clock=lambda: time.time() - 90)
    settings = {"mode": "http", "signing_secret": place.signing_secret, "http_host": "127.0.0.1", "http_port": 0}
    with bench(workspace=place, settings=settings) as made:
        place.deliver_to(f"http://127.0.0.1:{port_of(made.bot)}/slack/events")
        ts = place.post_message(INCIDENTS, PASTE)
        made.answer(ts, "Fault found")


def port_of(bot: SlackBot) -> int:
    return int(getattr(bot._delivery, "port", 0))
