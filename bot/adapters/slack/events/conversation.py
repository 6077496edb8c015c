"""Answers somebody who spoke to the bot in words: looks at what is meant, explains, or says which button does it.

Called by `posts` at the desk, for what holds no known error itself. What a sentence means is `incidents.asking`'s; the
bot never does anything to a cluster because of a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.adapters.slack.events.intake.incoming import Post
from bot.adapters.slack.events.overview import open_here
from bot.adapters.slack.events.people import AllowedUser
from bot.adapters.slack.events.services import SlackDeps
from bot.diagnosis.diagnosis_codec import decode
from bot.diagnosis.ports import TriageRequest
from bot.domain.incidents import Incident
from bot.incidents import notices
from bot.incidents.asking import about_card
from bot.incidents.asking.meaning import understand
from bot.incidents.asking.meanings import Intent, KnownNames, Understood
from bot.incidents.asking.replies import (
    CHOOSE_APP,
    KINDS,
    Offer,
    act_answer,
    app_choice,
    because,
    introduction,
    nothing_open,
)
from bot.incidents.card_model import CardModel, button
from bot.incidents.fixes.card import LOOK
from bot.incidents.ports import Fixed, Target
from bot.incidents.questions.origin import QuestionOrigin, request_from_json, request_to_json
from bot.incidents.tokens import Spot

OPEN = 50
"""Incidents whose names are known."""

BUTTONS = 3

Offers = Callable[[Incident, Post, str, str], list[Offer]]
"""The offered fixes of an incident that an imperative (its kind, and what it is about) means, for this person."""


@dataclass(frozen=True)
class Speaker:
    """Who spoke, and how they are answered. `ask` starts a triage, `reply` says something in the thread."""

    post: Post
    asker: AllowedUser
    unread: tuple[str, ...]
    asked: QuestionOrigin
    ask: Callable[[TriageRequest], None]
    reply: Callable[[CardModel], None]


class Conversation:
    """Understands sentences. `offers` finds fixes; None where there are none."""

    def __init__(self, services: SlackDeps, offers: Offers | None = None) -> None:
        self._services = services
        self._offers = offers

    def understood(self, text: str, *, among_people: bool = False) -> Understood:
        """What was said, to the bot or after the slash command. `among_people`: in a channel, where others read."""
        known = self._services.incidents.open_incidents(OPEN)
        namespaces = frozenset(one.namespace for one in known)
        workloads = frozenset(
            str(found)
            for one in known
            for found in (one.diagnosis.get("components") or {}).values()
            if "/" in str(found)
        )
        vocabulary = KnownNames(self._services.triage.apps(), namespaces, workloads)
        return understand(text, vocabulary, among_people=among_people)

    def incident_here(self, post: Post, namespace: str | None = None) -> Incident | None:
        """The open incident that a sentence is about: the one in its thread, else the newest in its channel."""
        found = [one for one in self._services.incidents.open_incidents(OPEN) if one.channel == post.channel]
        if namespace is not None:
            found = [one for one in found if one.namespace == namespace]
        in_thread = [one for one in found if (one.thread_ts or one.ts) == post.thread]
        return next(iter(in_thread or found), None)

    def is_about_the_card(self, post: Post, said: Understood) -> bool:
        """Whether somebody asks how things are, under a card that is open."""
        found = self.incident_here(post, said.namespace)
        return found is not None and (said.namespace is not None or (found.thread_ts or found.ts) == post.thread)

    def answer(self, said: Understood, speaker: Speaker) -> bool:
        """Answer; False when the sentence says nothing that can be answered here."""
        apps, post = self._services.triage.apps(), speaker.post
        match said.meaning:
            case Intent.NOTHING:
                pass  # nobody wants to read "you are welcome" in an incident
            case Intent.TRIAGE:
                speaker.ask(TriageRequest(said.apps[0], said.namespace))
            case Intent.CHOOSE:
                self._choose(said, speaker)
            case Intent.STATUS:
                self._status(said, speaker)
            case Intent.WHY:
                incident = self.incident_here(post)
                speaker.reply(_why(incident, said.about) if incident else nothing_open(apps, "explain"))
            case Intent.WHO | Intent.CHANGES | Intent.SINCE | Intent.LOGS:
                incident = self.incident_here(post)
                told = self._about(said.meaning, incident, post) if incident else nothing_open(apps, "tell about")
                speaker.reply(told)
            case Intent.ACT:
                self._act(said, speaker)
            case Intent.HELP:
                speaker.reply(introduction(apps, self._services.identity.name))
            case Intent.UNKNOWN:
                return False
        return True

    def _about(self, asked: Intent, incident: Incident, post: Post) -> CardModel:
        """What somebody asks about the card that is open here."""
        diagnosis = decode(dict(incident.diagnosis))
        if asked is Intent.WHO:
            return about_card.who_may(incident, self._offers(incident, post, "fix", "") if self._offers else [])
        if asked is Intent.CHANGES:
            return about_card.what_changed(incident, diagnosis)
        if asked is Intent.SINCE:
            return about_card.since_when(incident, diagnosis, self._services.clock())
        return about_card.where_the_log_is(incident, diagnosis)

    def not_understood(self, post: Post) -> CardModel:
        """What is said to a sentence that means nothing."""
        return about_card.not_understood(self._services.triage.apps(), card=self.incident_here(post) is not None)

    def _choose(self, said: Understood, speaker: Speaker) -> None:
        """Two are named: ask which one, with buttons."""
        target = Target(speaker.post.channel, speaker.post.thread)
        spot = Spot(speaker.post.team, speaker.post.channel, f"choice {target.id}")
        choices = []
        for app in said.apps:
            payload = {
                "request": request_to_json(TriageRequest(app, said.namespace)),
                "asked": speaker.asked.for_a_button(),
            }
            choices.append((app, self._services.tokens.issue(CHOOSE_APP, spot, payload)))
        placed = Fixed(app_choice(choices), lambda at: self._services.tokens.placed(spot.card, at.ts))
        self._services.queue.show(target, placed, final=True)

    def _status(self, said: Understood, speaker: Speaker) -> None:
        """Look again at what is open here; where nothing is, say what is open."""
        incident = self.incident_here(speaker.post, said.namespace)
        if incident is not None and self.is_about_the_card(speaker.post, said):
            kept = request_from_json(incident.request)
            speaker.ask(TriageRequest(kept.app, kept.namespace))
            return
        apps = self._services.triage.apps()
        speaker.reply(notices.overview(apps, open_here(self._services, speaker.post.channel)))

    def _act(self, said: Understood, speaker: Speaker) -> None:
        incident = self.incident_here(speaker.post)
        if incident is None:
            speaker.reply(nothing_open(self._services.triage.apps(), "do something about"))
            return
        asked_for = self._offers is not None and said.act in {*KINDS, "fix", "approve"}
        offers = self._offers(incident, speaker.post, said.act, said.about) if self._offers and asked_for else []
        target = Target(speaker.post.channel, speaker.post.thread)
        spot = Spot(speaker.post.team, speaker.post.channel, f"said {target.id}")
        buttons = []
        for number, offer in enumerate(one for one in offers[:BUTTONS] if one.may):
            token = self._services.tokens.issue(LOOK, spot, {"change": offer.change, "incident": incident.id})
            buttons.append(button(f"{LOOK}_{number}", offer.label, token, spoken=f"Preview: {offer.title}"))
        said_so = act_answer(said.act, incident, offers, buttons)
        placed = Fixed(said_so, lambda at: self._services.tokens.placed(spot.card, at.ts))
        self._services.queue.show(target, placed, final=True)


def _why(incident: Incident, about: str) -> CardModel:
    return because(incident, decode(dict(incident.diagnosis)), about)
