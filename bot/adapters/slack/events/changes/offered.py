"""Which of the offered fixes somebody means who asks for one in words, and whether that person may press its button."""

from __future__ import annotations

import re

from bot.adapters.slack.events.changes.people import People
from bot.adapters.slack.events.intake.incoming import Post
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.options import ChangeOptions
from bot.changes.policy.access_request import question_about
from bot.changes.policy.decision import decide
from bot.changes.policy.model import BUDGET_WINDOW
from bot.domain.changes import Change, ChangeState
from bot.domain.incidents import Incident
from bot.incidents.asking.replies import KINDS, Offer
from bot.incidents.fixes.words import label

_USABLE = frozenset({ChangeState.OFFERED, ChangeState.PREVIEWED})
_IT = frozenset(
    ["it", "this", "that", "them", "everything", "all", "for", "me", "us", "now", "again", "one", "pod", "pods"]
)


class OffersInWords:
    """Implements `conversation.Offers`."""

    def __init__(self, services: SlackDeps, people: People, deps: ChangeOptions) -> None:
        self._services = services
        self._people = people
        self._deps = deps

    def __call__(self, incident: Incident, post: Post, act: str, about: str) -> list[Offer]:
        """The offers that are meant, as they stand on the card."""
        now = self._services.clock()
        kinds = KINDS.get(act)
        found = [
            change
            for change in self._deps.changes.of_incident(incident.id)
            if change.state in _USABLE and change.expires_at > now and (kinds is None or change.remedy.kind in kinds)
        ]
        return [self._offer(change, post) for change in found if _is_meant(change, incident, about)]

    def _offer(self, change: Change, post: Post) -> Offer:
        now = self._services.clock()
        actor = self._people.of_home(post.team, post.user, post.channel)
        count = self._deps.changes.count(actor.person, change.workload_key, now - BUDGET_WINDOW)
        decision = decide(self._deps.policy.current(), question_about(change, actor, count, now))
        who = self._people.names(decision.holders) if not decision.allowed else ""
        return Offer(change.id, label(change.remedy), change.remedy.title, decision.allowed, who)


def _is_meant(change: Change, incident: Incident, about: str) -> bool:
    """Whether the words after an imperative name what this changes. "It", the app or nothing: whatever is offered."""
    words = [word for word in about.split() if word not in _IT and word not in (incident.app, "the", "to", "of")]
    named = " ".join(word for word in words if not re.search(r"\d", word))
    if not named:
        return True
    target = change.remedy.target.partition("/")[2]
    components = dict(incident.diagnosis.get("components") or {})
    names = {target, *(name for name, workload in components.items() if workload == change.remedy.target)}
    forms = {form for name in names for form in (name, name.replace("-", " "), name.replace("_", " "))}
    return any(form and re.search(rf"(?<![\w-]){re.escape(form)}(?![\w-])", named) for form in forms) or not any(
        word for word in words if not _says_how(word)
    )


def _says_how(word: str) -> bool:
    """Words that say how much, and not what: "raise the memory limit to 4Gi"."""
    return bool(re.search(r"\d", word)) or word in (
        "memory",
        "limit",
        "limits",
        "cpu",
        "replicas",
        "replica",
        "up",
        "more",
    )
