"""Cards and notes that nobody asked for: what monitors find. Implements `bot.monitors.ports.IncidentPoster`.

A card is durable as soon as its incident is kept: whoever is alive posts it. A note is posted while the caller waits. A
muted key is the monitors' affair; here everything that is handed in is shown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.diagnosis.ports import Clock, IncidentStore, TriageRequest
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import ChatError
from bot.domain.incidents import Incident, IncidentState
from bot.incidents import notices
from bot.incidents.card_model import CardModel
from bot.incidents.card_reconciler import CardReconciler
from bot.incidents.card_state import CardState
from bot.incidents.findings import QuestionResult, incident_of, lasted, rechecked
from bot.incidents.ports import Fixed, MessageQueue, Target, new_id
from bot.incidents.questions.origin import QuestionOrigin
from bot.monitors.schema import Mention

PATIENCE_SECONDS = 60.0
"""How long a note may wait for Slack before the caller is told that it was not posted."""


@dataclass(frozen=True)
class MonitorDeps:
    """What posting needs. `team` is the bot's own; `check_channel` raises `ChatError` where no card can be posted."""

    incidents: IncidentStore
    cards: CardReconciler
    queue: MessageQueue
    clock: Clock
    team: str
    check_channel: Callable[[str], None]


class MonitorPosts:
    """Posts for monitors. `deps` gives the parts, once the bot is connected; None before."""

    def __init__(self, deps: Callable[[], MonitorDeps | None]) -> None:
        self._deps = deps

    def announce(self, diagnosis: Diagnosis, key: str, channel: str, mention: Mention, *, again: bool = False) -> str:
        """See `IncidentPoster`."""
        services = self._connected()
        services.check_channel(channel)
        incident = incident_of(self._found(services, diagnosis, channel))
        card = {**incident.card, "calls": [*mention.users, *mention.groups]}
        # The monitor says what it is about: it may watch one cause of several, or one that is benign to others.
        fields = {"key": key, "state": IncidentState.OPEN, "closed_at": None, "card": card}
        kept, new = services.incidents.open(incident.model_copy(update=fields))
        if new or again:
            services.cards.show(kept)
        return kept.id

    def reopen(self, incident: str, diagnosis: Diagnosis, *, again: bool = False) -> None:  # noqa: ARG002
        """See `IncidentPoster`. Doing it twice is harmless."""
        self._change(incident, diagnosis, state=IncidentState.OPEN)

    def update(self, incident: str, diagnosis: Diagnosis) -> None:
        """See `IncidentPoster`."""
        self._change(incident, diagnosis)

    def close(self, incident: str, duration: timedelta, *, again: bool = False) -> None:  # noqa: ARG002
        """See `IncidentPoster`. Doing it twice is harmless."""
        services = self._connected()

        def resolved(found: Incident, state: CardState) -> Mapping[str, Any]:
            if found.state is IncidentState.RESOLVED:
                return {}
            note = notices.ended(max(duration, lasted(found, services.clock())))
            closed = {"state": IncidentState.RESOLVED, "closed_at": services.clock()}
            return closed | {"card": state.but(note=note).stored()}

        services.cards.change(incident, resolved)

    def digest(self, channel: str, lines: Sequence[str], effect: str, *, again: bool = False) -> None:
        """See `IncidentPoster`."""
        self._post(channel, notices.digest(lines), effect, again=again)

    def trouble(self, channel: str, monitor: str, sentence: str, effect: str, *, again: bool = False) -> None:
        """See `IncidentPoster`."""
        self._post(channel, notices.monitor_trouble(monitor, sentence), effect, again=again)

    def _change(self, incident: str, diagnosis: Diagnosis, **fields: Any) -> None:
        services = self._connected()

        def newest(kept: Incident, state: CardState) -> Mapping[str, Any]:
            found = self._found(services, diagnosis, kept.channel)
            # Key and state are the monitor's to decide; who asked last stays.
            changed = {**rechecked(kept, found), "key": kept.key, "state": kept.state, "closed_at": kept.closed_at}
            changed["card"] = state.but(note="", seconds=None).stored()
            if fields.get("state") is IncidentState.OPEN:
                changed["closed_at"] = None
            return {**changed, **fields}

        services.cards.change(incident, newest)

    def _found(self, services: MonitorDeps, diagnosis: Diagnosis, channel: str) -> QuestionResult:
        asked = QuestionOrigin(team=services.team, channel=channel, user="")
        request = TriageRequest(diagnosis.app, diagnosis.namespace)
        return QuestionResult(new_id(), asked, request, diagnosis, services.clock(), origin="monitor")

    def _post(self, channel: str, message: CardModel, effect: str, *, again: bool) -> None:
        """Post a note and wait for Slack. Raises `ChatError` when it was refused, or not posted in time."""
        services = self._connected()
        done, refusals = threading.Event(), list[ChatError]()

        def refused(_: Target, error: ChatError) -> None:
            refusals.append(error)
            done.set()

        target = Target(channel, id=effect, doubtful=again)
        services.queue.show(target, Fixed(message, lambda _: done.set(), refused), final=True)
        if not done.wait(PATIENCE_SECONDS):
            services.queue.settle(target, PATIENCE_SECONDS)
            if not target.ts:
                raise ChatError("Slack did not take a note in time.", "It is tried again.")
        if refusals:
            raise refusals[0]

    def _connected(self) -> MonitorDeps:
        services = self._deps()
        if services is None:
            raise ChatError("The bot is not connected to Slack yet.", "It is tried again.")
        return services
