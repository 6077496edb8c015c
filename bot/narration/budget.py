"""The budget of one process, for where no store keeps it. A restart forgets what was spent; the store does not."""

from __future__ import annotations

import threading
from datetime import date

from bot.narration.ports import Spending


class MemoryBudget:
    """Implements `BudgetStore` in memory. Remembers one day: nobody asks for an older one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day: date | None = None
        self._spent = Spending()

    def reserve(self, day: date, estimate: Spending, limit: Spending) -> bool:
        """Add the estimate unless the day's sum would exceed the limit."""
        with self._lock:
            self._turn_to(day)
            if not (self._spent + estimate).fits(limit):
                return False
            self._spent += estimate
            return True

    def settle(self, day: date, correction: Spending) -> None:
        """Add a difference; one for a day that is over is of no use any more."""
        with self._lock:
            if day == self._day:
                self._spent += correction

    def spent(self, day: date) -> Spending:
        """The day's spending."""
        with self._lock:
            return self._spent if day == self._day else Spending()

    def _turn_to(self, day: date) -> None:
        if day != self._day:
            self._day, self._spent = day, Spending()
