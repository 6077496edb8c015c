"""When fixes are offered: for a diagnosis that names others, or a newer one whose offers are used up.

Called by `follow`. Offering reads the cluster, so it is never done while a card is drawn; the card is drawn
again when the buttons are there. Two replicas that offer at once do no harm: the later offers take the earlier ones'
place.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.diagnosis.across_clusters import split_place
from bot.diagnosis.diagnosis_codec import decode
from bot.diagnosis.worker import Worker
from bot.domain.changes import Change, ChangeState
from bot.domain.diagnosis import CauseVerdict, Diagnosis
from bot.domain.errors import TriageError
from bot.domain.incidents import Incident
from bot.incidents.card_state import CardState, state_of
from bot.incidents.fixes.deps import FixDeps
from bot.incidents.fixes.fix_state import FixState, card_with, kept_of
from bot.incidents.questions.origin import request_from_json

THREADS = 3
QUEUE = 200
ROUNDS = 3
WITHHELD = 8
REASON_CHARACTERS = 300
ROUND = "round"
"""In the details of a change: the time of the diagnosis it was offered for."""

_S = ChangeState
_USABLE = frozenset({_S.OFFERED, _S.PREVIEWED})
_OVER = frozenset({_S.EXPIRED, _S.REFUSED, _S.SUPERSEDED, _S.FIXED, _S.NOT_FIXED, _S.FAILED, _S.ROLLED_BACK})

_log = logging.getLogger(__name__)


class FixOffers:
    """Offers fixes in threads of its own, once at a time for each incident."""

    def __init__(self, deps: FixDeps) -> None:
        self._deps = deps
        self._changes = deps.changes
        self._worker = Worker(THREADS, QUEUE, "slack-offers", deps.failed)
        self._lock = threading.Lock()
        self._under_way: set[str] = set()

    def consider(self, incident: Incident, diagnosis: Diagnosis, changes: Sequence[Change]) -> None:
        """Offer what this diagnosis allows, if that was not done yet. Returns at once."""
        if state_of(incident).private_to or not is_due(kept_of(incident), diagnosis, changes, self._deps.clock()):
            return
        with self._lock:
            if incident.id in self._under_way:
                return
            self._under_way.add(incident.id)
        accepted = self._worker.submit(
            lambda: self._run(incident.id),
            name=f"offers for {incident.id}",
            on_crash=lambda _: self._done(incident.id),
        )
        if not accepted:  # the next tick tries again
            self._done(incident.id)

    def is_at(self, incident_id: str) -> bool:
        """Whether offers for this incident are being made by this process."""
        with self._lock:
            return incident_id in self._under_way

    def close(self, timeout: float) -> None:
        """Take no more work."""
        self._worker.drain(timeout)

    def load(self) -> int:
        """How many incidents wait for their offers."""
        return self._worker.load()

    def _run(self, incident_id: str) -> None:
        try:
            for _ in range(ROUNDS):
                if not self._offer(incident_id):
                    break  # else another diagnosis may have come meanwhile
        except TriageError as error:
            _log.warning("nothing could be offered for incident %s: %s", incident_id, error)
        finally:
            self._done(incident_id)

    def _done(self, incident_id: str) -> None:
        with self._lock:
            self._under_way.discard(incident_id)

    def _offer(self, incident_id: str) -> bool:
        """Offer, and write down for which diagnosis. False when there is nothing to do."""
        incident = self._deps.incidents.get(incident_id)
        if incident is None:
            return False
        diagnosis = decode(dict(incident.diagnosis))
        if not is_due(kept_of(incident), diagnosis, self._changes.of_incident(incident_id), self._deps.clock()):
            return False
        place, _ = split_place(request_from_json(incident.request).namespace)
        release = place if place and "/" in place else ""
        details = {ROUND: diagnosis.collected_at.isoformat()}
        offers = self._deps.service.offer(
            diagnosis, incident_id=incident_id, details=details, place=release, members=self._deps.directory.members
        )
        withheld = tuple((item.remedy.title, item.reason[:REASON_CHARACTERS]) for item in offers.withheld[:WITHHELD])
        subject = subject_of(diagnosis)

        def noted(newest: Incident, _: CardState) -> dict[str, Any]:
            kept = kept_of(newest)
            if kept.offered_at is not None and kept.offered_at > diagnosis.collected_at:
                return {}
            kept = kept.but(offered_for=subject, offered_at=diagnosis.collected_at, withheld=withheld)
            return {"card": card_with(newest, kept), "updated_at": newest.updated_at}

        self._deps.cards.change(incident_id, noted)
        return True


def is_due(kept: FixState, diagnosis: Diagnosis, changes: Sequence[Change], now: datetime) -> bool:
    """Whether something has to be offered, or earlier offers have to end.

    A newer diagnosis with the same fixes leaves those alone that somebody may be looking at, unless one is used up.
    """
    subject = subject_of(diagnosis)
    if kept.offered_at is None:
        return bool(subject)
    if diagnosis.collected_at < kept.offered_at:
        return False
    if subject != kept.offered_for:
        return True
    if not subject or diagnosis.collected_at == kept.offered_at:
        return False
    made = kept.offered_at.isoformat()
    newest = [change for change in changes if not change.undoes and change.details.get(ROUND) == made]
    used_up = any(change.state in _OVER or _late(change, now) for change in newest)
    looked_at = any(change.state is _S.PREVIEWED and not _late(change, now) for change in newest)
    return used_up or bool(kept.withheld and not looked_at)


def _late(change: Change, now: datetime) -> bool:
    return change.state in _USABLE and change.expires_at <= now


def subject_of(diagnosis: Diagnosis) -> str:
    """A digest of what could be offered: confirmed causes with remedies that do something. Empty: nothing could."""
    found = [
        [cause.id, remedy.id, remedy.target, remedy.title]
        for cause in diagnosis.root_causes
        if cause.verdict is CauseVerdict.CONFIRMED
        for remedy in cause.remedies
        if remedy.steps
    ]
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()[:16] if found else ""
