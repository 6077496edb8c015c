"""Makes the answer of a question, from where it is asked in Slack."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.adapters.slack.render.card import as_message
from bot.adapters.slack.send.api import SlackApi
from bot.adapters.slack.send.private import PrivateAnswer
from bot.diagnosis.ports import Clock, IncidentStore, QuestionStore
from bot.domain.errors import SlackError, TriageError
from bot.domain.incidents import PendingRequest
from bot.incidents import notices
from bot.incidents.asking.whose import AttributionQuestions
from bot.incidents.card_model import CardModel
from bot.incidents.card_reconciler import CardReconciler
from bot.incidents.ports import Answer, Target
from bot.incidents.questions.answers import CardAnswer, QuietAnswer, RoomAnswer
from bot.incidents.questions.origin import QuestionOrigin, request_from_json
from bot.incidents.questions.triages import LEASE, card_of
from bot.incidents.sending.queue import RateLimitedQueue
from bot.incidents.tokens import Spot, Tokens

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AnswerMaker:
    """Makes the answer of a question, from where it is asked. Implements `triages.Answers`."""

    api: SlackApi
    api_url: str
    queue: RateLimitedQueue
    cards: CardReconciler
    questions: QuestionStore
    incidents: IncidentStore
    tokens: Tokens
    clock: Clock
    whose: AttributionQuestions

    def __call__(self, question: PendingRequest, asked: QuestionOrigin) -> Answer:
        """See `triages.Answers`."""

        def finished() -> None:
            self.questions.drop(question.id)

        if asked.private:
            return self._private(asked, finished)
        if asked.incident:
            return self._card(asked, finished)

        def placed(ts: str) -> None:
            self.tokens.placed(card_of(question), ts)
            place = asked.but(ts=ts).model_dump(mode="json")
            self.questions.put(question.model_copy(update={"place": place, "owned_until": self.clock() + LEASE}))

        def refused(message: CardModel, error: TriageError) -> None:
            if asked.response_url:
                self._private(asked, lambda: None).finish(message)
            elif asked.user:
                self._tell(asked, error)

        doubtful = question.attempts > 1 and not asked.ts
        target = Target(asked.channel, asked.thread_ts, asked.ts, question.id, doubtful, asked.source_ts)
        room = RoomAnswer(self.queue, target, placed, finished, refused)
        return QuietAnswer(room, lambda: self._whose(question, asked), finished) if asked.quiet else room

    def _whose(self, question: PendingRequest, asked: QuestionOrigin) -> CardModel | None:
        symptoms = request_from_json(question.request).symptoms
        if not self.whose.first_time(asked, symptoms, question.id):
            return self.whose.late(asked, symptoms)
        return self.whose.question(Spot(asked.team, asked.channel, card_of(question)), asked, symptoms)

    def _private(self, asked: QuestionOrigin, finished: Callable[[], None]) -> PrivateAnswer:
        api, replace = self.api, asked.replace
        return PrivateAnswer(
            asked.response_url, self.api_url, api.last_look, replace=replace, finished=finished, pause=api.pause
        )

    def _card(self, asked: QuestionOrigin, finished: Callable[[], None]) -> Answer:
        def step(message: CardModel) -> None:
            incident = self.incidents.get(asked.incident)
            if incident is not None:
                self.cards.step(incident, message.summary)

        def note(message: CardModel) -> None:
            self.cards.change(
                asked.incident, lambda _, state: {"card": state.but(note=message.summary, checking_until=None).stored()}
            )
            finished()

        return CardAnswer(step, note)

    def _tell(self, asked: QuestionOrigin, error: TriageError) -> None:
        try:
            self.api.whisper(asked.channel, asked.user, as_message(notices.failure(error)), asked.thread_ts)
        except SlackError as untold:
            _log.warning("somebody could not be told: %s", untold)
