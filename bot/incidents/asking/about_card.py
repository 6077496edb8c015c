"""What is said to somebody who asks about an open card: who may act, what changed, since when, where the log is. Pure.

Called by the chat adapter, beside `replies`. It says what is known and, for the rest, the command that shows it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from bot.domain.diagnosis import Diagnosis
from bot.domain.incidents import Incident
from bot.incidents.asking.replies import LISTED, Apps, Offer
from bot.incidents.card_model import CardModel, CardStatus, Section
from bot.incidents.plain_text import one_line, spoken_duration, spoken_time

_LOG = re.compile(r"\blogs\b")
_REVISION = re.compile(r"rollout|revision|image", re.IGNORECASE)


def who_may(incident: Incident, offers: Sequence[Offer]) -> CardModel:
    """Who may press which button, and whether the one who asks may."""
    if not offers:
        said = ("No fix waits for anybody here: the card has no button for one.",)
        return CardModel(
            CardStatus.NOTED, incident.title, sections=(Section("Who may", said, limit=200),), word="Who may"
        )
    rows = tuple(
        f"{offer.label}: {'you may' if offer.may else offer.who or 'nobody at present'}" for offer in offers[:LISTED]
    )
    rule = ("Who asked for a fix never approves it; the buttons of the request say who is missing.",)
    sections = (Section("Who may press it", rows, limit=250, bulleted=True), Section("Approvals", rule, limit=160))
    return CardModel(CardStatus.NOTED, incident.title, sections=sections, word="Who may")


def what_changed(incident: Incident, diagnosis: Diagnosis) -> CardModel:
    """What the checks saw of revisions, and the command that lists them: I keep no list of what people do."""
    seen = [check.summary for check in diagnosis.checks if _REVISION.search(check.id)]
    rows = tuple(seen[:LISTED]) or ("No check on this card is about a new revision.",)
    target, place = _target(diagnosis), f"kubectl -n {incident.namespace}"
    command = (
        f"{place} rollout history {target}"
        if target
        else f"{place} get replicasets --sort-by=.metadata.creationTimestamp"
    )
    more = ("I keep no list of what people change; this shows the revisions:",)
    sections = (Section("Seen", rows, limit=200, bulleted=len(rows) > 1), Section("More", more, command=command))
    return CardModel(CardStatus.NOTED, incident.title, sections=sections, word="What changed")


def since_when(incident: Incident, diagnosis: Diagnosis, now: datetime) -> CardModel:
    """When it began, as far as it can be known."""
    if diagnosis.since is not None:
        ago = spoken_duration(max(0.0, (now - diagnosis.since).total_seconds()))
        said = f"Since {spoken_time(diagnosis.since, with_date=_is_old(diagnosis.since, now))} ({ago} ago)."
    else:
        said = "I cannot tell from the cluster when it began."
    asked = f"I was first asked at {spoken_time(incident.opened_at, with_date=_is_old(incident.opened_at, now))}."
    when = Section("When", (said, asked), limit=160)
    return CardModel(CardStatus.NOTED, incident.title, sections=(when,), word="Since when")


def where_the_log_is(incident: Incident, diagnosis: Diagnosis) -> CardModel:
    """I show no log in a channel: what I read of it stands in Details, and the command shows all of it."""
    commands = list(dict.fromkeys(check.command for check in diagnosis.checks if _LOG.search(check.command)))
    target = _target(diagnosis)
    command = commands[0] if commands else f"kubectl -n {incident.namespace} logs {target} --tail=200" if target else ""
    lines = [one_line(line, 160) for item in diagnosis.symptoms for line in item.symptom.lines[:1]][:3]
    sections = [Section("Said so far", tuple(lines), limit=170, bulleted=True)] if lines else []
    more = "Details on the card has the lines that I went by; I post no log in a channel."
    sections.append(Section("The log", (more,), limit=160, command=command))
    return CardModel(CardStatus.NOTED, incident.title, sections=tuple(sections), word="Log")


def not_understood(apps: Apps, *, card: bool) -> CardModel:
    """A sentence that means nothing to me: what I do understand."""
    app = apps[0][0] if apps else "APP"
    under = ("why? · what changed? · since when? · who may approve? · is it fixed?",) if card else ()
    examples = (*under, f"is {app} healthy?", "an error, pasted as it is")
    section = Section("I understand", examples, limit=160, bulleted=True)
    return CardModel(CardStatus.HELP, "I did not understand that.", sections=(section,))


def _target(diagnosis: Diagnosis) -> str:
    """The workload of the first root cause, as `deployment/api-server`."""
    roots = [cause.component for cause in diagnosis.root_causes if cause.component]
    found = next((diagnosis.components[one] for one in roots if one in diagnosis.components), "")
    return found if "/" in found else ""


def _is_old(when: datetime, now: datetime) -> bool:
    return when.date() != now.date()
