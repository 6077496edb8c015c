"""What every way into the bot needs, made once after the bot knows who it is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.adapters.slack.events.intake.acknowledged import AcknowledgedCommands
from bot.adapters.slack.events.intake.files import FileReader
from bot.adapters.slack.events.intake.receipts import Receipts
from bot.adapters.slack.events.people import Gate
from bot.adapters.slack.render.blocks import Message
from bot.adapters.slack.render.card import as_message
from bot.adapters.slack.send.api import SlackApi
from bot.adapters.slack.send.errors import SlackRefused, SlackUnreachable
from bot.adapters.slack.send.links import Links
from bot.adapters.slack.send.private import PrivateAnswer
from bot.adapters.slack.send.reading import Identity
from bot.adapters.slack.settings import SlackSettings
from bot.diagnosis.ports import Clock, IncidentStore, SeenEvents, Triage
from bot.diagnosis.worker import Worker
from bot.domain.errors import ChatError, SlackError
from bot.incidents.asking.whose import AttributionQuestions
from bot.incidents.card_model import CardModel
from bot.incidents.card_reconciler import CardReconciler
from bot.incidents.pasted.withdrawals import Withdrawals
from bot.incidents.ports import Fixed, Target
from bot.incidents.questions.held import HeldQuestions
from bot.incidents.questions.triages import Triages
from bot.incidents.sending.queue import RateLimitedQueue
from bot.incidents.tokens import Tokens
from bot.redaction.boundary import Boundary

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SlackDeps:
    """The parts, wired.

    desk:    runs the short work before a triage: who asks, what is in the files, which errors, the first answer
    clicks:  runs what follows a click; of its own, because a trigger id is good for three seconds
    """

    settings: SlackSettings
    identity: Identity
    api: SlackApi
    gate: Gate
    files: FileReader
    queue: RateLimitedQueue
    tokens: Tokens
    incidents: IncidentStore
    cards: CardReconciler
    withdrawals: Withdrawals
    seen: SeenEvents
    receipts: Receipts
    questions: HeldQuestions
    acknowledged: AcknowledgedCommands
    triage: Triage
    triages: Triages
    desk: Worker
    clicks: Worker
    clock: Clock
    links: Links
    whose: AttributionQuestions
    boundary: Boundary

    def private(self, response_url: str, *, replace: bool = False) -> PrivateAnswer:
        """An answer for one person."""
        api, address = self.api, self.settings.api_url
        return PrivateAnswer(response_url, address, api.last_look, replace=replace, pause=api.pause)

    def say(
        self, channel: str, thread_ts: str | None, said: CardModel, refused: Callable[[ChatError], None],
        posted: Callable[[Target], None] = lambda _: None,
    ) -> None:  # fmt: skip
        """Post a message. `refused` is told when Slack does not take it, `posted` when it stands there."""
        fixed = Fixed(said, posted, lambda _, error: refused(error))
        self.queue.show(Target(channel, thread_ts), fixed, final=True)

    def whisper(self, channel: str, user: str, said: CardModel | Message, thread: str | None = None) -> None:
        """Tell one person. Where that fails it is logged: there is nobody left to tell."""
        try:
            self.api.whisper(channel, user, as_message(said), thread)
        except SlackError as error:
            _log.warning("somebody could not be told: %s", error)

    def check_channel(self, channel: str) -> None:
        """Whether a card can be posted there at all: it is posted later, when there is nobody left to tell."""
        try:
            found = self.api.channel(channel)
        except SlackUnreachable:
            return  # the card is kept, and posted when Slack is back
        except SlackRefused as refused:
            if refused.code != "channel_not_found":
                raise
            found = {"is_member": False}
        if found.get("is_archived"):
            raise SlackError(f"The channel {channel} is archived.", "Name another channel in the monitor.")
        if found.get("is_member") is False:
            invite = f"Invite it there (/invite @{self.identity.name}), or name another channel in the monitor."
            raise SlackError(f"The bot is not in the channel {channel}.", invite)
