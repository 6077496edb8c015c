"""From a diagnosis to its incident: which card it belongs on, and what changes on a card that is there already.

Called by `triages`. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.diagnosis.across_clusters import same_place
from bot.diagnosis.diagnosis_codec import decode, encode
from bot.diagnosis.incident_keys import incident_key
from bot.diagnosis.outage import outage_of, with_outage
from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import Diagnosis, Verdict
from bot.domain.errors import StoreError
from bot.domain.incidents import Incident, IncidentState
from bot.incidents.card_sections import is_benign
from bot.incidents.card_state import COUNTED, CardState, state_of
from bot.incidents.pasted.ledger import Ledger, Paste, paste_of, source_of, union
from bot.incidents.questions.origin import QuestionOrigin, request_from_json, request_to_json

TITLE_CHARACTERS = 200
PLACES = 20


@dataclass(frozen=True)
class QuestionResult:
    """What came of one question."""

    question: str
    asked: QuestionOrigin
    request: TriageRequest
    diagnosis: Diagnosis
    at: datetime
    seconds: float | None = None
    origin: str = "person"


def is_open(diagnosis: Diagnosis) -> bool:
    """Whether somebody has to care: a fault, or a question that could not be decided."""
    return diagnosis.verdict in (Verdict.FAULT_FOUND, Verdict.INCONCLUSIVE) and not is_benign(diagnosis)


def incident_of(found: QuestionResult) -> Incident:
    """The incident as it begins. One that nobody has to care about, or that one person sees alone, begins resolved."""
    asked, diagnosis = found.asked, found.diagnosis
    name = found.question  # so that the message, which was posted with this id, leads to its incident
    shared = is_open(diagnosis) and not asked.private
    state = CardState(
        user=asked.user,
        asked_by=asked.asked_by,
        seconds=found.seconds,
        unread=asked.unread,
        counted=(found.question,),
        private_to=asked.user if asked.private else "",
        source=asked.source_ts,
        ledger=Ledger().with_paste(_paste(found)),
        said_at=found.at,
    )
    return Incident(
        id=name,
        key=incident_key(diagnosis) if shared else f"answer|{name}",
        **_about(found),
        state=IncidentState.OPEN if shared else IncidentState.RESOLVED,
        team=asked.team,
        channel=asked.channel,
        ts=asked.ts,
        thread_ts=asked.thread_ts or "",
        origin=found.origin,
        opened_at=found.at,
        closed_at=None if shared else found.at,
        wanted=0 if asked.private else 1,
        card=state.stored(),
    )


def joined(incident: Incident, found: QuestionResult) -> Mapping[str, Any]:
    """What changes when another question has the same answer: one more, by whom, where."""
    state = state_of(incident)
    if found.question in state.counted:
        return {}
    asked = found.asked
    here = (asked.channel, asked.thread_ts or asked.ts)
    own = (incident.channel, incident.thread_ts or incident.ts)
    places = state.places if here in (*state.places, own) else (*state.places, here)[-PLACES:]
    whole, ledger = _union(incident, found, _ledger(incident).with_paste(_paste(found)))
    state = state.but(
        user=asked.user,
        asked_by=asked.asked_by,
        seconds=found.seconds,
        unread=asked.unread,
        ledger=ledger,
        count=state.count + 1,
        counted=(*state.counted, found.question)[-COUNTED:],
        places=places,
        note="",
    )
    return _about(continued(incident, whole)) | {"card": state.stored()}


def rechecked(incident: Incident, found: QuestionResult) -> Mapping[str, Any]:
    """What changes when the same card was checked again: everything may, the cause and whether it is over included."""
    state = state_of(incident)
    stands = is_open(found.diagnosis) and not state.private_to
    was_open = incident.state is IncidentState.OPEN
    if stands:
        life: dict[str, Any] = {"state": IncidentState.OPEN, "closed_at": None}
        life["key"] = incident_key(found.diagnosis)
    else:
        life = {"state": IncidentState.RESOLVED, "closed_at": found.at if was_open else incident.closed_at}
    known = {cause.id for cause in found.diagnosis.causes}
    source = source_of(found.asked.channel, found.asked.source_ts)
    ledger = _ledger(incident).with_paste(_paste(found)) if source else _ledger(incident)  # an edited paste
    whole, ledger = _union(incident, found, ledger)
    changed = life["state"] is not incident.state or life.get("key", incident.key) != incident.key
    state = state.but(
        ledger=ledger,
        said_at=found.at if changed else state.said_at,
        checking_until=None,
        user=found.asked.user,
        asked_by=found.asked.asked_by,
        seconds=found.seconds,
        note="",
        closed_by="" if stands or was_open else state.closed_by,
        set_aside=tuple(item for item in state.set_aside if item[0] in known) if stands else (),
    )
    return _about(continued(incident, whole)) | life | {"card": state.stored()}


def withdrawn(incident: Incident, source: str) -> Mapping[str, Any]:
    """What changes when the author of a paste takes it back (it was deleted, or edited into something else)."""
    state = state_of(incident)
    if not state.ledger.has(source):
        return {}
    ledger = _ledger(incident).without(source)
    try:
        diagnosis = decode(incident.diagnosis)
    except StoreError:
        return {"card": state.but(ledger=ledger).stored()}
    diagnosis, ledger = union(diagnosis.symptoms, replace(diagnosis, symptoms=()), ledger)
    request = request_from_json(incident.request)
    symptoms = tuple(item.symptom for item in diagnosis.symptoms)
    return {
        "card": state.but(ledger=ledger).stored(),
        "diagnosis": encode(diagnosis),
        "request": request_to_json(replace(request, symptoms=symptoms)),
        "updated_at": incident.updated_at,
    }


def _paste(found: QuestionResult) -> Paste:
    asked = found.asked
    source = source_of(asked.channel, asked.source_ts)
    return paste_of(found.question, source, asked.asked_by, found.at, found.request.symptoms, asked.edited_ts)


def _ledger(incident: Incident) -> Ledger:
    """What was pasted; of an incident of an older version, what its request says."""
    ledger = state_of(incident).ledger
    if ledger.pastes or ledger.folded:
        return ledger
    try:
        symptoms = request_from_json(incident.request).symptoms
    except StoreError:
        symptoms = ()
    if not symptoms:
        return ledger
    return ledger.with_paste(paste_of(incident.id, "", incident.asked_by, incident.opened_at, symptoms))


def _union(incident: Incident, found: QuestionResult, ledger: Ledger) -> tuple[QuestionResult, Ledger]:
    """What was found, with the symptoms of all pastes of the incident; and the request that asks about all of them."""
    try:
        known = decode(incident.diagnosis).symptoms
    except StoreError:  # another version has kept it: what is found now must do
        known = ()
    diagnosis, ledger = union(known, found.diagnosis, ledger)
    symptoms = tuple(item.symptom for item in diagnosis.symptoms)
    return replace(found, diagnosis=diagnosis, request=replace(found.request, symptoms=symptoms)), ledger


def lasted(incident: Incident, now: datetime) -> timedelta:
    """How long the outage of an incident that ends now has been, by its kept diagnosis; zero if that is not known."""
    try:
        known = outage_of(decode(incident.diagnosis))
    except StoreError:
        return timedelta()
    return (known.until or now) - known.since if known is not None and known.since is not None else timedelta()


def continued(incident: Incident, found: QuestionResult) -> QuestionResult:
    """The same, with the outage as long as it has been since the incident began, as the kept diagnosis says it."""
    try:
        known = outage_of(decode(incident.diagnosis))
    except StoreError:  # another version has kept it: what is found now must do
        return found
    return replace(found, diagnosis=with_outage(found.diagnosis, known))


def _about(found: QuestionResult) -> dict[str, Any]:
    diagnosis = found.diagnosis
    # What was found out about the namespace is kept, so that "check again" looks at the same place: a release too.
    asked = found.request.namespace or ""
    place = same_place(asked, diagnosis.namespace)
    return {
        "app": diagnosis.app,
        "cluster": diagnosis.cluster,
        "namespace": diagnosis.namespace,
        "title": diagnosis.headline[:TITLE_CHARACTERS],
        "asked_by": found.asked.asked_by,
        "updated_at": found.at,
        "request": request_to_json(replace(found.request, namespace=place)),
        "diagnosis": encode(diagnosis),
    }
