"""Commands and uses of the shortcut that were acknowledged: kept until they are answered, by whatever replica.

Used by `commands` and `reception`. A row among the questions, put there before the acknowledgement; what it says is
under one name in its place (`command`, `shortcut`). Whoever takes over a row whose process died hands it to the one
that has taken that name on. Messages have an inbox of their own (`receipts`): they are read from Slack again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from bot.diagnosis.ports import Clock, SeenEvents
from bot.domain.errors import StoreError, TriageError
from bot.domain.incidents import PendingRequest
from bot.incidents.ports import derived_id, new_id
from bot.incidents.questions.held import HeldQuestions
from bot.incidents.questions.triages import LEASE, MOST_ATTEMPTS

_log = logging.getLogger(__name__)

Resume = Callable[[PendingRequest], None]


class AcknowledgedCommands:
    """`owner` names the process."""

    def __init__(self, questions: HeldQuestions, seen: SeenEvents, clock: Clock, owner: str) -> None:
        self._questions = questions
        self._seen = seen
        self._clock = clock
        self._owner = owner
        self._kinds: dict[str, Resume] = {}

    def resumes(self, kind: str, resume: Resume) -> None:
        """Rows of this kind whose process died are handed to this."""
        self._kinds[kind] = resume

    def keep(self, kind: str, trigger: str, where: Mapping[str, Any], said: Mapping[str, Any]) -> PendingRequest | None:
        """Write it down, once per trigger; None: it is known already. Raises `StoreError`: then it is not kept.

        where: channel and user, by which somebody can be told when no version can read it
        """
        key = {f"{kind}:{trigger}"}
        if trigger and not self._seen.first_time(key):
            return None
        now = self._clock()
        row = PendingRequest(
            id=derived_id(kind, trigger) if trigger else new_id(),
            place={**where, kind: dict(said)},
            request={},
            asked_at=now,
            owner=self._owner,
            owned_until=now + LEASE,
        )
        try:
            return row if self._questions.add(row) else None
        except StoreError:
            self._seen.forget(key)
            raise

    def took(self, row: PendingRequest) -> bool:
        """Go on with a row of ours, if it is one."""
        for kind, resume in self._kinds.items():
            if isinstance(row.place.get(kind), Mapping):
                resume(row)
                return True
        return False

    def forget(self, kind: str, trigger: str, row: PendingRequest) -> None:
        """There is no room for it: whoever sent it is told, and may send it again."""
        self.done(row)
        self._seen.forget({f"{kind}:{trigger}"})

    def carry_out(self, row: PendingRequest, work: Callable[[], None], failed: Callable[[TriageError], None]) -> None:
        """Do it; what fails because of the database is left to the next round of upkeep, until it was tried enough."""
        try:
            work()
        except StoreError as error:
            if row.attempts < MOST_ATTEMPTS or error.passing:
                _log.warning("%s has to wait: %s", row.id, error)
                self._questions.leave(row.id, self._clock(), error)
                return
            failed(error)
        except TriageError as error:
            failed(error)
        self.done(row)

    def done(self, row: PendingRequest) -> None:
        """It is answered."""
        try:
            self._questions.drop(row.id)
        except TriageError as error:
            _log.warning("%s is answered and kept a little longer: %s", row.id, error)
            self._questions.leave(row.id, self._clock())
