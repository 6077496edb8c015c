"""`ChatModel`: implements the `Model` port over OpenAI-compatible chat completions. Made by the bootstrap.

One question is at most: three attempts at one request, a few requests that get simpler where the server refuses fields,
and one deadline over all of it. What the server turned out to understand is remembered. The day's budget is reserved
before anything is sent and settled by what the server counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import random
from threading import Event
from urllib.parse import urlsplit, urlunsplit

from bot.adapters.llm.answers import complaint_in, read_reply
from bot.adapters.llm.breaker import Breaker
from bot.adapters.llm.capabilities import Capabilities, first_guess, less_form, request_body, simpler
from bot.adapters.llm.retrying import RETRIES, may_retry, pause
from bot.adapters.llm.transport import Failure, ModelResponse, Transport, TransportFailed
from bot.domain.errors import (
    ConfigurationError,
    ModelAnswerUnusable,
    ModelBudgetSpent,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from bot.narration.ports import BudgetStore, ModelPrompt, Reply, Spending

MOST_REQUESTS = 6
"""Simpler and simpler requests that are tried for one question."""
CHARACTERS_PER_TOKEN = 3
"""For the estimate before a call: English has four, logs have fewer."""
PATH = "/chat/completions"

REMEMBERED_SECONDS = 3600.0
"""How long a simpler request is used before the best one is tried again: servers are upgraded, and fail by chance."""

_LATER = "Nothing depends on it: the diagnosis stands. Try again later."
_WRONG = {
    401: "Check the key in TRIAGE_MODEL_KEY_FILE.",
    403: "Check what the key in TRIAGE_MODEL_KEY_FILE may use.",
    404: "Check TRIAGE_MODEL_URL (it ends before /chat/completions) and TRIAGE_MODEL.",
}


_AZURE = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")


class _Lost(ModelUnavailable):
    """The request was sent and no whole answer came: it may have cost something."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """One endpoint. `url` ends before `/chat/completions`. Prices are per million tokens, limits per day (0: none)."""

    url: str
    model: str
    key: str = ""
    price_in: float = 0.0
    price_out: float = 0.0
    daily_tokens: int = 0
    daily_money: float = 0.0
    connect_seconds: float = 5.0
    read_seconds: float = 60.0
    total_seconds: float = 60.0

    def __repr__(self) -> str:
        return f"ModelSettings({self.url!r}, {self.model!r})"


class ChatModel:
    """A model behind an endpoint. Safe to use from several threads. `close` when it is needed no more."""

    def __init__(
        self,
        settings: ModelSettings,
        budget: BudgetStore,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], bool] | None = None,
        chance: Callable[[], float] = random,
    ) -> None:
        """`wait` waits so many seconds, and returns True when the program is stopping. Raises `ConfigurationError`."""
        self._url = _checked(settings.url)
        self.name = settings.model
        self.endpoint = _shown(self._url)
        self._settings = settings
        self._budget = budget
        self._now, self._monotonic, self._chance = now, monotonic, chance
        self._wait = wait or Event().wait
        self._breaker = Breaker(monotonic)
        self._first = first_guess(urlsplit(self._url).hostname or "")
        self._learnt = (self._first, 0.0)
        self._headers = _credentials(self._url, settings.key)
        self._transport = Transport(settings.connect_seconds, settings.read_seconds)

    def ask(self, question: ModelPrompt) -> Reply:
        """One answer. Raises `ModelError`; `StoreError` when the budget's store cannot be reached."""
        estimate, day = self._estimate(question), self._now().date()
        if not self._budget.reserve(day, estimate, self._limit()):
            raise ModelBudgetSpent(
                f"The budget for {self.name} is used up for today.",
                "Raise TRIAGE_MODEL_DAILY_TOKENS or TRIAGE_MODEL_DAILY_MONEY, or wait for midnight UTC.",
            )
        spent = Spending()
        try:
            if not self._breaker.allows():
                raise ModelUnavailable(f"{self.name} has failed several times in a row, so it is left alone.", _LATER)
            reply = read_reply(self._answer(question).body)
            spent = self._cost(reply.tokens_in, reply.tokens_out) if reply.tokens_in else estimate
            return reply
        except (_Lost, ModelAnswerUnusable):
            spent = estimate  # the server may have worked, and nobody said how much
            raise
        finally:
            self._budget.settle(day, Spending(spent.tokens - estimate.tokens, spent.micros - estimate.micros))

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _answer(self, question: ModelPrompt) -> ModelResponse:
        """The first answer with status 200, simplifying where fields are refused. Tells the breaker how it went."""
        somebody_is_there = False
        try:
            answer = self._simplifying(question)
            somebody_is_there = True
            return answer
        except (ModelRefused, ModelAnswerUnusable):
            somebody_is_there = True
            raise
        finally:
            if somebody_is_there:
                self._breaker.succeeded()
            else:
                self._breaker.failed()

    def _simplifying(self, question: ModelPrompt) -> ModelResponse:
        deadline = self._monotonic() + self._settings.total_seconds
        known = self._known()
        for _ in range(MOST_REQUESTS):
            answer, known = self._attempts(question, known, deadline)
            if answer.status == 200:
                self._remember(known)
                return answer
            next_best = simpler(known, complaint_in(answer.body)) if answer.status in (400, 422) else None
            if next_best is None:
                raise self._refused(answer)
            known = next_best
        raise ModelRefused(f"{self.endpoint} refuses every form of request.", "Check what it understands.")

    def _attempts(
        self, question: ModelPrompt, known: Capabilities, deadline: float
    ) -> tuple[ModelResponse, Capabilities]:
        """One request, again after what may pass; and with what it was asked in the end.

        Some servers answer 500 to a form they do not know, so after one the next simpler form is tried.
        """
        attempt = 0
        while True:
            answer = self._once(question, known, deadline, last=attempt == RETRIES)
            if answer is not None and (attempt == RETRIES or not may_retry(answer.status)):
                return answer, known
            seconds = pause(attempt, self._chance, answer.headers if answer else {}, self._now())
            if seconds >= deadline - self._monotonic() or self._wait(seconds):
                if answer is not None:
                    return answer, known
                raise ModelUnavailable(f"{self.name} gave no answer in time.", _LATER, reason="slow")
            if answer is not None and answer.status == 500:
                known = less_form(known) or known
            attempt += 1

    def _once(self, question: ModelPrompt, known: Capabilities, deadline: float, *, last: bool) -> ModelResponse | None:
        """One exchange; None when the connection failed and another attempt may be made. Raises `ModelError`."""
        left = deadline - self._monotonic()
        if left <= 0:
            raise ModelUnavailable(f"{self.name} did not answer in time.", _LATER, reason="slow")
        try:
            body = request_body(question, self.name, known)
            return self._transport.post(self._url, self._headers, body, left, question.max_tokens)
        except TransportFailed as failed:
            if failed.failure is Failure.TOO_LARGE:
                raise ModelAnswerUnusable(
                    f"The answer of {self.name} is too large.", _LATER, reason="cut_off"
                ) from failed
            if failed.failure is Failure.TIMED_OUT or (last and failed.failure is Failure.BROKEN):
                slow = "slow" if failed.failure is Failure.TIMED_OUT else ""
                raise _Lost(f"{self.name} gave no whole answer: {failed}.", _LATER, reason=slow) from failed
            if last:
                raise ModelUnavailable(f"{self.name} cannot be reached: {failed}.", _LATER) from failed
            return None

    def _known(self) -> Capabilities:
        """What the endpoint understood lately; the best it might, when that is long ago."""
        known, until = self._learnt
        return known if self._monotonic() < until else self._first

    def _remember(self, known: Capabilities) -> None:
        if known != self._known():
            self._learnt = (known, self._monotonic() + REMEMBERED_SECONDS)

    def _refused(self, answer: ModelResponse) -> ModelError:
        said = complaint_in(answer.body)
        if self._settings.key:
            said = said.replace(self._settings.key, "…")  # some servers quote the key that they refuse
        detail = f"{answer.status}" + (f" ({said})" if said else "")
        if answer.status >= 500 or answer.status in (408, 409, 429):
            return ModelUnavailable(f"{self.name} answered with an error: {detail}.", _LATER)
        if 300 <= answer.status < 400:
            return ModelRefused(f"{self.endpoint} redirects elsewhere.", "Set TRIAGE_MODEL_URL to the final address.")
        remedy = _WRONG.get(answer.status, "Check TRIAGE_MODEL_URL and TRIAGE_MODEL.")
        return ModelRefused(f"{self.endpoint} does not accept the request: {detail}.", remedy)

    def _estimate(self, question: ModelPrompt) -> Spending:
        characters = len(question.system) + len(question.user) + len(str(question.schema))
        return self._cost(characters // CHARACTERS_PER_TOKEN + 1, question.max_tokens)

    def _cost(self, tokens_in: int, tokens_out: int) -> Spending:
        # A price per million tokens is a price in millionths per token.
        micros = tokens_in * self._settings.price_in + tokens_out * self._settings.price_out
        return Spending(tokens_in + tokens_out, round(micros))

    def _limit(self) -> Spending:
        return Spending(self._settings.daily_tokens, round(self._settings.daily_money * 1_000_000))


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            "TRIAGE_MODEL_URL is not an HTTP address.",
            "Write it like https://api.example.com/v1, without the last path.",
        )
    if parts.username or parts.password:
        raise ConfigurationError(
            "TRIAGE_MODEL_URL holds credentials.", "Take them out and put the key into a file: TRIAGE_MODEL_KEY_FILE."
        )
    path = parts.path.rstrip("/").removesuffix(PATH)
    return urlunsplit((parts.scheme, parts.netloc, f"{path}{PATH}", parts.query, ""))


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.removesuffix(PATH), "", ""))


def _credentials(url: str, key: str) -> dict[str, str]:
    """The header that carries the key: Azure has its own."""
    if not key:
        return {}
    host = urlsplit(url).hostname or ""
    return {"api-key": key} if host.endswith(_AZURE) else {"Authorization": f"Bearer {key}"}
