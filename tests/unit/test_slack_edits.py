"""Edits are coalesced, stay within the budget, and the final state always gets through."""

from __future__ import annotations

import pytest

from bot.adapters.slack.api import MessageRef, SlackRefused, SlackUnreachable
from bot.adapters.slack.blocks import Message
from bot.adapters.slack.outbox import ATTEMPTS, Outbox
from bot.adapters.slack.schedule import Edit, EditSchedule
from bot.domain.errors import SlackError

CARD = MessageRef("C1", "1.0", "0.9")
OTHER = MessageRef("C1", "2.0")
LOST = SlackUnreachable("chat.update", "reset", arrived=True)


def edit(said: str, *, final: bool = False, ref: MessageRef = CARD) -> Edit:
    return Edit(ref, Message(said), final)


def taken(schedule: EditSchedule, now: float) -> str | None:
    due = schedule.take(now)
    return due.message.text if due else None


def test_progress_is_sent_at_most_once_a_second_and_the_newest_wins() -> None:
    schedule = EditSchedule(interval_seconds=1.0)
    schedule.put(edit("one"))
    assert taken(schedule, 0.0) == "one"
    schedule.put(edit("two"))
    schedule.put(edit("three"))
    assert taken(schedule, 0.5) is None
    assert schedule.seconds_until_due(0.5) == 0.5
    assert taken(schedule, 1.0) == "three"
    assert schedule.empty()


def test_the_final_state_does_not_wait_and_no_progress_replaces_it() -> None:
    schedule = EditSchedule(interval_seconds=1.0)
    schedule.put(edit("one"))
    assert taken(schedule, 0.0) == "one"
    schedule.put(edit("done", final=True))
    schedule.put(edit("late step"))
    assert taken(schedule, 0.1) == "done"
    assert schedule.empty()


def test_final_states_go_before_progress() -> None:
    schedule = EditSchedule()
    schedule.put(edit("step", ref=OTHER))
    schedule.put(edit("done", final=True))
    assert [taken(schedule, 0.0), taken(schedule, 0.0)] == ["done", "step"]


def test_progress_of_many_cards_stays_within_a_budget_a_minute_and_final_states_do_not() -> None:
    schedule = EditSchedule(interval_seconds=0.0, progress_per_minute=3)
    for number in range(6):
        schedule.put(edit(f"step {number}", ref=MessageRef("C1", str(number))))
    assert [taken(schedule, 0.0) for _ in range(4)] == ["step 0", "step 1", "step 2", None]
    schedule.put(edit("done", final=True))
    assert taken(schedule, 0.0) == "done"
    assert taken(schedule, 30.0) is None
    assert taken(schedule, 60.0) == "step 3"


def test_a_rate_limit_holds_everything_until_it_is_over() -> None:
    schedule = EditSchedule()
    schedule.put(edit("done", final=True))
    refused = schedule.take(0.0)
    assert refused is not None
    schedule.retry(refused, 7.0, 0.0, everything=True)
    schedule.put(edit("done too", final=True, ref=OTHER))
    assert taken(schedule, 6.9) is None
    assert sorted([taken(schedule, 7.0), taken(schedule, 7.0)]) == ["done", "done too"]


def test_a_state_that_came_meanwhile_is_not_overwritten_by_a_retry() -> None:
    schedule = EditSchedule()
    schedule.put(edit("old", final=True))
    refused = schedule.take(0.0)
    assert refused is not None
    schedule.put(edit("new", final=True))
    schedule.retry(refused, 1.0, 0.0, everything=False)
    assert taken(schedule, 1.0) == "new"
    assert schedule.empty()


class Slack:
    """Answers edits with the errors it was given, then accepts."""

    def __init__(self, *errors: SlackError) -> None:
        self.errors = list(errors)
        self.edits: list[str] = []
        self.posts: list[tuple[str, str, str | None]] = []

    def edit_once(self, _: MessageRef, message: Message) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.edits.append(message.text)

    def post(self, channel: str, message: Message, thread_ts: str | None = None) -> MessageRef:
        self.posts.append((channel, message.text, thread_ts))
        return MessageRef(channel, "3.0", thread_ts)


class FastClock:
    """A monotonic clock that is always far ahead of the last reading, so that nothing really waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1_000.0
        return self.now


@pytest.mark.parametrize(
    ("errors", "edits", "posts"),
    [
        ((), ["done"], 0),
        ((SlackRefused("chat.update", "ratelimited", 429, 1.0),), ["done"], 0),
        (
            (SlackRefused("chat.update", "HTTP 503", 503), SlackUnreachable("chat.update", "reset", arrived=True)),
            ["done"],
            0,
        ),
        ((SlackRefused("chat.update", "message_not_found"),), [], 1),
        ((SlackRefused("chat.update", "is_archived"),), [], 0),
        (tuple(SlackRefused("chat.update", "HTTP 500", 500) for _ in range(ATTEMPTS)), [], 0),
    ],
)
def test_the_final_state_is_tried_until_it_is_taken_or_hopeless(
    errors: tuple[SlackError, ...], edits: list[str], posts: int
) -> None:
    slack = Slack(*errors)
    outbox = Outbox(slack, FastClock())
    outbox.edit(CARD, Message("done"), final=True)
    assert outbox.flush(10)
    outbox.close(10)
    assert slack.edits == edits
    assert slack.posts == [("C1", "done", "0.9")] * posts


def test_a_progress_step_that_fails_is_let_go() -> None:
    slack = Slack(LOST)
    outbox = Outbox(slack, FastClock())
    outbox.edit(CARD, Message("step"), final=False)
    assert outbox.flush(10)
    outbox.close(10)
    assert slack.edits == []
