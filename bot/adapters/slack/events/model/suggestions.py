"""For a message in which no rule found anything: the known error that it resembles, says a language model.

Called after the answer without it is posted; what the model says is edited in below. It only suggests what a playbook
describes, and nothing is done until a person presses "Triage as this": then an ordinary triage runs, for that person.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from bot.adapters.slack.events.presses import Press
from bot.adapters.slack.events.services import SlackDeps
from bot.diagnosis.ports import TriageRequest
from bot.domain.errors import StoreError, TriageError, UsageError
from bot.incidents import notices
from bot.incidents.model_words import DRAFT, SENT, TRIAGE_AS, StoredParticipation, suggestion
from bot.incidents.ports import Fixed, Target
from bot.incidents.questions.origin import asked_from_json
from bot.incidents.tokens import Spot
from bot.incidents.unmatched import Unmatched
from bot.narration.draft import LONGEST_PASTE
from bot.narration.fence import bounded
from bot.narration.resemble import Resemblance, suggested_symptom
from bot.narration.service import Suggestion, Wording
from bot.playbook.loaded import PlaybookSet

FEWEST_CHARACTERS = 30
"""Of a message that is worth a model's time: "thanks!" is no error."""
UPLOAD_SCOPE = "files:write"

_log = logging.getLogger(__name__)


class Suggestions:
    """Makes suggestions, and runs the triages they lead to."""

    def __init__(self, wording: Wording, playbooks: Callable[[], PlaybookSet], services: SlackDeps) -> None:
        self._wording = wording
        self._playbooks = playbooks
        self._services = services

    def suggest(self, found: Unmatched) -> None:
        """Ask the model, and edit what it says into the answer. Never raises a `TriageError`: the answer stands."""
        try:
            said = self._wording.resembling(found.text, self._playbooks())
            if said is not None:
                self._show(found, said)
        except TriageError as error:
            _log.warning("a message stays without a suggestion: %s", error)

    def triage_as(self, press: Press) -> None:
        """Somebody says that it is what the model suggested."""
        services, click, payload = self._services, press.click, press.button.payload
        request = self._request(payload)
        if services.tokens.claim(click.token) is None:
            faster = notices.private_notice("Somebody else pressed a moment earlier: it is being looked at now.")
            services.whisper(click.channel, click.user, faster, click.thread_ts)
            return
        try:
            asked = asked_from_json(payload["asked"]).but(user=click.user, asked_by=press.person.name)
            accepted = services.triages.ask(asked, request)
        except StoreError:
            services.tokens.restore(click.token)
            raise
        if not accepted:
            services.tokens.restore(click.token)
            services.whisper(click.channel, click.user, notices.busy(), click.thread_ts)

    def _request(self, payload: Mapping[str, Any]) -> TriageRequest:
        """What is asked: only what a playbook describes today."""
        kept = payload["resembles"]
        known = [one for one in self._playbooks().symptoms if (one.app, one.id) == (kept["app"], kept["symptom_id"])]
        if not known:
            raise UsageError("No playbook describes this error any more.", f"Ask with: /triage {kept['app']}")
        resembles = Resemblance(
            app=known[0].app,
            symptom_id=known[0].id,
            title=known[0].title,
            why=str(kept["why"]),
            lines=tuple(kept["lines"]),
            line_numbers=tuple(kept["line_numbers"]),
        )
        return TriageRequest(resembles.app, None, (suggested_symptom(resembles),))

    def _show(self, found: Unmatched, said: Suggestion) -> None:
        services = self._services
        sent, target, resembles = StoredParticipation.of(said.participation), found.answer, said.resemblance
        asked = found.asked.for_a_button(ts="")
        payloads: dict[str, Mapping[str, Any]] = {SENT: {"sent": sent.model_dump()}}
        if resembles is not None:
            payloads[TRIAGE_AS] = {"asked": asked, "resembles": asdict(resembles)}
        if may_upload(services):
            redacted = bounded(services.boundary.redactor().text(found.text), LONGEST_PASTE)
            payloads[DRAFT] = {"asked": asked, "text": redacted, "app": resembles.app if resembles else ""}
        tokens = {kind: services.tokens.issue(kind, _spot(found, kind), payload) for kind, payload in payloads.items()}
        message = suggestion(services.triage.apps(), found.unread, resembles, sent, tokens)

        def shown(at: Target) -> None:
            for kind in payloads:  # it was deleted meanwhile, and stands somewhere else now
                services.tokens.placed(_spot(found, kind).card, at.ts)

        services.queue.show(target, Fixed(message, shown), final=True)


def may_upload(services: SlackDeps) -> bool:
    """Whether the bot may hand over files."""
    scopes = services.identity.scopes
    return scopes is None or UPLOAD_SCOPE in scopes


def _spot(found: Unmatched, kind: str) -> Spot:
    """Where a button stands. Each kind has a card name of its own: using one leaves the others."""
    asked, target = found.asked, found.answer
    return Spot(asked.team, asked.channel, f"{kind} {target.id}", target.ts)
