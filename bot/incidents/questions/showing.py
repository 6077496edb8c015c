"""Puts a diagnosis where it belongs: on the card that was checked, on the one there is, or on a new one.

Called by `triages` when the cluster has been read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from bot.diagnosis.ports import Examined, IncidentStore
from bot.domain.errors import ChatError
from bot.domain.incidents import Incident, IncidentState
from bot.incidents import notices
from bot.incidents.card_model import CardModel
from bot.incidents.card_reconciler import CardReconciler, KeyTaken
from bot.incidents.card_state import state_of
from bot.incidents.findings import QuestionResult, incident_of, joined, rechecked
from bot.incidents.pasted.answer import ExistingCard, answer_of, paste_message
from bot.incidents.ports import Answer
from bot.incidents.questions.held import HeldQuestions

VIEW_BYTES = 4 << 20
"""Of a view that is kept with its incident. A larger one is read anew when somebody gives feedback."""

_log = logging.getLogger(__name__)


class Showing:
    """`link` gives the address of a message of ours, if it can."""

    def __init__(
        self, incidents: IncidentStore, questions: HeldQuestions, cards: CardReconciler, link: Callable[[str, str], str]
    ) -> None:
        self._incidents = incidents
        self._questions = questions
        self._cards = cards
        self._link = link

    def show(self, found: QuestionResult, outcome: Examined, answer: Answer) -> None:
        """Put the diagnosis where it belongs: on the card that was checked, on the one there is, or on a new one."""
        if found.asked.incident and self._recheck(found):
            self._keep_view(found.asked.incident, outcome)
            self._questions.drop(found.question)
            return
        found = replace(found, asked=found.asked.but(ts=answer.settle() or found.asked.ts))
        incident, new = self._incidents.open(incident_of(found))
        if not new and incident.id == found.question:
            # Another process got as far as this and died, or was thought dead: the card is its answer.
            self._cards.show(incident)
            self._questions.drop(found.question)
        elif not new:
            there = self._cards.change(incident.id, lambda newest, _: joined(newest, found)) or incident
            if there.ts and there.ts == found.asked.ts:
                self._questions.drop(found.question)
            else:
                answer.finish(self._about_the_paste(there, found))
        elif found.asked.private:
            answer.finish(self._cards.render(incident))
        else:
            self._cards.show(incident)
            self._questions.drop(found.question)
        self._keep_view(incident.id, outcome)

    def _recheck(self, found: QuestionResult) -> bool:
        """Show the result on the card that was checked again. False when there is no such card any more."""
        incident = self._incidents.get(found.asked.incident)
        if incident is None:
            return False
        try:
            self._cards.change(incident.id, lambda newest, _: rechecked(newest, found))
        except KeyTaken:
            # The cause it has now is on another open card: this one is over, and the other one is brought up to date.
            twin, new = self._incidents.open(incident_of(found))
            self._cards.change(
                incident.id,
                lambda _, state: {
                    "state": IncidentState.RESOLVED,
                    "closed_at": found.at,
                    "card": state.but(note=notices.CONTINUED).stored(),
                },
            )
            if new:
                self._cards.show(twin)
            else:
                self._cards.change(twin.id, lambda newest, _: joined(newest, found))
        return True

    def _about_the_paste(self, incident: Incident, found: QuestionResult) -> CardModel:
        """The answer where there is a card already: about what was pasted."""
        try:
            link = self._link(incident.channel, incident.ts) if incident.ts else ""
        except ChatError as error:
            _log.warning("a card could not be linked to: %s", error)
            link = ""
        nearby = (incident.thread_ts or incident.ts) == (found.asked.thread_ts or found.asked.ts)
        since = state_of(incident).said_at or incident.opened_at
        answer = answer_of(found.diagnosis, found.request.symptoms)
        return paste_message(answer, found.diagnosis, ExistingCard(incident, link, nearby, since), found.at)

    def _keep_view(self, incident_id: str, outcome: Examined) -> None:
        snapshot = outcome.snapshot()
        if len(snapshot) <= VIEW_BYTES:
            self._incidents.keep_view(incident_id, snapshot)
