"""Buttons that run a triage: Check again, and the choice of a namespace.

Registered by `assembly`. Two people who press at the same time start one triage.
"""

from __future__ import annotations

from bot.adapters.slack.events.presses import Press, PressKind
from bot.adapters.slack.events.services import SlackDeps
from bot.diagnosis.ports import TriageRequest
from bot.domain.errors import TriageError, UsageError
from bot.incidents import checking, notices
from bot.incidents.asking.doubts import THIS_ONE
from bot.incidents.asking.replies import CHOOSE_APP
from bot.incidents.card_facts import CHECK_AGAIN
from bot.incidents.questions.origin import QuestionOrigin, asked_from_json, request_from_json


class Rechecks:
    """Answers presses of these buttons."""

    def __init__(self, services: SlackDeps) -> None:
        self._services = services

    def kinds(self) -> dict[str, PressKind]:
        """What is registered."""
        return {
            CHECK_AGAIN: PressKind(self._run),
            notices.CHOOSE_NAMESPACE: PressKind(self._run),
            CHOOSE_APP: PressKind(self._run),
            THIS_ONE: PressKind(self._run),
        }

    def _run(self, press: Press) -> None:
        services, click = self._services, press.click
        if not self._taken(press):
            message = notices.private_notice("Somebody else pressed a moment earlier: it is being looked at now.")
            services.whisper(click.channel, click.user, message, click.thread_ts)
            return
        try:
            asked, request = self._question(press)
            accepted = services.triages.ask(asked.but(user=click.user, asked_by=press.person.name), request)
        except TriageError:
            self._given_back(press)
            raise
        if not accepted:
            self._given_back(press)
            services.whisper(click.channel, click.user, notices.busy(), click.thread_ts)

    def _taken(self, press: Press) -> bool:
        """Whether this press starts it. The buttons of a card are never used up: they work from any rendering."""
        if press.incident:
            return checking.begin(self._services.incidents, press.incident, self._services.clock())
        return self._services.tokens.claim(press.click.token) is not None

    def _given_back(self, press: Press) -> None:
        if press.incident:
            checking.end(self._services.incidents, press.incident)
        else:
            self._services.tokens.restore(press.click.token)

    def _question(self, press: Press) -> tuple[QuestionOrigin, TriageRequest]:
        """What is asked again: as the button says, or as its incident does."""
        click, payload = press.click, press.button.payload
        if not press.incident:
            asked = asked_from_json(payload["asked"])
            asked = asked.but(response_url=click.response_url, ts=click.message_ts if not asked.private else "")
            return asked.but(replace=asked.private), request_from_json(payload["request"])
        incident = self._services.incidents.get(press.incident)
        if incident is None:
            raise UsageError("The incident of this card is not kept any more.", "Ask again with /triage.")
        asked = QuestionOrigin(team=incident.team, channel=incident.channel, user=click.user, incident=incident.id)
        thread_ts = incident.thread_ts or None
        return asked.but(thread_ts=thread_ts, ts=incident.ts), request_from_json(incident.request)
