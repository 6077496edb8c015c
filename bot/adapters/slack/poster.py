"""Cards and notes that nobody asked for: what monitors find. Implements `bot.monitors.ports.IncidentPoster`.

A card is durable as soon as its incident is kept: whoever is alive posts it. A note is posted while the caller waits. A
muted key is the monitors' affair; here everything that is handed in is shown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.adapters.slack import notices
from bot.adapters.slack.api import SlackRefused, SlackUnreachable
from bot.adapters.slack.asked import Asked
from bot.adapters.slack.blocks import Message
from bot.adapters.slack.card_state import CardState
from bot.adapters.slack.findings import Finding, incident_of, lasted, rechecked
from bot.adapters.slack.outbox import Fixed
from bot.adapters.slack.schedule import Target, new_id
from bot.adapters.slack.services import Services
from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import SlackError
from bot.domain.incidents import Incident, IncidentState
from bot.monitors.schema import Mention

PATIENCE_SECONDS = 60.0
"""How long a note may wait for Slack before the caller is told that it was not posted."""


class MonitorPosts:
    """Posts for monitors. `services` gives the parts, once the bot is connected; None before."""

    def __init__(self, services: Callable[[], Services | None]) -> None:
        self._services = services

    def announce(self, diagnosis: Diagnosis, key: str, channel: str, mention: Mention, *, again: bool = False) -> str:
        """See `IncidentPoster`."""
        services = self._connected()
        _check(services, channel)
        incident = incident_of(self._found(services, diagnosis, channel))
        card = {**incident.card, "calls": [*mention.users, *mention.groups]}
        # The monitor says what it is about: it may watch one cause of several, or one that is benign to others.
        fields = {"key": key, "state": IncidentState.OPEN, "closed_at": None, "card": card}
        kept, new = services.incidents.open(incident.model_copy(update=fields))
        if new or again:
            services.board.show(kept)
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

        services.board.change(incident, resolved)

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

        services.board.change(incident, newest)

    def _found(self, services: Services, diagnosis: Diagnosis, channel: str) -> Finding:
        asked = Asked(team=services.identity.team_id, channel=channel, user="")
        request = TriageRequest(diagnosis.app, diagnosis.namespace)
        return Finding(new_id(), asked, request, diagnosis, services.clock(), origin="monitor")

    def _post(self, channel: str, message: Message, effect: str, *, again: bool) -> None:
        """Post a note and wait for Slack. Raises `SlackError` when it was refused, or not posted in time."""
        services = self._connected()
        done, refusals = threading.Event(), list[SlackError]()

        def refused(_: Target, error: SlackError) -> None:
            refusals.append(error)
            done.set()

        target = Target(channel, id=effect, doubtful=again)
        services.outbox.show(target, Fixed(message, lambda _: done.set(), refused), final=True)
        if not done.wait(PATIENCE_SECONDS):
            services.outbox.settle(target, PATIENCE_SECONDS)
            if not target.ts:
                raise SlackError("Slack did not take a note in time.", "It is tried again.")
        if refusals:
            raise refusals[0]

    def _connected(self) -> Services:
        services = self._services()
        if services is None:
            raise SlackError("The bot is not connected to Slack yet.", "It is tried again.")
        return services


def _check(services: Services, channel: str) -> None:
    """Whether a card can be posted there at all: it is posted later, when there is nobody left to tell."""
    try:
        found = services.api.channel(channel)
    except SlackUnreachable:
        return  # the card is kept, and posted when Slack is back
    except SlackRefused as refused:
        if refused.code != "channel_not_found":
            raise
        found = {"is_member": False}
    if found.get("is_archived"):
        raise SlackError(f"The channel {channel} is archived.", "Name another channel in the monitor.")
    if found.get("is_member") is False:
        invite = f"Invite it there (/invite @{services.identity.name}), or name another channel in the monitor."
        raise SlackError(f"The bot is not in the channel {channel}.", invite)
