"""The program is told to stop at the worst moment, or in another thread than the one that waits."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap.stopping import stop_signal

NUMBERS = (signal.SIGTERM, signal.SIGINT)


@pytest.fixture
def handlers() -> Iterator[None]:
    before = [signal.getsignal(number) for number in NUMBERS]
    woken = signal.set_wakeup_fd(-1)
    yield
    signal.set_wakeup_fd(woken)
    for number, handler in zip(NUMBERS, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_in_the_middle_of_beginning_to_wait_is_not_waited_for_for_ever(number: signal.Signals) -> None:
    stop = stop_signal()
    with stop._cond:  # type: ignore[attr-defined]
        signal.raise_signal(number)
    assert stop.wait(120)


@pytest.mark.usefixtures("handlers")
def test_two_signals_are_one() -> None:
    stop = stop_signal()
    signal.raise_signal(signal.SIGTERM)
    assert stop.wait(120)
    signal.raise_signal(signal.SIGTERM)
    assert stop.is_set()


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_that_another_thread_gets_is_heard_while_the_main_thread_sleeps(number: signal.Signals) -> None:
    """Linux gives it to another thread where the main thread has one pending, such as right after SIGCONT."""
    stop, main = stop_signal(), threading.main_thread().ident

    def when_it_waits() -> None:
        assert main is not None
        while sys._current_frames()[main].f_code.co_name != "wait":
            Path().exists()
        for _ in range(2_000):  # each gives the interpreter to the main thread, which goes to sleep with it
            Path().exists()
        signal.pthread_kill(threading.get_ident(), number)

    thread = threading.Thread(target=when_it_waits, daemon=True)
    thread.start()
    assert stop.wait(120)
    thread.join(120)
