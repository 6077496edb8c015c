"""What was not acknowledged is delivered again; an edit or a deletion of the message may have overtaken it by then."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pytest

from bot.domain.errors import StoreError
from bot.domain.incidents import Received
from bot.sandbox.workspace.state.seed import BOT_USER, INCIDENTS
from bot.sandbox.workspace.workspace import Workspace
from tests.scenario.slack_bench import ERROR, PASTE, Bench, bench, services_of

pytestmark = pytest.mark.slow

MENTION = f"<@{BOT_USER}>"


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    """Nothing is delivered again but what a test says."""
    with bench(workspace=Workspace(ack_timeout_seconds=6, retry_delays_seconds=())) as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    return running.fresh()


class _Refusing:
    """An inbox that does not keep a message, in the versions that come while it is shut, however often they come."""

    def __init__(self, inner: object) -> None:
        self._inner = inner
        self.shut = True
        self.refused: set[str] = set()

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def receive(self, item: Received, keys: Collection[str], overtakes: Collection[str] = ()) -> object:
        if self.shut or item.edited_ts in self.refused:
            self.refused.add(item.edited_ts)
            raise StoreError("The database cannot be reached.", "Try again.")
        return self._inner.receive(item, keys, overtakes)  # type: ignore[attr-defined]


@contextmanager
def refusing(made: Bench) -> Iterator[_Refusing]:
    """Meanwhile nothing is taken; afterwards, what comes then."""
    receipts = services_of(made.bot).receipts
    inbox = receipts._inbox
    receipts._inbox = stand_in = _Refusing(inbox)  # type: ignore[assignment]
    try:
        yield stand_in
    finally:
        receipts._inbox = inbox


def again(made: Bench, ts: str, edited_ts: str = "") -> None:
    """Deliver a version of the message once more."""
    found = (
        one.payload for one in made.workspace.deliveries if edited_ts == _version_of(one.payload.get("event", {}), ts)
    )
    before = len(made.workspace.deliveries)
    made.workspace.redeliver(next(found)["event_id"])
    assert made.workspace.wait_for(lambda: len(made.workspace.deliveries) > before)
    made.caught_up()


def _version_of(event: dict, ts: str) -> str | None:
    message = event.get("message", event)
    return str(message.get("edited", {}).get("ts") or "") if message.get("ts") == ts else None


def newest(made: Bench, ts: str) -> str:
    """When the message was edited last."""
    (said,) = (one for one in made.workspace.messages(INCIDENTS) if one["ts"] == ts)
    return str(said["edited"]["ts"])


def test_a_message_that_is_taken_only_after_its_edit_was_answered_is_not_answered_beside_it(shared: Bench) -> None:
    shared.answer(shared.workspace.post_message(INCIDENTS, PASTE), "Fault found")
    with refusing(shared) as inbox:
        ts = shared.workspace.post_message(INCIDENTS, PASTE)
        assert shared.workspace.wait_for(lambda: "" in inbox.refused)
        inbox.shut = False
        shared.workspace.edit_message(INCIDENTS, ts, f"{PASTE} {ERROR}")
        shared.answer(ts, "Same cause")
        shared.caught_up()
    again(shared, ts)
    assert [one.symptoms[0].count for one in shared.triage.requests] == [1, 2]
    assert len(shared.thread(ts)) == 1


def test_an_edit_that_is_taken_only_after_the_next_one_was_answered_changes_nothing(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(ts, "Fault found")
    shared.caught_up()
    with refusing(shared) as inbox:
        shared.workspace.edit_message(INCIDENTS, ts, f"{PASTE} {ERROR} {ERROR}")
        first = newest(shared, ts)
        assert shared.workspace.wait_for(lambda: first in inbox.refused)
        inbox.shut = False
        shared.workspace.edit_message(INCIDENTS, ts, f"{PASTE} {ERROR}")
        shared.caught_up()
    again(shared, ts, first)
    assert [one.symptoms[0].count for one in shared.triage.requests] == [1, 2]
    assert len(shared.thread(ts)) == 1


def test_a_message_that_is_taken_only_after_it_was_deleted_is_not_answered(shared: Bench) -> None:
    with refusing(shared) as inbox:
        ts = shared.workspace.post_message(INCIDENTS, PASTE)
        assert shared.workspace.wait_for(lambda: "" in inbox.refused)
        inbox.shut = False
        inbox.refused.clear()  # the deletion bears no time of an edit either; nothing is delivered again so soon
        shared.workspace.delete_message(INCIDENTS, ts)
        shared.caught_up()
    again(shared, ts)
    assert shared.triage.requests == []


def test_a_question_that_is_heard_only_as_its_edit_is_answered_like_any_question(shared: Bench) -> None:
    with refusing(shared) as inbox:
        ts = shared.workspace.post_message(INCIDENTS, f"{MENTION} onyx")
        assert shared.workspace.wait_for(lambda: "" in inbox.refused)
        inbox.shut = False
        shared.workspace.edit_message(INCIDENTS, ts, f"{MENTION} onyx prod")
        shared.answer(ts, "Fault found")
        shared.caught_up()
    again(shared, ts)
    assert [one.namespace for one in shared.triage.requests] == ["prod"]
    assert len(shared.thread(ts)) == 1
