"""One look at the cluster as a sequence of GETs that share one deadline.

`list_resources` and `fetch_details` make a `Session` per look and call `get` from several threads. It bounds time (also
of an answer that drips in) and bytes, repeats a GET at most once and only when the server asks for it, and raises
`ClusterUnauthorized` as soon as the server does not know us. What an answer means is not decided here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bot.adapters.kube.access.connection import ApiConnection, OpenAnswer, Query
from bot.adapters.kube.access.failures import AnswerTooLarge, NoAnswer, api_status
from bot.domain.errors import ClusterUnauthorized
from bot.domain.facts import GapReason

CHUNK_BYTES = 64 * 1024
MAX_RETRY_AFTER_SECONDS = 2.0
PAUSE_WITHOUT_ADVICE_SECONDS = 0.25
SLOW_DOWN = 429
MAX_MORE_PAGES = 80
"""Pages of all lists of a look together, beyond each list's first: 20,000 objects."""
_RETRIABLE = frozenset({429, 500, 502, 503, 504})
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one request.

    `cut`: an answer over `max_bytes` is cut there instead of refused. `application`: the answer may be an application's
    own, sent on by the API server's proxy, so its status and its silence say nothing about the API server.
    """

    max_bytes: int
    cut: bool = False
    timeout_seconds: float | None = None
    repeatable: bool = True
    application: bool = False


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """One complete HTTP answer (or its beginning, when `cut_off`)."""

    status: int
    body: bytes
    content_type: str = ""
    cut_off: bool = False
    retry_after: float = 0.0
    """Seconds after which it may be asked again, where it asks to slow down."""

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on a monotonic clock, in seconds."""

    ends_at: float
    monotonic: Callable[[], float]

    def remaining(self) -> float:
        """Seconds left; negative when it has passed."""
        return self.ends_at - self.monotonic()

    def narrowed(self, seconds: float | None) -> Deadline:
        """The earlier of this deadline and `seconds` from now."""
        if seconds is None:
            return self
        return Deadline(min(self.ends_at, self.monotonic() + seconds), self.monotonic)


class RequestCounter:
    """Counts HTTP requests; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests = 0

    def add(self) -> None:
        """One request more."""
        with self._lock:
            self.requests += 1


class Session:
    """The requests of one look.

    `sleep` waits for the given seconds. `known_to_answer`: the API server has answered before, so one silent request
    says nothing about the others. `server_time` is the latest time the API server named, or None.
    """

    def __init__(
        self,
        connection: ApiConnection,
        deadline: Deadline,
        counter: RequestCounter,
        sleep: Callable[[float], None],
        *,
        known_to_answer: bool = False,
    ) -> None:
        self.connection = connection
        self.deadline = deadline
        self.server_time: datetime | None = None
        self._counter = counter
        self._sleep = sleep
        self._changed = threading.Condition()
        self._answered = known_to_answer
        self._in_flight = 0
        self._silence: NoAnswer | None = None
        self._pages = 0

    def execute(self, path: str, container: str, command: Sequence[str], seconds: float) -> str:
        """Run a command in a container, once, within what is left of the time. Raises `NoAnswer`."""
        self._counter.add()
        timeout = max(0.1, min(seconds, self.deadline.remaining()))
        return self.connection.execute(path, container, command, timeout_seconds=timeout)

    def get(self, path: str, query: Query = (), *, bounds: Bounds, accept: str = JSON) -> ApiResponse:
        """Ask once; a second time only on 429 or 5xx, if `bounds` allow it and time is left.

        Raises `NoAnswer`, `AnswerTooLarge`, or `ClusterUnauthorized` for 401.
        """
        answer, retry_after = self._ask(path, query, bounds, accept)
        # Who asks to slow down is given the time that was asked for, or left alone; other trouble may pass sooner.
        slow = answer.status == SLOW_DOWN
        pause = retry_after if slow else min(retry_after, MAX_RETRY_AFTER_SECONDS)
        if answer.status in _RETRIABLE and bounds.repeatable and pause < self.deadline.remaining():
            self._sleep(pause)
            answer, retry_after = self._ask(path, query, bounds, accept)
        self._refuse_strangers(answer, bounds)
        return replace(answer, retry_after=retry_after) if answer.status == SLOW_DOWN else answer

    def take_page(self) -> bool:
        """Whether one more page of a list may be read in this look, beyond each list's first."""
        with self._changed:
            self._pages += 1
            return self._pages <= MAX_MORE_PAGES

    def _ask(self, path: str, query: Query, bounds: Bounds, accept: str) -> tuple[ApiResponse, float]:
        deadline = self.deadline.narrowed(bounds.timeout_seconds)
        opened = self._open(path, query, deadline, accept)
        body, cut_off = _read_body(opened, deadline, bounds)
        answer = ApiResponse(opened.status, body, opened.headers.get("Content-Type", ""), cut_off)
        return answer, _retry_after(opened.headers.get("Retry-After"))

    def _open(self, path: str, query: Query, deadline: Deadline, accept: str) -> OpenAnswer:
        self._await_contact()
        failure: NoAnswer | None = None
        date: str | None = None
        try:
            remaining = deadline.remaining()
            if remaining <= 0:
                raise _out_of_time()
            self._counter.add()
            timeout = min(self.connection.read_timeout_seconds, remaining)
            opened = self.connection.open(path, query, timeout_seconds=timeout, accept=accept)
            date = opened.headers.get("Date")
            return opened
        except NoAnswer as exc:
            failure = exc
            raise
        finally:
            self._note(failure, date)

    def _await_contact(self) -> None:
        """Do not wait for a silent server again: once a request has timed out, others wait for those under way.

        Raises that request's `NoAnswer` if none of them was answered.
        """
        with self._changed:
            while self._silence and not self._answered and self._in_flight:
                if not self._changed.wait(max(self.deadline.remaining(), 0.0)):
                    raise _out_of_time()
            if self._silence and not self._answered:
                raise NoAnswer(GapReason.TIMED_OUT, self._silence.detail, self._silence.remedy) from self._silence
            self._in_flight += 1

    def _note(self, failure: NoAnswer | None, date: str | None) -> None:
        moment = _http_date(date)
        with self._changed:
            self._in_flight -= 1
            self._answered = self._answered or failure is None
            if failure is not None and failure.slow:
                self._silence = self._silence or failure
            if moment is not None and (self.server_time is None or moment > self.server_time):
                self.server_time = moment
            self._changed.notify_all()

    def _refuse_strangers(self, answer: ApiResponse, bounds: Bounds) -> None:
        """401, and 403 for `system:anonymous`, say that the server does not know who asks."""
        if answer.status not in {401, 403} or (bounds.application and api_status(answer.body) is None):
            return
        if answer.status == 401:
            why = "does not accept the credentials"
        elif b'\\"system:anonymous\\"' in answer.body and api_status(answer.body):
            why = "got no credentials"
        else:
            return
        context = self.connection.context
        account = f"of the context {context}" if context else "of this program's account"
        login = f"`kubectl --context {context} get pods` must work" if context else "renew the ServiceAccount token"
        raise ClusterUnauthorized(
            f"The API server {self.connection.server} {why} {account}.", f"Log in to the cluster again: {login}."
        )


def _read_body(opened: OpenAnswer, deadline: Deadline, bounds: Bounds) -> tuple[bytes, bool]:
    """The body and whether it was cut off, read as it arrives so that the deadline holds between two arrivals."""
    body = bytearray()
    while chunk := opened.read_some(CHUNK_BYTES):
        body += chunk
        if len(body) > bounds.max_bytes:
            opened.close()
            if not bounds.cut:
                raise AnswerTooLarge(bounds.max_bytes)
            return bytes(body[: bounds.max_bytes]), True
        if deadline.remaining() <= 0:
            opened.close()
            raise _out_of_time(listened=True)
    opened.release()
    return bytes(body), False


def _out_of_time(*, listened: bool = False) -> NoAnswer:
    detail, remedy = "the time for this look was used up", "Try again, or look at fewer things."
    return NoAnswer(GapReason.TIMED_OUT, detail, remedy, listened=listened)


def _retry_after(value: str | None) -> float:
    """Seconds the server asks us to wait; a date or nonsense counts as the longest wait we accept."""
    if value is None:
        return PAUSE_WITHOUT_ADVICE_SECONDS
    digits = value.strip()
    return float(digits) if digits.isdecimal() and len(digits) < 9 else MAX_RETRY_AFTER_SECONDS


def _http_date(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
