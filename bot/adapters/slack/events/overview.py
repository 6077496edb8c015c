"""Which open incidents may be named to whom. Used by the slash command and by the Home tab.

An incident in a private channel is named in that channel only: its headline says what is going on there.
"""

from __future__ import annotations

import logging

from bot.adapters.slack.events.services import SlackDeps
from bot.domain.errors import SlackError
from bot.domain.incidents import Incident
from bot.incidents.notices import OpenIncident

MOST = 50

_log = logging.getLogger(__name__)


def open_here(services: SlackDeps, channel: str) -> list[OpenIncident]:
    """Open incidents in this channel and in public ones, newest first. Raises `StoreError`."""
    found = services.incidents.open_incidents(MOST)
    return [listed(services, one) for one in found if one.channel == channel or services.gate.is_public(one.channel)]


def listed(services: SlackDeps, incident: Incident) -> OpenIncident:
    """The incident as one line of a list."""
    link = ""
    if incident.ts:
        try:
            link = services.links.get(incident.channel, incident.ts)
        except SlackError as error:
            _log.warning("a card could not be linked to: %s", error)
    return OpenIncident(incident.app, incident.title, incident.opened_at, link)
