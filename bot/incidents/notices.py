"""Everything the bot says that is not a diagnosis: progress, questions, help, refusals and failures.

Pure. All human text of the adapter that is not part of a card stands here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import TriageError
from bot.incidents.card_model import TODO, CardModel, CardStatus, Element, Section, button, link_button
from bot.incidents.pasted.answer import OPEN_CARD
from bot.incidents.plain_text import spoken_duration, spoken_time

CHOOSE_NAMESPACE = "choose_namespace"
"""Prefix of the action ids; each button has a number of its own, because Slack wants them to differ."""
CHOICES = 25
"""Buttons under one question; the hint says how to name the others."""
LISTED = 5
"""Open incidents in a list."""
CONTINUED = "The cause has changed to one that another card is about; that one is up to date, and this one is closed."

Apps = Sequence[tuple[str, str]]
"""(id, title) of every app."""


def progress(app: str, step: str, asked_by: str = "") -> CardModel:
    """What is being done now."""
    context = (app, f"asked by {asked_by}") if asked_by else (app,)
    return CardModel(CardStatus.WORKING, step, context)


def failure(error: TriageError, unread: Sequence[str] = (), buttons: Sequence[Element] = ()) -> CardModel:
    """An error of ours: what is wrong, and what to do next."""
    sections = [Section(TODO, (error.remedy,), limit=600)] if error.remedy else []
    if unread:
        sections.append(_unread(unread))
    return CardModel(CardStatus.FAILED, error.message, sections=tuple(sections), buttons=tuple(buttons))


def crashed(incident: str) -> CardModel:
    """An unexpected failure. The log has the rest under the same id."""
    remedy = f"Ask again; if it happens again, tell whoever runs the bot to look for incident {incident} in its log."
    return CardModel(
        CardStatus.FAILED, "This triage stopped because of a mistake in the bot.", sections=(_todo(remedy),)
    )


def undrawable(title: str, mark: str) -> CardModel:
    """A card that cannot be drawn. The log has the rest under the same id."""
    remedy = f"Ask again; tell whoever runs the bot to look for incident {mark} in its log."
    return CardModel(CardStatus.FAILED, title, sections=(_todo(remedy),), word="Card not drawn")


def busy() -> CardModel:
    """The queue is full."""
    headline = "Too many triages are waiting, so this one was not started."
    return CardModel(CardStatus.FAILED, headline, sections=(_todo("Ask again in a minute."),))


def handed_over() -> CardModel:
    """The bot stops in the middle; the question is kept."""
    headline = "The bot is restarting. This triage goes on by itself as soon as it is back."
    return CardModel(CardStatus.WORKING, headline)


def given_up() -> CardModel:
    """The bot died of this question, more than once."""
    headline = "This triage was begun several times and never finished."
    remedy = "Ask again; if it happens again, tell whoever runs the bot to look into its log."
    return CardModel(CardStatus.FAILED, headline, sections=(_todo(remedy),))


def namespace_choice(app: str, choices: Sequence[tuple[str, str]]) -> CardModel:
    """Which namespace? `choices` are (namespace, token)."""
    shown = choices[:CHOICES]
    buttons = [
        button(f"{CHOOSE_NAMESPACE}_{number}", namespace, token, spoken=f"Triage {app} in {namespace}")
        for number, (namespace, token) in enumerate(shown)
    ]
    hint = f"Or name it: /triage {app} NAMESPACE"
    if len(choices) > len(shown):
        hint = f"{len(choices) - len(shown)} more are not shown. Name it: /triage {app} NAMESPACE"
    return CardModel(
        CardStatus.QUESTION,
        f"{app} runs in {len(choices)} namespaces. Which one do you mean?",
        sections=(Section("Choose", (hint,), limit=200),),
        buttons=tuple(buttons),
    )


def usage(apps: Apps, *, headline: str = "Which app shall I look at?") -> CardModel:
    """Which apps there are, and how to ask."""
    return CardModel(CardStatus.HELP, headline, sections=_ways(apps))


@dataclass(frozen=True)
class OpenIncident:
    """One line of a list. `link` is empty where the card cannot be linked to."""

    app: str
    title: str
    opened_at: datetime
    link: str = ""


def overview(apps: Apps, incidents: Sequence[OpenIncident]) -> CardModel:
    """What is open, and which apps there are."""
    lines = [f"{one.title} (since {spoken_time(one.opened_at, with_date=True)})" for one in incidents[:LISTED]]
    if len(incidents) > LISTED:
        lines.append(f"and {len(incidents) - LISTED} more, on the bot's Home tab")
    buttons = tuple(
        link_button(f"{OPEN_CARD}_{number}", f"Card {number}", one.link, spoken=f"Open card {number}: {one.title}")
        for number, one in enumerate(incidents[:LISTED], start=1)
        if one.link
    )
    headline = f"{len(incidents)} open here." if incidents else "Nothing is open here."
    found = (Section("Open", tuple(lines), limit=200, bulleted=True),) if lines else ()
    return CardModel(CardStatus.HELP, headline, sections=(*found, *_ways(apps)), buttons=buttons, word="Triage")


def nothing_found(
    apps: Apps, unread: Sequence[str] = (), more: Sequence[Section] = (), buttons: Sequence[Element] = ()
) -> CardModel:
    """A message to the bot that holds no error it knows. `more` is what somebody else says to it."""
    titles = " and ".join(title for _, title in apps) or "any app"
    looked = Section("I looked for", (f"the errors that the playbooks of {titles} describe",), limit=300)
    gaps = (_unread(unread),) if unread else ()
    return CardModel(
        CardStatus.HELP,
        "I found no error that I know in this message.",
        sections=(*more, looked, *gaps, *_ways(apps)),
        buttons=tuple(buttons),
    )


def refusal(reason: str, who_can_help: str) -> CardModel:
    """Somebody may not ask; says why and who could."""
    return CardModel(CardStatus.REFUSED, reason, sections=(Section("Who can", (who_can_help,), limit=300),))


def stale_card(app: str = "", namespace: str = "") -> str:
    """A button whose meaning is lost; `app` and `namespace` are its card's, where that is known."""
    ask = " ".join(filter(None, ("/triage", app, namespace)))
    return f"This button was used already, or its card is too old, or a copy. Ask again with {ask}."


def credentials(notice: str) -> CardModel:
    """A paste holds credentials that may still work. `notice` is what happened, then what to do, line by line."""
    first, *steps = notice.splitlines()
    todo = tuple(step.removeprefix("• ") for step in steps)
    sections = (Section(TODO, todo, limit=300, bulleted=True, essential=True),) if todo else ()
    return CardModel(CardStatus.FAILED, first, sections=sections, word="Credentials")


def private_notice(sentence: str) -> CardModel:
    """One sentence for one person."""
    return CardModel(CardStatus.NOTED, sentence, word="Triage")


def ended(duration: timedelta) -> str:
    """A monitor sees that it is over."""
    return f"The checks pass again; it lasted {spoken_duration(duration.total_seconds())}."


def digest(lines: Sequence[str]) -> CardModel:
    """The daily summary of the monitors."""
    first, *rest = lines or ("Nothing happened.",)
    sections = (Section("In detail", tuple(rest), limit=250, bulleted=True),) if rest else ()
    return CardModel(CardStatus.NOTED, first, sections=sections, word="The last day")


def monitor_trouble(monitor: str, sentence: str) -> CardModel:
    """A monitor itself does not work."""
    return CardModel(CardStatus.FAILED, sentence, (f"monitor {monitor}",), word="Monitor not working")


def muted(title: str, until: str) -> CardModel:
    """A mute is in force."""
    return CardModel(
        CardStatus.NOTED,
        "Muted: the bot posts nothing about this by itself.",
        sections=(Section("What", (title,), limit=200), Section("How long", (until,))),
    )


def _example(apps: Apps) -> str:
    return f"/triage {apps[0][0]}" if apps else "/triage"


def _todo(remedy: str) -> Section:
    return Section(TODO, (remedy,), limit=600)


def _unread(unread: Sequence[str]) -> Section:
    return Section("Could not check", tuple(unread[:10]), limit=200, bulleted=True, essential=True)


def _ways(apps: Apps) -> tuple[Section, ...]:
    known = tuple(f"{name} ({title})" for name, title in apps[:20])
    return (
        Section("Apps", known or ("none: no playbook describes an app",), limit=80),
        Section(
            "How to ask",
            (
                f"{_example(apps)} looks at the cluster now; add a namespace if there are several",
                "or paste the error here, or mention me with it; a text file will do as well",
            ),
            limit=160,
            bulleted=True,
        ),
    )
