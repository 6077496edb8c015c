"""The language model in Slack, as a plugin: it words a diagnosis, suggests a known error, drafts a playbook.

Given to the bot only where a model is configured; without it, no card and no answer shows a trace of any of this. No
verdict, cause or fix passes through here: `bot.narration` gives words, and this shows them, labelled.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bot.adapters.slack.board import CardExtension
from bot.adapters.slack.card_state import state_of
from bot.adapters.slack.drafts import Drafts
from bot.adapters.slack.explanations import Explanations
from bot.adapters.slack.model_words import DRAFT, DRAFT_FORM, SENT, TRIAGE_AS, Sent, kept_words, sent_view
from bot.adapters.slack.plugin import Plugin
from bot.adapters.slack.presses import Press, PressKind, SubmissionHandler
from bot.adapters.slack.services import Services
from bot.adapters.slack.suggestions import FEWEST_CHARACTERS, UPLOAD_SCOPE, Suggestions, may_upload
from bot.adapters.slack.unmatched import Unmatched
from bot.diagnosis.worker import Worker
from bot.domain.errors import SlackError, UsageError
from bot.narration.service import Wording
from bot.playbook.loaded import PlaybookSet

THREADS = 2
QUEUE = 50

_log = logging.getLogger(__name__)


class WordingPlugin(Plugin):
    """`playbooks` gives those in force. Its threads wait for the model, so that nobody else does."""

    def __init__(self, wording: Wording, playbooks: Callable[[], PlaybookSet]) -> None:
        self._connected: Services | None = None
        self._worker = Worker(THREADS, QUEUE, "slack-model")
        self._suggestions = Suggestions(wording, playbooks, self._services)
        self._drafts = Drafts(wording, playbooks, self._worker, self._services)
        self.extension: CardExtension = Explanations(wording, self._worker, self._services)

    def kinds(self, services: Services) -> Mapping[str, PressKind]:
        """See `Plugin`."""
        self._connected = services
        if not may_upload(services):
            _log.warning("the bot token lacks the scope %s, so no playbooks can be drafted from Slack", UPLOAD_SCOPE)
        return {
            SENT: PressKind(self._show_sent, modal="Sent to the model"),
            TRIAGE_AS: PressKind(self._suggestions.triage_as),
            DRAFT: PressKind(self._drafts.ask, modal="Draft a playbook"),
        }

    def submissions(self, services: Services) -> Mapping[str, SubmissionHandler]:  # noqa: ARG002  `kinds` has them
        """See `Plugin`."""
        return {DRAFT_FORM: self._drafts.submitted}

    def unmatched(self, found: Unmatched) -> None:
        """See `Plugin`."""
        if len(found.text.strip()) < FEWEST_CHARACTERS:
            return
        if not self._worker.submit(lambda: self._suggestions.suggest(found), name="suggestion"):
            _log.warning("a suggestion was left out: too many wait for the model")

    def close(self, timeout: float) -> None:
        """See `Plugin`."""
        if not self._worker.drain(timeout):
            _log.warning("the bot stops while a model is being asked")

    def _services(self) -> Services:
        if self._connected is None:
            raise SlackError("The bot is not connected to Slack yet.", "Try again in a moment.")
        return self._connected

    def _show_sent(self, press: Press) -> None:
        self._services().api.update_view(press.view_id, sent_view(self._sent(press)))

    def _sent(self, press: Press) -> Sent:
        """What was sent: kept with the button, or with the incident whose card it stands on."""
        if not press.incident:
            return Sent.model_validate(dict(press.button.payload["sent"]))
        incident = self._services().incidents.get(press.incident)
        words = kept_words(state_of(incident).words) if incident is not None else None
        if words is None:
            raise UsageError("What was sent is not kept any more.", "Check again, and it is asked again.")
        return words.sent
