"""The budget of the model in the store, on both databases, beside the one in memory: they must not differ."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from bot.narration.budget import MemoryBudget
from bot.narration.ports import BudgetStore, Spending
from tests.databases import StoreCase, sqlite_case

DAY = date(2026, 11, 23)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def budget(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BudgetStore]:
    """One of each sort."""
    if request.param == "memory":
        yield MemoryBudget()
        return
    case = sqlite_case(tmp_path)
    if request.param == "postgres":
        case = StoreCase("postgres", request.getfixturevalue("postgres").database(), case.files)
    yield case.open().budget
    case.close()


def test_it_is_reserved_until_the_limit_and_settled_by_what_it_cost(budget: BudgetStore) -> None:
    limit = Spending(100, 1000)
    assert budget.spent(DAY) == Spending()
    assert budget.reserve(DAY, Spending(60, 10), limit)
    assert not budget.reserve(DAY, Spending(41, 10), limit)
    assert budget.spent(DAY) == Spending(60, 10), "what was refused is not counted"
    budget.settle(DAY, Spending(-30, 5))
    assert budget.reserve(DAY, Spending(70, 10), limit)
    assert budget.spent(DAY) == Spending(100, 25)


@pytest.mark.parametrize(
    ("estimate", "limit", "fits"),
    [
        (Spending(100, 0), Spending(100, 0), True),
        (Spending(101, 0), Spending(100, 0), False),
        (Spending(1, 1001), Spending(100, 1000), False),
        (Spending(1, 1001), Spending(100, 0), True),
        (Spending(10**9, 10**9), Spending(), True),
        (Spending(0, 5 * 10**12), Spending(0, 4 * 10**12), False),
    ],
)
def test_a_limit_of_0_is_none(budget: BudgetStore, estimate: Spending, limit: Spending, fits: bool) -> None:
    assert budget.reserve(DAY, estimate, limit) is fits


def test_each_day_begins_with_nothing(budget: BudgetStore) -> None:
    assert budget.reserve(DAY, Spending(100), Spending(100))
    assert not budget.reserve(DAY, Spending(1), Spending(100))
    assert budget.reserve(DAY + timedelta(days=1), Spending(100), Spending(100))


def test_of_many_replicas_at_the_limit_one_gets_through_and_a_restart_forgets_nothing(database: StoreCase) -> None:
    replicas = [database.open(), database.open()]
    start = Barrier(8)

    def reserve(number: int) -> bool:
        start.wait()
        return replicas[number % 2].budget.reserve(DAY, Spending(60), Spending(100))

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(reserve, range(8))) == [False] * 7 + [True]
    for replica in replicas:
        replica.close()
    assert database.open().budget.spent(DAY) == Spending(60)
