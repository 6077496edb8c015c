"""Adds to a card what a language model says in plain words about its diagnosis, after the card is there without it.

A part of the cards (see `card_reconciler.CardPart`): the newest state asks, in a worker of its own; the answer is
kept with the incident, and the card is drawn anew. The words hold for the evidence that the model was given: as soon as
the diagnosis says something else they are gone. A model that fails costs its words, and nothing else.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.diagnosis.diagnosis_codec import decode
from bot.diagnosis.ports import Clock
from bot.diagnosis.worker import Worker
from bot.domain.diagnosis import Diagnosis, Verdict
from bot.domain.errors import TriageError
from bot.domain.incidents import Incident
from bot.incidents.card_reconciler import CardReconciler, spot_of
from bot.incidents.card_sections import is_benign
from bot.incidents.card_state import CardState, state_of
from bot.incidents.cards import CardExtras
from bot.incidents.model_words import SENT, Words, explained, kept_words, sent_button
from bot.incidents.tokens import Tokens
from bot.narration.explain import explanation_question
from bot.narration.service import Wording

NOT_AGAIN = timedelta(minutes=10)
"""A card whose words did not come is not asked about again for so long."""
REMEMBERED = 500

_log = logging.getLogger(__name__)


class Explanations:
    """Implements `card_reconciler.CardPart`."""

    def __init__(self, wording: Wording, worker: Worker, cards: CardReconciler, tokens: Tokens, clock: Clock) -> None:
        self._wording = wording
        self._worker = worker
        self._cards = cards
        self._tokens = tokens
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def extras(self, incident: Incident, diagnosis: Diagnosis) -> CardExtras:
        """See `CardPart`: the words, if they are there."""
        words = kept_words(state_of(incident).words)
        if words is None or words.about != evidence_of(diagnosis):
            return CardExtras()
        token = self._tokens.issue(SENT, spot_of(incident), {"incident": incident.id})
        return CardExtras(below=(explained(words),), more=(sent_button(token),))

    def follow(self, incident: Incident, diagnosis: Diagnosis) -> None:
        """See `CardPart`: words that are not there are asked for, if somebody wants them."""
        state = state_of(incident)
        if not _is_wanted(state, diagnosis):
            return
        about, words = evidence_of(diagnosis), kept_words(state.words)
        if words is None or words.about != about:
            self._ask(incident.id, diagnosis, about)

    def _ask(self, incident_id: str, diagnosis: Diagnosis, about: str) -> None:
        """Queue the question, unless it was asked already."""
        key, now = (incident_id, about), self._clock()
        with self._lock:
            if key in self._asked and now - self._asked[key] < NOT_AGAIN:
                return
            self._asked[key] = now
            self._asked.move_to_end(key)
            if len(self._asked) > REMEMBERED:
                self._asked.popitem(last=False)
        if not self._worker.submit(lambda: self._explain(incident_id, diagnosis, about), name="explanation"):
            _log.warning("an explanation was left out: too many wait for the model")

    def _explain(self, incident_id: str, diagnosis: Diagnosis, about: str) -> None:
        try:
            explanation = self._wording.explanation(diagnosis)
            if not explanation.sentences:
                _log.info("incident %s stays without an explanation: %s", incident_id, explanation.why_nothing())
                return
            words = Words.of(about, explanation)
            self._cards.change(incident_id, lambda newest, state: _with_words(newest, state, words))
        except TriageError as error:
            _log.warning("incident %s stays without an explanation: %s", incident_id, error)


def evidence_of(diagnosis: Diagnosis) -> str:
    """A name for everything that a model would be told about a diagnosis: the same name, the same words.

    How often something was pasted, and when last, changes no words.
    """
    symptoms = tuple(
        replace(item, symptom=replace(item.symptom, count=1, lines=(), first_seen=None, last_seen=None))
        for item in diagnosis.symptoms
    )
    diagnosis = replace(diagnosis, symptoms=symptoms)
    return hashlib.sha256(explanation_question(diagnosis, "-").user.encode()).hexdigest()[:32]


def _is_wanted(state: CardState, diagnosis: Diagnosis) -> bool:
    """Whether a person asked, and there is something to explain. A private note cannot be edited later."""
    if not state.user or state.private_to or state.closed_by:
        return False
    return diagnosis.verdict is not Verdict.HEALTHY and not is_benign(diagnosis)


def _with_words(incident: Incident, state: CardState, words: Words) -> Mapping[str, Any]:
    if evidence_of(decode(dict(incident.diagnosis))) != words.about:
        return {}  # it was checked again meanwhile
    return {"card": state.but(words=words.model_dump(mode="json")).stored(), "updated_at": incident.updated_at}
