"""Hanging up ends, also when the client's own thread begins to receive at that moment."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from bot.adapters.slack.events.delivery import hung_up


@dataclass
class State:
    """The client's word between its threads."""

    terminated: bool = False


def test_a_receiver_that_begins_while_the_client_is_closed_hears_the_word_again() -> None:
    state, ended = State(), threading.Event()

    def receive() -> None:
        state.terminated = False  # what slack_sdk does first, though `close` has said otherwise before
        while not state.terminated:
            ended.wait(0.01)

    def close() -> None:
        state.terminated = True
        receiver = threading.Thread(target=receive, daemon=True)
        receiver.start()
        receiver.join()

    assert hung_up(close, state)


def test_a_client_that_never_ends_is_left_behind() -> None:
    forever = threading.Event()
    assert not hung_up(forever.wait, State(), seconds=0.2)
    forever.set()


def test_a_client_that_ends_at_once_keeps_nobody() -> None:
    assert hung_up(lambda: None, State())
