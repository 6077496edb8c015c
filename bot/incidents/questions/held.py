"""The questions that this process has in hand. Made once, in front of the store's questions.

Only what is in hand is extended. A question that the store may have kept although its answer was lost, and one that
this process gave up, is therefore finished by whoever finds it when its lease is over.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from bot.diagnosis.ports import QuestionStore
from bot.domain.errors import StoreError, TriageError
from bot.domain.incidents import PendingRequest

_log = logging.getLogger(__name__)


class HeldQuestions:
    """Implements `QuestionStore`. `answered` is told the channel and message of each that was answered."""

    def __init__(
        self, inner: QuestionStore, owner: str, answered: Callable[[str, str], None] = lambda *_: None
    ) -> None:
        self._inner = inner
        self._owner = owner
        self._answered = answered
        self._lock = threading.Lock()
        self._held: dict[str, tuple[str, str]] = {}

    def put(self, question: PendingRequest) -> None:
        """See `QuestionStore`. What was given up meanwhile is somebody else's."""
        with self._lock:
            mine = question.id in self._held
        if mine:
            self._inner.put(question)

    def add(self, question: PendingRequest) -> bool:
        """See `QuestionStore`."""
        if not self._inner.add(question):
            return False
        self._hold((question,))
        return True

    def drop(self, question_id: str) -> None:
        """See `QuestionStore`."""
        self._inner.drop(question_id)
        channel, source = self._let_go(question_id)
        if source:
            self._answered(channel, source)

    def leave(self, question_id: str, now: datetime, because: TriageError | None = None) -> None:
        """This process gives it up: the next one to look finishes it. An error that passes counts as no attempt."""
        passes = isinstance(because, StoreError) and because.passing
        self._let_go(question_id)
        try:
            self._inner.let_lapse(question_id, self._owner, now, counts=not passes)
        except TriageError as error:
            _log.warning("a question is finished only when its lease is over: %s", error)

    def extend(self, owner: str, until: datetime, held: Collection[str] | None = None) -> None:
        """See `QuestionStore`: what is in hand."""
        with self._lock:
            in_hand = self._held.keys() & set(held) if held is not None else set(self._held)
        self._inner.extend(owner, until, in_hand)

    def let_lapse(self, question_id: str, owner: str, now: datetime, *, counts: bool = True) -> None:
        """See `QuestionStore`."""
        self._let_go(question_id)
        self._inner.let_lapse(question_id, owner, now, counts=counts)

    def release(self, owner: str, now: datetime) -> None:
        """See `QuestionStore`."""
        self._inner.release(owner, now)

    def take_over(self, owner: str, now: datetime, until: datetime, limit: int = 10) -> Sequence[PendingRequest]:
        """See `QuestionStore`."""
        found = self._inner.take_over(owner, now, until, limit)
        self._hold(found)
        return found

    def under_way(self, channel: str, source_ts: str) -> bool:
        """See `QuestionStore`."""
        return self._inner.under_way(channel, source_ts)

    def _hold(self, questions: Iterable[PendingRequest]) -> None:
        with self._lock:
            self._held.update({one.id: _about(one) for one in questions})

    def _let_go(self, question_id: str) -> tuple[str, str]:
        """What it was about."""
        with self._lock:
            return self._held.pop(question_id, ("", ""))


def _about(question: PendingRequest) -> tuple[str, str]:
    """The channel and the message; two empty words where it was about none."""
    channel, source = question.place.get("channel"), question.place.get("source_ts")
    return (channel, source) if isinstance(channel, str) and isinstance(source, str) else ("", "")
