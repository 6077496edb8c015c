"""Keeps promises that outlive a process: questions whose process died are finished, cards that are behind are drawn.

A thread of its own calls `tick` every few seconds while the bot is connected; once at the start too. Several replicas
do the same at the same time: the store sees to it that each question has one owner, and each card one drawer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.domain.errors import TriageError
from bot.incidents.card_reconciler import CardReconciler
from bot.incidents.questions.triages import LEASE, TriageDeps, Triages
from bot.runtime.logs import about_incident
from bot.runtime.loops import Failed, Loop, guarded, uncounted

INTERVAL_SECONDS = 10.0
NAME = "slack-upkeep"

_log = logging.getLogger(__name__)


class Upkeep:
    """`start` begins it, `stop` ends it and gives away what is not finished."""

    def __init__(
        self, deps: TriageDeps, triages: Triages, cards: CardReconciler, also: Callable[[], None] = lambda: None,
        failed: Failed = uncounted, interval_seconds: float = INTERVAL_SECONDS,
    ) -> None:  # fmt: skip
        """`also` is called in each round; `failed` is told of what died of something unexpected."""
        self._deps = deps
        self._triages = triages
        self._cards = cards
        self._also = also
        self._failed = failed
        self._interval = interval_seconds
        self._loop = Loop(NAME, self._round, interval_seconds, failed)

    def start(self) -> None:
        """Begin, in a thread."""
        self._loop.start()

    def soon(self) -> None:
        """Something waits that can be dealt with now: begin the next round. Returns at once."""
        self._loop.soon()

    def is_alive(self) -> bool:
        """Whether promises are still kept."""
        return self._loop.is_alive()

    def stop(self) -> None:
        """End, and let others take over at once what this process has not finished."""
        self._loop.stop(self._interval)
        try:
            self._deps.questions.release(self._deps.owner, self._deps.clock())
        except TriageError as error:
            _log.warning("unfinished questions are taken over only in %d s: %s", LEASE.total_seconds(), error)

    def tick(self) -> None:
        """One round. Raises `StoreError`. What cannot be dealt with keeps nothing else from being."""
        now = self._deps.clock()
        self._deps.questions.extend(self._deps.owner, now + LEASE)
        for question in self._deps.questions.take_over(self._deps.owner, now, now + LEASE):
            _log.warning("finishing question %s, whose process died or lost touch", question.id)
            with about_incident(question.id):
                guarded(NAME, lambda one=question: self._triages.resume(one), self._failed)  # type: ignore[misc]
        guarded(NAME, self._cards.catch_up, self._failed)
        self._also()

    def _round(self) -> None:
        try:
            self.tick()
        except TriageError as error:
            _log.warning("upkeep has to wait: %s", error)
