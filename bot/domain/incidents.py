"""An incident: one cause of one app, and the one card that shows it. A question on its way to an answer. A button.

Persisted by the store, moved by the adapter that talks to people. Pure data.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from bot.domain.changes import Frozen


class IncidentState(StrEnum):
    """Whether somebody still has to care."""

    OPEN = "open"
    RESOLVED = "resolved"


class Incident(Frozen):
    """One card. `key` says what it is about, so that another paste, a monitor or another replica finds the same card.

    key:       app, cluster, namespace, root causes and their workloads; never pod names, never wording
    channel, ts, thread_ts: where the card stands in Slack
    request:   what was asked (app, namespace, symptoms), to ask it again
    diagnosis: the newest one, as JSON of `bot.diagnosis.diagnosis_codec`; small enough for a row
    card:      what the adapter that shows the card keeps with it; decides nothing
    wanted, shown: `wanted` goes up when the card must look different; `shown` is the one that people see
    origin:    `person` or `monitor`
    version:   goes up with each change of the row; the compare-and-swap goes by it
    """

    id: str
    key: str
    app: str
    cluster: str
    namespace: str
    title: str
    state: IncidentState = IncidentState.OPEN
    team: str = ""
    channel: str = ""
    ts: str = ""
    thread_ts: str = ""
    origin: str = "person"
    asked_by: str = ""
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    version: int = 0
    wanted: int = 0
    shown: int = 0
    request: Mapping[str, Any] = Field(default_factory=dict)
    diagnosis: Mapping[str, Any] = Field(default_factory=dict)
    card: Mapping[str, Any] = Field(default_factory=dict)


class PendingRequest(Frozen):
    """A question that was accepted and has no answer yet, so that it outlives the process that works on it.

    place:   where its answer goes, as the adapter keeps it
    request: what is asked (app, namespace, symptoms)
    owner, owned_until: the process that works on it; when it lets the time pass, another one takes the question over
    attempts: how many processes have taken it on
    """

    id: str
    place: Mapping[str, Any]
    request: Mapping[str, Any]
    asked_at: datetime
    owner: str
    owned_until: datetime
    attempts: int = 1


class Received(Frozen):
    """A message that Slack was told we have, until it is answered or found to need no answer. Without its text, which
    may hold secrets: whoever takes it over reads the message anew.

    id:        made by chance; the ids of what is asked because of it are derived from it
    thread_ts: of the thread that it stands in; empty: none
    edited_ts: when it was edited, if this is about an edit
    gone:      this is about its deletion
    attempts:  how many processes have taken it on
    """

    id: str
    team: str
    channel: str
    ts: str
    thread_ts: str = ""
    edited_ts: str = ""
    gone: bool = False
    received_at: datetime
    owner: str
    owned_until: datetime
    attempts: int = 1


class Button(Frozen):
    """What a token stands for. The token itself is stored as its SHA-256: reading the database presses no button.

    card: the same for all buttons of one card
    """

    kind: str
    card: str
    team: str
    channel: str
    ts: str = ""
    private_to: str = ""
    payload: Mapping[str, Any] = Field(default_factory=dict)
    issued_at: datetime
    expires_at: datetime
