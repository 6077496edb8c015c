"""Has a language model draft a playbook for an error that no rule knows, and hands it over as files in the thread.

Answers the button "Draft a playbook…" and its form. The draft has passed lint and its own cases, together with all
other playbooks, before anybody sees it; nothing is put into force: a person reviews it and installs it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from bot.adapters.slack.events.presses import Press, Submission
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.render.blocks import Json
from bot.adapters.slack.render.model_views import draft_form
from bot.diagnosis.worker import Worker
from bot.domain.errors import TriageError
from bot.domain.incidents import Button
from bot.incidents import notices
from bot.incidents.card_model import CardModel
from bot.incidents.model_words import APP, DRAFT_FORM, SENT, StoredParticipation, drafted, rejected
from bot.incidents.ports import Fixed, Target
from bot.incidents.questions.origin import QuestionOrigin, asked_from_json
from bot.incidents.tokens import Spot
from bot.narration.draft import Draft, DraftRejected
from bot.narration.service import Wording
from bot.playbook.loaded import PlaybookSet

_log = logging.getLogger(__name__)


class Drafts:
    """Answers the button and the form."""

    def __init__(
        self, wording: Wording, playbooks: Callable[[], PlaybookSet], worker: Worker, services: SlackDeps
    ) -> None:
        self._wording = wording
        self._playbooks = playbooks
        self._worker = worker
        self._services = services

    def ask(self, press: Press) -> None:
        """Ask for which app, in the modal that is open already."""
        services, click, payload = self._services, press.click, press.button.payload
        spot = Spot(click.team, click.channel, f"form {press.view_id}", private_to=click.user)
        kept = {"asked": payload["asked"], "text": payload["text"], "by": press.person.name}
        token = services.tokens.issue(DRAFT_FORM, spot, kept)
        services.api.update_view(press.view_id, draft_form(self._wording.model, self._apps(str(payload["app"])), token))

    def submitted(self, submission: Submission) -> Json | None:
        """Queue the draft; the modal closes."""
        app = str(submission.values.get(APP) or "")
        if app not in {known for known, _ in self._services.triage.apps()}:
            return {"response_action": "errors", "errors": {APP: "Choose an app."}}
        if not self._worker.submit(lambda: self._run(submission, app), name=f"draft for {app}"):
            return {"response_action": "errors", "errors": {APP: "Too many wait for the model. Try again in a minute."}}
        return None

    def _run(self, submission: Submission, app: str) -> None:
        services = self._services
        form = services.tokens.claim(submission.token)
        if form is None or form.kind != DRAFT_FORM or form.private_to != submission.user:
            return  # submitted twice, or by somebody else
        asked = asked_from_json(form.payload["asked"])

        def tell(message: CardModel) -> None:
            services.whisper(asked.channel, submission.user, message, asked.thread_ts)

        tell(notices.private_notice("The model is working on it. The draft comes here, or the reason why not."))
        try:
            self._hand_over(form, asked, app)
        except DraftRejected as refused:
            tell(rejected(refused.problems))
        except TriageError as error:
            _log.warning("a draft was not handed over: %s", error)
            tell(notices.failure(error))

    def _hand_over(self, form: Button, asked: QuestionOrigin, app: str) -> None:
        services = self._services
        found = self._wording.draft(str(form.payload["text"]), app, self._playbooks())
        services.api.share(asked.channel, asked.thread_ts, _files(found.draft))
        sent = StoredParticipation.of(found.participation)
        target = Target(asked.channel, asked.thread_ts)
        token = services.tokens.issue(SENT, Spot(form.team, asked.channel, target.id), {"sent": sent.model_dump()})
        message = drafted(found.draft.name, sent, str(form.payload["by"]), token)
        placed = Fixed(message, lambda at: services.tokens.placed(at.id, at.ts))
        services.queue.show(target, placed, final=True)

    def _apps(self, first: str) -> Sequence[tuple[str, str]]:
        """All apps, the one that was suggested first."""
        return sorted(self._services.triage.apps(), key=lambda one: one[0] != first)


def _files(draft: Draft) -> list[tuple[str, str]]:
    """Names and contents. The folder is in the note beside them: a file name has none."""
    both = ((draft.name, draft.playbook), (draft.cases_name, draft.cases))
    return [(name.rpartition("/")[2], text) for name, text in both]
