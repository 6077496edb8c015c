"""The language model in Slack: it words a diagnosis, suggests a known error, drafts a playbook.

Made only where a model is configured; without it, no card and no answer shows a trace of any of this. No
verdict, cause or fix passes through here: `bot.narration` gives words, and this shows them, labelled.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from bot.adapters.slack.events.model.drafts import Drafts
from bot.adapters.slack.events.model.suggestions import FEWEST_CHARACTERS, UPLOAD_SCOPE, Suggestions, may_upload
from bot.adapters.slack.events.presses import Press, PressKind, SubmissionHandler
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.options import ModelDeps
from bot.adapters.slack.render.model_views import sent_view
from bot.diagnosis.worker import Worker
from bot.domain.errors import UsageError
from bot.incidents.card_state import state_of
from bot.incidents.explanations import Explanations
from bot.incidents.model_words import DRAFT, DRAFT_FORM, SENT, TRIAGE_AS, StoredParticipation, kept_words
from bot.incidents.unmatched import Unmatched
from bot.runtime.loops import Failed

THREADS = 2
QUEUE = 50

_log = logging.getLogger(__name__)


class ModelButtons:
    """Its threads wait for the model, so that nobody else does."""

    def __init__(self, services: SlackDeps, deps: ModelDeps, failed: Failed) -> None:
        self._services = services
        self.worker = Worker(THREADS, QUEUE, "slack-model", failed)
        self._suggestions = Suggestions(deps.wording, deps.playbooks, services)
        self._drafts = Drafts(deps.wording, deps.playbooks, self.worker, services)
        self.explanations = Explanations(deps.wording, self.worker, services.cards, services.tokens, services.clock)

    def kinds(self) -> Mapping[str, PressKind]:
        """What is registered with `clicks`."""
        if not may_upload(self._services):
            _log.warning("the bot token lacks the scope %s, so no playbooks can be drafted from Slack", UPLOAD_SCOPE)
        return {
            SENT: PressKind(self._show_sent, modal="Sent to the model"),
            TRIAGE_AS: PressKind(self._suggestions.triage_as),
            DRAFT: PressKind(self._drafts.ask, modal="Draft a playbook"),
        }

    def submissions(self) -> Mapping[str, SubmissionHandler]:
        """What is registered with `submissions`."""
        return {DRAFT_FORM: self._drafts.submitted}

    def unmatched(self, found: Unmatched) -> None:
        """Somebody asked, no rule found anything, and the answer that says so is posted: ask the model. Only queues."""
        if len(found.text.strip()) < FEWEST_CHARACTERS:
            return
        if not self.worker.submit(lambda: self._suggestions.suggest(found), name="suggestion"):
            _log.warning("a suggestion was left out: too many wait for the model")

    def close(self, timeout: float) -> None:
        """Take no more work, and finish what runs within `timeout` seconds."""
        if not self.worker.drain(timeout):
            _log.warning("the bot stops while a model is being asked")

    def _show_sent(self, press: Press) -> None:
        self._services.api.update_view(press.view_id, sent_view(self._sent(press)))

    def _sent(self, press: Press) -> StoredParticipation:
        """What was sent: kept with the button, or with the incident whose card it stands on."""
        if not press.incident:
            return StoredParticipation.model_validate(dict(press.button.payload["sent"]))
        incident = self._services.incidents.get(press.incident)
        words = kept_words(state_of(incident).words) if incident is not None else None
        if words is None:
            raise UsageError("What was sent is not kept any more.", "Check again, and it is asked again.")
        return words.sent
