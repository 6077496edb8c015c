"""What a card says about its incident beside the diagnosis, and which buttons it has.

Called by `card_reconciler` each time a card is drawn. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis
from bot.domain.incidents import Incident, IncidentState
from bot.incidents.card_sections import is_benign
from bot.incidents.card_state import state_of
from bot.incidents.pasted.ledger import voices
from bot.incidents.plain_text import one_line, spoken_time

DETAILS = "card_details"
CHECK_AGAIN = "card_check_again"
NOT_THIS = "card_not_this"
MUTE = "card_mute"
RESOLVE = "card_resolve"
HELPFUL = "card_helpful"
NOT_HELPFUL = "card_not_helpful"
MORE = "card_more"
NAMED = 3
"""People who pasted the same, by name."""


@dataclass(frozen=True)
class CardFacts:
    """Everything on a card that is not the diagnosis.

    seconds:   how long the triage took
    unread:    sentences about attached files that could not be read
    count:     how many questions the card answers; `places` of them in other threads
    note:      what became of the last check, if it failed
    step:      what is being done now; the buttons are away meanwhile
    rejected:  causes of which somebody said "not this", with the person's name
    calls:     ids of people and user groups whom the card calls
    said_by:   who pasted a symptom, and when, by its key; `unkept`: pasted symptoms that were too many to be kept
    closed_by: who resolved it; empty with `closed_at` set: it ended by itself
    """

    asked_by: str = ""
    seconds: float | None = None
    unread: tuple[str, ...] = ()
    count: int = 1
    places: int = 0
    note: str = ""
    step: str = ""
    rejected: tuple[tuple[str, str], ...] = ()
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    by_monitor: bool = False
    calls: tuple[str, ...] = ()
    said_by: Mapping[str, str] = field(default_factory=dict)
    unkept: int = 0


def facts_of(incident: Incident, step: str = "") -> CardFacts:
    """What this incident's card says."""
    state = state_of(incident)
    closed_by = state.closed_by if incident.state is IncidentState.RESOLVED else ""
    # An all-clear begins resolved: nothing was ever open.
    was_open = bool(closed_by) or (incident.closed_at is not None and incident.closed_at > incident.opened_at)
    return CardFacts(
        asked_by=state.asked_by,
        seconds=state.seconds,
        unread=state.unread,
        count=state.count,
        places=len(state.places),
        note=state.note,
        step=step,
        rejected=state.set_aside,
        opened_at=incident.opened_at,
        closed_at=incident.closed_at if was_open else None,
        closed_by=closed_by,
        by_monitor=incident.origin == "monitor",
        calls=state.calls,
        said_by={key: _voices(*found) for key, found in voices(state.ledger).items()},
        unkept=state.ledger.unkept,
    )


def _voices(who: tuple[str, ...], first: datetime, last: datetime) -> str:
    """`by Robin, Sam and 2 more, 10:02 to 10:09 UTC`."""
    names = ", ".join(one_line(name, 30) for name in who[:NAMED])
    more = f" and {len(who) - NAMED} more" if len(who) > NAMED else ""
    began, ended = spoken_time(first, with_date=False), spoken_time(last, with_date=False)
    when = began if began == ended else f"{began.removesuffix(' UTC')} to {ended}"
    return f"by {names}{more}, {when}" if names else when


def kinds_of(incident: Incident, diagnosis: Diagnosis) -> tuple[str, ...]:
    """The buttons the card has. A private one shows only what can be shown to one person."""
    if state_of(incident).private_to:
        return (DETAILS,)
    kinds = [DETAILS, CHECK_AGAIN]
    if incident.state is IncidentState.OPEN:
        kinds += [NOT_THIS] if standing(diagnosis, state_of(incident).set_aside) else []
        kinds += [MUTE, RESOLVE]
    elif is_benign(diagnosis) and diagnosis.root_causes:
        kinds.append(NOT_THIS)
    return (*kinds, HELPFUL, NOT_HELPFUL)


def standing(diagnosis: Diagnosis, rejected: tuple[tuple[str, str], ...]) -> Cause | None:
    """The root cause that nobody has rejected."""
    gone = {cause for cause, _ in rejected}
    roots = [cause for cause in diagnosis.root_causes if not cause.state]
    return next((cause for cause in roots if cause.id not in gone), None)


def candidate(diagnosis: Diagnosis, rejected: tuple[tuple[str, str], ...]) -> Cause | None:
    """The next cause to look at, after some were rejected: the likeliest of those that are no root cause."""
    order = (CauseVerdict.CONFIRMED, CauseVerdict.LIKELY, CauseVerdict.POSSIBLE, CauseVerdict.UNKNOWN)
    gone = {cause for cause, _ in rejected}
    roots = {cause.id for cause in diagnosis.root_causes}
    others = [
        cause
        for cause in diagnosis.causes
        if cause.verdict in order and not cause.state and cause.id not in gone and cause.id not in roots
    ]
    others.sort(key=lambda cause: order.index(cause.verdict))
    return others[0] if others else None
