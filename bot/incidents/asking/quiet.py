"""A quiet look: nobody asked, and the paste could be an app's error or another program's; the cluster may tell. Pure.

The app is looked at as if somebody had asked about it, and nothing is shown meanwhile. What names an address, a host or
a pod of the app is answered as if its own text had said whose it is; what names one that is nobody's there gets no
answer; what stays open is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from bot.diagnosis.ports import Examined, NamespaceChoice, TriageRequest
from bot.domain.attribution import Owner
from bot.domain.diagnosis import Diagnosis, Verdict
from bot.domain.symptoms import Symptom
from bot.engine.attribution.claims import claimed
from bot.engine.attribution.view import comparable
from bot.incidents.findings import is_open


class AfterQuietLook(StrEnum):
    """What is to be said after it."""

    ANSWER = "answer"
    ASK = "ask"
    SILENCE = "silence"


def quiet_request(symptoms: Sequence[Symptom], title: str) -> TriageRequest | None:
    """What to look at; None where the cluster could not tell whose it is, or several apps come into question.

    Lines that name nothing are of the program whose lines do.
    """
    apps = {item.app for item in symptoms}
    if len(apps) != 1 or not any(comparable(item) for item in symptoms):
        return None
    said = f"another line of the same paste names what is {title}'s"
    own = (
        item if comparable(item) else replace(item, attribution=claimed(item.attribution, said)) for item in symptoms
    )
    return TriageRequest(apps.pop(), None, tuple(own))


def judged(outcome: Examined | NamespaceChoice) -> AfterQuietLook:
    """What the look has shown. All that is well is told to nobody who did not ask."""
    if isinstance(outcome, NamespaceChoice):
        return AfterQuietLook.ASK
    owners = {
        item.symptom.attribution.owner for item in outcome.diagnosis.symptoms if not item.symptom.attribution.claimed
    }
    if Owner.OURS in owners:
        return AfterQuietLook.ANSWER if _is_news(outcome.diagnosis) else AfterQuietLook.SILENCE
    return AfterQuietLook.SILENCE if Owner.FOREIGN in owners else AfterQuietLook.ASK


def attributed(request: TriageRequest, diagnosis: Diagnosis) -> TriageRequest:
    """The request with what the look has shown: a Service that gets a new address later changes nothing."""
    known = {item.symptom.id: item.symptom.attribution for item in diagnosis.symptoms}
    return replace(
        request,
        symptoms=tuple(replace(item, attribution=known.get(item.id, item.attribution)) for item in request.symptoms),
    )


def _is_news(diagnosis: Diagnosis) -> bool:
    """Something is wrong, or was, and explains the error."""
    over = diagnosis.verdict is Verdict.RECOVERED and any(item.explained_by for item in diagnosis.symptoms)
    return over or is_open(diagnosis)
