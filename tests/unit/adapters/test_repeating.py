"""Calls of the database that are made again, and those that are not."""

from __future__ import annotations

import pytest

from bot.adapters.store.sql.repeating import ATTEMPTS, again, again_anyway
from bot.domain.errors import StoreError


def failing(times: int, *, passing: bool = True, doubtful: bool = False) -> tuple[object, list[int]]:
    made: list[int] = []

    def call() -> str:
        made.append(1)
        if len(made) <= times:
            error = StoreError("The database cannot be reached.", "Wait.")
            error.passing, error.doubtful = passing, doubtful
            raise error
        return "done"

    return call, made


def test_what_came_to_nothing_is_done_at_the_second_attempt() -> None:
    call, made = failing(1)
    assert again(call)() == "done"  # type: ignore[arg-type]
    assert len(made) == 2


@pytest.mark.parametrize(("passing", "doubtful"), [(False, False), (True, True)])
def test_what_will_fail_again_or_may_have_been_done_is_not_repeated(passing: bool, doubtful: bool) -> None:
    call, made = failing(1, passing=passing, doubtful=doubtful)
    with pytest.raises(StoreError):
        again(call)()  # type: ignore[arg-type]
    assert len(made) == 1


def test_what_may_be_done_twice_is_repeated_all_the_same_and_not_for_ever() -> None:
    call, made = failing(1, doubtful=True)
    assert again_anyway(call)() == "done"  # type: ignore[arg-type]
    call, made = failing(100)
    with pytest.raises(StoreError):
        again_anyway(call)()  # type: ignore[arg-type]
    assert len(made) == ATTEMPTS
