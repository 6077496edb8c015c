"""Asks whose error a paste is, and follows what a paste names. Called by `posts` where nothing certain is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.adapters.slack.events.intake.incoming import Post
from bot.adapters.slack.events.services import SlackDeps
from bot.diagnosis.following import Lead, leads
from bot.diagnosis.ports import TriageRequest
from bot.domain.symptoms import PasteReading, Symptom
from bot.engine.attribution.view import comparable
from bot.incidents.asking.doubts import BUTTONS, what_it_says
from bot.incidents.asking.quiet import quiet_request
from bot.incidents.card_model import CardModel
from bot.incidents.ports import Fixed, Target
from bot.incidents.questions.origin import QuestionOrigin
from bot.incidents.tokens import Spot
from bot.redaction.symptoms import redact_reading


class Doubts:
    """Questions with buttons, in the thread of the paste."""

    def __init__(self, services: SlackDeps) -> None:
        self._services = services
        self._whose = services.whose

    def whose(self, post: Post, asked: QuestionOrigin, symptoms: Sequence[Symptom]) -> None:
        """Somebody's error, perhaps an app's. Where nobody called the bot and the cluster may tell, it looks first."""
        title = dict(self._services.triage.apps()).get(symptoms[0].app, symptoms[0].app)
        request = None if post.addressed or asked.private else quiet_request(symptoms, title)
        if request is None:
            self._ask_whose(post, asked, symptoms)
        elif not self._is_new(asked, symptoms):
            self._tell_late(post, asked, symptoms)
        elif self._may_look(asked, symptoms):
            self._services.triages.ask(asked.but(quiet=True), request)
        else:
            self._ask_whose(post, asked, symptoms)

    def _is_new(self, asked: QuestionOrigin, symptoms: Sequence[Symptom]) -> bool:
        """Whether the cluster was not asked about this very thing in the last minute."""
        named = sorted({f"{item.id} {dict(sorted(item.fields.items()))}" for item in symptoms if comparable(item)})
        return self._first_in_a_minute(asked, [f"named {'; '.join(named)}"])

    def _may_look(self, asked: QuestionOrigin, symptoms: Sequence[Symptom]) -> bool:
        """A noisy channel makes the bot read the cluster at most once a minute for each error."""
        return self._first_in_a_minute(asked, [f"{item.app}:{item.id}" for item in symptoms if comparable(item)])

    def _first_in_a_minute(self, asked: QuestionOrigin, errors: Sequence[str]) -> bool:
        seen, minute = self._services.seen, int(self._services.clock().timestamp() // 60)
        keys = [f"look:{asked.team}:{asked.channel}:{error}" for error in errors]
        if any(seen.has(f"{key}:{minute - 1}") for key in keys):
            return False
        return seen.first_time({f"{key}:{minute}" for key in keys})

    def _ask_whose(self, post: Post, asked: QuestionOrigin, symptoms: Sequence[Symptom]) -> None:
        """Ask once for each error and channel where nobody called the bot; always where somebody did."""
        if post.addressed or self._whose.first_time(asked, symptoms):
            spot = self._spot(post)
            self._show(post, spot, self._whose.question(spot, asked, symptoms))
        else:
            self._tell_late(post, asked, symptoms)

    def _tell_late(self, post: Post, asked: QuestionOrigin, symptoms: Sequence[Symptom]) -> None:
        """Somebody else with the same a moment later is told where the question stands."""
        said = self._whose.late(asked, symptoms)
        if said is not None:
            self._show(post, self._spot(post), said)

    def follow(self, post: Post, asked: QuestionOrigin, reading: PasteReading) -> Lead | None:
        """Tell what the lines mean and offer what is named; gives the lead that is to be looked at now, if any."""
        found = leads(replace(reading, symptoms=()))
        if not found and not reading.calls and not reading.meanings:
            return None
        rest = found[1 : BUTTONS + 1]
        if rest or not found:
            requests = [(lead.subject, f"Diagnose {lead.subject}", request_of(lead)) for lead in rest]
            spot = self._spot(post)
            shown = redact_reading(reading, self._services.boundary.redactor())
            self._show(post, spot, what_it_says(shown, self._whose.choices(spot, asked, requests)))
        return found[0] if found else None

    def _spot(self, post: Post) -> Spot:
        return Spot(post.team, post.channel, f"doubt {Target(post.channel, post.thread).id}")

    def _show(self, post: Post, spot: Spot, said: CardModel) -> None:
        placed = Fixed(said, lambda at: self._services.tokens.placed(spot.card, at.ts))
        self._services.queue.show(Target(post.channel, post.thread), placed, final=True)


def request_of(lead: Lead) -> TriageRequest:
    """The question that a lead asks."""
    return TriageRequest(lead.subject, lead.namespace or None)
