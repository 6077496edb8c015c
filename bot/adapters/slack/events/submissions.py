"""Submitted modals: found by their callback id, and answered while Slack waits.

`receive` runs in a listener. Who submits is checked here, from what is known about people already; what the form does
is registered by `bot`, and checks again what it is about to do.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from bot.adapters.slack.events.people import Denied, SlackUser
from bot.adapters.slack.events.presses import Judging, SubmissionHandler, read_submission
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.render.blocks import Json
from bot.adapters.slack.render.details import notice_view
from bot.domain.errors import TriageError
from bot.incidents import notices

_log = logging.getLogger(__name__)


class Submissions:
    """Answers submitted modals, by callback id."""

    def __init__(self, services: SlackDeps, handlers: Mapping[str, SubmissionHandler]) -> None:
        self._services = services
        self._handlers = handlers

    def receive(self, body: Json) -> Json | None:
        """What to acknowledge the submission with."""
        submission = read_submission(body)
        handler = self._handlers.get(submission.callback_id) if submission is not None else None
        if submission is None or handler is None:
            return None
        try:
            if isinstance(handler, Judging):
                return handler(submission)
            teams = frozenset({submission.user_team, submission.team} - {""})
            admission = self._services.gate.person(SlackUser(submission.user, teams))
            if isinstance(admission, Denied):
                return _instead(f"{admission.reason} {admission.who_can_help}")
            return handler(submission)
        except TriageError as error:
            _log.error("a form was not answered: %s", error)
            return _instead(notices.failure(error).summary)


def _instead(sentence: str) -> Json:
    return {"response_action": "update", "view": notice_view("Triage", sentence)}
