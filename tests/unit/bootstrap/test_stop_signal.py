"""The program is told to stop at the worst moment: when the main thread holds the lock of what it waits for."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from bot.bootstrap.program import stop_signal

NUMBERS = (signal.SIGTERM, signal.SIGINT)


@pytest.fixture
def handlers() -> Iterator[None]:
    before = [signal.getsignal(number) for number in NUMBERS]
    yield
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
