"""What every way into the bot needs, made once after the bot knows who it is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.adapters.slack import notices
from bot.adapters.slack.answers import Answer, CardAnswer, PrivateAnswer, RoomAnswer
from bot.adapters.slack.api import Identity, SlackApi
from bot.adapters.slack.asked import Asked
from bot.adapters.slack.blocks import Message
from bot.adapters.slack.board import Board
from bot.adapters.slack.files import FileReader
from bot.adapters.slack.links import Links
from bot.adapters.slack.outbox import Fixed, Outbox
from bot.adapters.slack.people import Gate
from bot.adapters.slack.schedule import Target
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.tokens import Tokens
from bot.adapters.slack.triages import LEASE, Triages, card_of
from bot.diagnosis.ports import Clock, IncidentStore, QuestionStore, SeenEvents, Triage
from bot.diagnosis.worker import Worker
from bot.domain.errors import SlackError
from bot.domain.incidents import Question
from bot.redaction.boundary import Boundary

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Services:
    """The parts, wired.

    desk:    runs the short work before a triage: who asks, what is in the files, which errors, the first answer
    clicks:  runs what follows a click; of its own, because a trigger id is good for three seconds
    """

    settings: SlackSettings
    identity: Identity
    api: SlackApi
    gate: Gate
    files: FileReader
    outbox: Outbox
    tokens: Tokens
    incidents: IncidentStore
    board: Board
    seen: SeenEvents
    triage: Triage
    triages: Triages
    desk: Worker
    clicks: Worker
    clock: Clock
    links: Links
    boundary: Boundary

    def private(self, response_url: str, *, replace: bool = False) -> PrivateAnswer:
        """An answer for one person."""
        return PrivateAnswer(response_url, self.settings.api_url, self.api.last_look, replace=replace)

    def say(
        self, channel: str, thread_ts: str | None, message: Message, refused: Callable[[SlackError], None],
        posted: Callable[[Target], None] = lambda _: None,
    ) -> None:  # fmt: skip
        """Post a message. `refused` is told when Slack does not take it, `posted` when it stands there."""
        fixed = Fixed(message, posted, lambda _, error: refused(error))
        self.outbox.show(Target(channel, thread_ts), fixed, final=True)

    def whisper(self, channel: str, user: str, message: Message, thread_ts: str | None = None) -> None:
        """Tell one person. Where that fails it is logged: there is nobody left to tell."""
        try:
            self.api.whisper(channel, user, message, thread_ts)
        except SlackError as error:
            _log.warning("somebody could not be told: %s", error)


@dataclass(frozen=True)
class AnswerMaker:
    """Makes the answer of a question, from where it is asked. Implements `triages.Answers`."""

    api: SlackApi
    api_url: str
    outbox: Outbox
    board: Board
    questions: QuestionStore
    incidents: IncidentStore
    tokens: Tokens
    clock: Clock

    def __call__(self, question: Question, asked: Asked) -> Answer:
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

        def refused(message: Message, error: SlackError) -> None:
            if asked.response_url:
                self._private(asked, lambda: None).finish(message)
            elif asked.user:
                self._tell(asked, error)

        doubtful = question.attempts > 1 and not asked.ts
        target = Target(asked.channel, asked.thread_ts, asked.ts, question.id, doubtful, asked.source_ts)
        return RoomAnswer(self.outbox, target, placed, finished, refused)

    def _private(self, asked: Asked, finished: Callable[[], None]) -> PrivateAnswer:
        look, replace = self.api.last_look, asked.replace
        return PrivateAnswer(asked.response_url, self.api_url, look, replace=replace, finished=finished)

    def _card(self, asked: Asked, finished: Callable[[], None]) -> Answer:
        def step(message: Message) -> None:
            incident = self.incidents.get(asked.incident)
            if incident is not None:
                self.board.step(incident, message.summary)

        def note(message: Message) -> None:
            self.board.change(asked.incident, lambda _, state: {"card": state.but(note=message.summary).stored()})
            finished()

        return CardAnswer(step, note)

    def _tell(self, asked: Asked, error: SlackError) -> None:
        try:
            self.api.whisper(asked.channel, asked.user, notices.failure(error), asked.thread_ts)
        except SlackError as untold:
            _log.warning("somebody could not be told: %s", untold)
