"""Messages and edits are coalesced, stay within Slack's tiers, and the final state always gets through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from bot.adapters.slack.options import SLACKS_PACE
from bot.adapters.slack.send.errors import SlackRefused, SlackUnreachable
from bot.domain.errors import SlackError, StoreError
from bot.incidents.card_model import CardModel, CardStatus
from bot.incidents.ports import Fixed, Target
from bot.incidents.sending.queue import RateLimitedQueue
from bot.incidents.sending.rate_limiter import EDIT, PendingMessage, RateLimiter

LOST = SlackUnreachable("chat.update", "reset", arrived=True)
DOWN = SlackUnreachable("chat.postMessage", "refused", arrived=False)
BUSY = SlackRefused("chat.update", "ratelimited", 429, 1.0)


def card(name: str = "1") -> Target:
    return Target("C1", "0.9", ts=f"{name}.0", id=name)


def letter(said: str, target: Target, *, final: bool = False) -> PendingMessage:
    return PendingMessage(target, Fixed(CardModel(CardStatus.NOTED, said)), final)


def taken(schedule: RateLimiter, now: float) -> str | None:
    """What is sent now, if anything is; it is sent at once."""
    due = schedule.take(now)
    if due is None:
        return None
    schedule.done(due, now)
    said = due.content.message()
    return said.headline if said else None


def test_progress_is_sent_at_most_once_a_second_and_the_newest_wins() -> None:
    schedule, target = RateLimiter(replace(SLACKS_PACE, interval_seconds=1.0)), card()
    schedule.put(letter("one", target))
    assert taken(schedule, 0.0) == "one"
    schedule.put(letter("two", target))
    schedule.put(letter("three", target))
    assert taken(schedule, 0.5) is None
    assert schedule.seconds_until_due(0.5) == 0.5
    assert taken(schedule, 1.0) == "three"
    assert schedule.empty()


def test_the_final_state_does_not_wait_and_no_progress_replaces_it() -> None:
    schedule, target = RateLimiter(SLACKS_PACE), card()
    schedule.put(letter("one", target))
    assert taken(schedule, 0.0) == "one"
    schedule.put(letter("done", target, final=True))
    schedule.put(letter("late step", target))
    assert taken(schedule, 0.1) == "done"
    assert schedule.empty()


def test_final_states_go_first_then_first_answers_then_progress() -> None:
    schedule = RateLimiter(SLACKS_PACE)
    schedule.put(letter("step", card("1")))
    schedule.put(letter("first answer", Target("C1")))
    schedule.put(letter("done", card("2"), final=True))
    assert [taken(schedule, 0.0) for _ in range(3)] == ["done", "first answer", "step"]


def test_one_message_is_sent_by_one_thread_at_a_time() -> None:
    schedule, target = RateLimiter(SLACKS_PACE), card()
    schedule.put(letter("one", target))
    under_way = schedule.take(0.0)
    assert under_way is not None
    schedule.put(letter("done", target, final=True))
    assert schedule.take(5.0) is None
    assert schedule.seconds_until_due(5.0) is None
    schedule.done(under_way, 5.0)
    assert taken(schedule, 5.0) == "done"


def test_edits_stay_within_the_tier_and_progress_leaves_room_for_final_states() -> None:
    schedule = RateLimiter(replace(SLACKS_PACE, interval_seconds=0.0, edits_per_minute=5, progress_per_minute=3))
    for number in range(5):
        schedule.put(letter(f"step {number}", card(f"s{number}")))
    assert [taken(schedule, 0.0) for _ in range(4)] == ["step 0", "step 1", "step 2", None]
    for number in range(3):
        schedule.put(letter(f"done {number}", card(f"d{number}"), final=True))
    assert [taken(schedule, 1.0) for _ in range(3)] == ["done 0", "done 1", None]
    assert schedule.seconds_until_due(1.0) == 1.0
    assert taken(schedule, 60.0) == "done 2"


def test_a_channel_takes_a_few_posts_at_once_then_one_by_one_and_others_do_not_wait() -> None:
    schedule = RateLimiter(replace(SLACKS_PACE, posts_at_once=3, posts_per_second=1.0))
    for number in range(6):
        schedule.put(letter(f"post {number}", Target("C1")))
    schedule.put(letter("elsewhere", Target("C2")))
    assert [taken(schedule, 0.0) for _ in range(5)] == ["post 0", "post 1", "post 2", "elsewhere", None]
    sent = [(second, said) for second in range(10) if (said := taken(schedule, float(second)))]
    assert len(sent) == 3
    assert all(count <= 4 for count in [sum(1 for second, _ in sent if at - 3 < second <= at) + 1 for at in range(10)])


def test_a_triage_that_ends_before_its_first_answer_was_allowed_costs_one_post_and_no_edit() -> None:
    schedule, target = RateLimiter(SLACKS_PACE), Target("C1")
    schedule.put(letter("working", target))
    schedule.put(letter("done", target, final=True))
    assert taken(schedule, 0.0) == "done"
    assert schedule.empty()


def test_a_card_that_changes_all_the_time_is_drawn_once_in_a_while_and_ends_right() -> None:
    schedule, target = RateLimiter(replace(SLACKS_PACE, redraw_seconds=2.0)), card()
    said = []
    for tenth in range(50):
        schedule.put(letter(f"state {tenth}", target, final=True))
        said.append(taken(schedule, tenth / 10))
    assert [one for one in said if one] == ["state 0", "state 20", "state 40"]
    assert taken(schedule, 6.0) == "state 49"


def test_a_first_answer_waits_where_no_edit_is_left_for_its_end() -> None:
    schedule = RateLimiter(replace(SLACKS_PACE, edits_per_minute=2))
    targets = [Target(f"C{number}") for number in range(3)]
    for target in targets:
        schedule.put(letter("working", target))
    assert [taken(schedule, 0.0) for _ in range(3)] == ["working", "working", None]
    schedule.put(letter("done", targets[2], final=True))
    assert taken(schedule, 0.1) == "done"
    assert schedule.empty()


def test_a_rate_limit_holds_everything_that_goes_by_the_same_method() -> None:
    schedule = RateLimiter(SLACKS_PACE)
    schedule.put(letter("done", card("1"), final=True))
    refused = schedule.take(0.0)
    assert refused is not None
    schedule.retry(refused, 7.0, 0.0, everything=EDIT)
    schedule.put(letter("done too", card("2"), final=True))
    schedule.put(letter("a post", Target("C1"), final=True))
    assert taken(schedule, 6.9) == "a post"
    assert taken(schedule, 6.9) is None
    assert sorted([taken(schedule, 7.0) or "", taken(schedule, 7.0) or ""]) == ["done", "done too"]


def test_a_state_that_came_meanwhile_is_not_overwritten_by_a_retry() -> None:
    schedule, target = RateLimiter(SLACKS_PACE), card()
    schedule.put(letter("old", target, final=True))
    refused = schedule.take(0.0)
    assert refused is not None
    schedule.put(letter("new", target, final=True))
    schedule.retry(refused, 1.0, 0.0)
    assert taken(schedule, 1.0) == "new"
    assert schedule.empty()


@dataclass
class Slack:
    """Answers with the errors it was given, then accepts. `arrives`: a post whose answer is lost has arrived."""

    errors: list[SlackError] = field(default_factory=list)
    arrives: bool = False
    edits: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    marked: dict[str, str] = field(default_factory=dict)

    def edit_once(self, _channel: str, _ts: str, message: CardModel) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.edits.append(message.headline)

    def post_once(self, _channel: str, message: CardModel, _thread_ts: str | None, marker: Mapping[str, str]) -> str:
        error = self.errors.pop(0) if self.errors else None
        if error is None or self.arrives:
            self.posts.append(message.headline)
            self.marked[marker["id"]] = "3.0"
        if error is not None:
            raise error
        return "3.0"

    def find_marked(self, _channel: str, _thread_ts: str | None, marked: str) -> str:
        return self.marked.get(marked, "")


class FastClock:
    """A monotonic clock that is always far ahead of the last reading, so that nothing really waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1_000.0
        return self.now


def sent_by(slack: Slack, target: Target, content: object = None) -> list[str]:
    """What became of it: `shown`, `refused` or nothing."""
    told: list[str] = []
    fixed = Fixed(
        CardModel(CardStatus.NOTED, "done"),
        lambda _: told.append("shown"),
        lambda _target, _error: told.append("refused"),
    )
    queue = RateLimitedQueue(slack, FastClock(), RateLimiter(SLACKS_PACE))
    queue.show(target, content or fixed, final=True)
    assert queue.flush(30)
    queue.close(10)
    return told


@pytest.mark.parametrize(
    ("errors", "edits", "posts", "told"),
    [
        ([], ["done"], [], ["shown"]),
        ([BUSY], ["done"], [], ["shown"]),
        ([SlackRefused("chat.update", "HTTP 503", 503), LOST], ["done"], [], ["shown"]),
        ([LOST] * 200, ["done"], [], ["shown"]),
        ([SlackRefused("chat.update", "message_not_found")], [], ["done"], ["shown"]),
        ([SlackRefused("chat.update", "is_archived")], [], [], ["refused"]),
    ],
)
def test_the_final_state_is_tried_until_it_is_taken_or_hopeless(
    errors: list[SlackError], edits: list[str], posts: list[str], told: list[str]
) -> None:
    slack = Slack(list(errors))
    assert sent_by(slack, card()) == told
    assert (slack.edits, slack.posts) == (edits, posts)


@pytest.mark.parametrize(
    ("error", "arrives", "edits", "posts"),
    [(LOST, True, ["done"], ["done"]), (LOST, False, [], ["done"]), (DOWN, False, [], ["done"])],
)
def test_a_post_whose_answer_is_lost_stands_there_once(
    error: SlackError, arrives: bool, edits: list[str], posts: list[str]
) -> None:
    slack, target = Slack([error], arrives), Target("C1")
    assert sent_by(slack, target) == ["shown"]
    assert (slack.edits, slack.posts, target.ts) == (edits, posts, "3.0")


@pytest.mark.parametrize("code", ["message_not_found", "edit_window_closed", "cant_update_message", "is_inactive"])
@pytest.mark.parametrize(
    ("stands", "edits", "posts"), [({"I1": "1.0"}, [], ["done"]), ({}, [], ["done"]), ({"I1": "2.0"}, ["done"], [])]
)
def test_what_takes_no_edit_any_more_is_posted_anew_unless_it_was_already(
    code: str, stands: dict[str, str], edits: list[str], posts: list[str]
) -> None:
    """It is looked for first: the newest post of it may be the one that takes no edit, nothing, or one that does."""
    slack, target = Slack([SlackRefused("chat.update", code)], marked=dict(stands)), Target("C1", ts="1.0", id="I1")
    assert sent_by(slack, target) == ["shown"]
    assert (slack.edits, slack.posts) == (edits, posts)


def test_a_progress_step_that_fails_is_let_go() -> None:
    slack = Slack([LOST])
    queue = RateLimitedQueue(slack, FastClock(), RateLimiter(SLACKS_PACE))
    queue.show(card(), Fixed(CardModel(CardStatus.NOTED, "step")), final=False)
    assert queue.flush(30)
    queue.close(10)
    assert slack.edits == []


class LateDatabase:
    """A content whose database answers at the second attempt."""

    def __init__(self) -> None:
        self.asked = 0

    def message(self) -> CardModel | None:
        self.asked += 1
        if self.asked == 1:
            raise StoreError("The database does not answer.", "Wait.")
        return CardModel(CardStatus.NOTED, "done")

    def shown(self, target: Target) -> None:
        """Nobody wants to know."""

    def refused(self, _target: Target, error: SlackError) -> None:
        raise AssertionError(error)


class LateReceiver(LateDatabase):
    """A content that cannot note at once that it stands there."""

    def message(self) -> CardModel | None:
        return CardModel(CardStatus.NOTED, "done")

    def shown(self, _target: Target) -> None:
        self.asked += 1
        if self.asked == 1:
            raise StoreError("The database does not answer.", "Wait.")


def test_what_stands_there_is_not_sent_again_because_that_could_not_be_noted() -> None:
    """Somebody else may have written over it meanwhile."""
    slack, content = Slack(), LateReceiver()
    sent_by(slack, card(), content)
    assert (slack.edits, content.asked) == (["done"], 2)


def test_a_card_waits_for_the_database_too() -> None:
    slack = Slack()
    sent_by(slack, card(), LateDatabase())
    assert slack.edits == ["done"]
