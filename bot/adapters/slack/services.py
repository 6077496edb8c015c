"""What every way into the bot needs, made once after the bot knows who it is."""

from __future__ import annotations

from dataclasses import dataclass

from bot.adapters.slack.answers import EditedAnswer, PrivateAnswer
from bot.adapters.slack.api import Identity, MessageRef, SlackApi
from bot.adapters.slack.files import FileReader
from bot.adapters.slack.outbox import Outbox
from bot.adapters.slack.people import Gate
from bot.adapters.slack.records import Place, Records
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.triages import Triages
from bot.triage.ports import SeenEvents, Triage
from bot.triage.worker import Worker


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
    records: Records
    seen: SeenEvents
    triage: Triage
    triages: Triages
    desk: Worker
    clicks: Worker

    def edited(self, team: str, ref: MessageRef) -> EditedAnswer:
        """An answer that takes the place of this message of ours."""
        return EditedAnswer(self.outbox, team, ref)

    def private(self, response_url: str, place: Place, *, replace: bool = False) -> PrivateAnswer:
        """An answer for one person."""
        return PrivateAnswer(response_url, self.settings.api_url, place, replace=replace)
