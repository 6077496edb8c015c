"""What the wording needs from the outside: a model that answers one question, and a ledger of what it has cost.

`bot.adapters.llm` implements `Model`; the store implements `BudgetStore`, and `budget.MemoryBudget` does without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class ModelPrompt:
    """One question to a model. `system` is ours alone; `user` holds redacted, fenced text of others.

    `schema` is a JSON Schema in the subset that every server understands: all properties required, no maps, no bounds.
    `max_tokens` bounds the answer.
    """

    purpose: str
    system: str
    user: str
    schema: Mapping[str, Any]
    max_tokens: int = 800


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered: a JSON object that may still be anything, and the tokens that went in and came out.

    `text` is the answer as it was read, for people who ask to see it; it is untrusted.
    """

    data: Mapping[str, Any]
    tokens_in: int = 0
    tokens_out: int = 0
    text: str = ""


class Model(Protocol):
    """A language model behind an endpoint. Safe to use from several threads."""

    name: str
    """The model's name, as it is shown to people."""

    endpoint: str
    """Its address without credentials, as it is shown to people."""

    def ask(self, question: ModelPrompt) -> Reply:
        """Ask once, within the model's own deadline. Raises `ModelError` with a remedy."""


@dataclass(frozen=True, slots=True)
class Spending:
    """Tokens (in and out together) and money in millionths of whatever currency the prices are in."""

    tokens: int = 0
    micros: int = 0

    def __add__(self, other: Spending) -> Spending:
        return Spending(self.tokens + other.tokens, self.micros + other.micros)

    def fits(self, limit: Spending) -> bool:
        """Whether it stays within a limit; a limit of 0 means none."""
        return (not limit.tokens or self.tokens <= limit.tokens) and (not limit.micros or self.micros <= limit.micros)


class CountAnswer(Protocol):
    """Counts what became of a question: its purpose, and a value of `outcome.Outcome`. Never raises."""

    def __call__(self, purpose: str, outcome: str) -> None: ...


class BudgetStore(Protocol):
    """What was spent on the model per day (UTC), shared by all replicas. Methods raise `StoreError`."""

    def reserve(self, day: date, estimate: Spending, limit: Spending) -> bool:
        """Add the estimate to the day's spending, in one step, unless the sum would exceed the limit: then False."""

    def settle(self, day: date, correction: Spending) -> None:
        """Add the difference (which may be negative) between what it cost and what was estimated."""

    def spent(self, day: date) -> Spending:
        """What was spent or is reserved on that day."""
