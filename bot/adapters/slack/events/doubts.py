"""Asks whose error a paste is, and follows what a paste names. Called by `posts` where nothing certain is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.adapters.slack.events.incoming import Post
from bot.adapters.slack.events.services import Services
from bot.diagnosis.following import Lead, leads
from bot.diagnosis.ports import TriageRequest
from bot.domain.symptoms import PasteReading, Symptom
from bot.engine.attribution.claims import claimed
from bot.incidents.asking.doubts import BUTTONS, THIS_ONE, Choice, what_it_says, whose_is_it
from bot.incidents.card_model import CardModel
from bot.incidents.origin import Asked, request_to_json
from bot.incidents.ports import Fixed, Target
from bot.incidents.tokens import Spot
from bot.redaction.symptoms import redact_reading, redact_symptoms


class Doubts:
    """Questions with buttons, in the thread of the paste."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def ask_whose(self, post: Post, asked: Asked, symptoms: Sequence[Symptom]) -> None:
        """Ask once for each error and channel where nobody called the bot; always where somebody did."""
        if not post.addressed:
            keys = {f"doubt:{post.team}:{post.channel}:{item.app}:{item.id}" for item in symptoms}
            if not self._services.seen.first_time(keys):
                return
        symptoms = redact_symptoms(symptoms, self._services.boundary.redactor())
        titles = dict(self._services.triage.apps())
        requests = []
        for app in dict.fromkeys(item.app for item in symptoms):
            title = titles.get(app, app)
            said = f"somebody here says that it is {title}'s"
            own = tuple(
                replace(item, attribution=claimed(item.attribution, said)) for item in symptoms if item.app == app
            )
            requests.append((f"It is {title}'s", f"Diagnose {title}", TriageRequest(app, None, own)))
        spot = self._spot(post)
        choices = self._choices(spot, asked, requests)
        self._show(post, spot, whose_is_it(symptoms, [titles.get(item.app, item.app) for item in symptoms], choices))

    def follow(self, post: Post, asked: Asked, reading: PasteReading) -> Lead | None:
        """Tell what the lines mean and offer what is named; gives the lead that is to be looked at now, if any."""
        found = leads(replace(reading, symptoms=()))
        if not found and not reading.calls and not reading.meanings:
            return None
        rest = found[1 : BUTTONS + 1]
        if rest or not found:
            requests = [(lead.subject, f"Diagnose {lead.subject}", request_of(lead)) for lead in rest]
            spot = self._spot(post)
            shown = redact_reading(reading, self._services.boundary.redactor())
            self._show(post, spot, what_it_says(shown, self._choices(spot, asked, requests)))
        return found[0] if found else None

    def _choices(self, spot: Spot, asked: Asked, requests: Sequence[tuple[str, str, TriageRequest]]) -> list[Choice]:
        where = asked.but(response_url="").model_dump(mode="json")
        issue = self._services.tokens.issue
        return [
            (label, spoken, issue(THIS_ONE, spot, {"request": request_to_json(request), "asked": where}))
            for label, spoken, request in requests[:BUTTONS]
        ]

    def _spot(self, post: Post) -> Spot:
        return Spot(post.team, post.channel, f"doubt {Target(post.channel, post.thread).id}")

    def _show(self, post: Post, spot: Spot, said: CardModel) -> None:
        placed = Fixed(said, lambda at: self._services.tokens.placed(spot.card, at.ts))
        self._services.outbox.show(Target(post.channel, post.thread), placed, final=True)


def request_of(lead: Lead) -> TriageRequest:
    """The question that a lead asks."""
    return TriageRequest(lead.subject, lead.namespace or None)
