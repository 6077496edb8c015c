"""What is said to somebody whose sentence was understood and needs no look at the cluster. Pure.

Called by the chat adapter: who the bot is, why the card says what it says, which button does what was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.diagnosis import Diagnosis
from bot.domain.incidents import Incident
from bot.incidents.card_model import CardModel, CardStatus, Element, Section, button
from bot.incidents.card_sections import VERDICT_WORDS
from bot.incidents.plain_text import one_line

CHOOSE_APP = "choose_app"
"""Prefix of the action ids; each button has a number of its own."""
LISTED = 5

Apps = Sequence[tuple[str, str]]


def introduction(apps: Apps, name: str = "") -> CardModel:
    """Who I am, and three examples."""
    app = apps[0][0] if apps else "APP"
    me = f"I am {name}, a bot" if name else "I am a bot"
    examples = (
        f"/triage {app} or: is {app} healthy? (I look at the cluster now)",
        "paste an error, or mention me under one (I say what it comes from, and what proves it)",
        "why? under one of my cards (I say what I go by)",
    )
    known = tuple(f"{one} ({title})" for one, title in apps[:20]) or ("none: no playbook describes an app",)
    return CardModel(
        CardStatus.HELP,
        f"{me} that finds the root cause of Kubernetes incidents.",
        sections=(Section("For example", examples, limit=160, bulleted=True), Section("Apps", known, limit=80)),
    )


def app_choice(choices: Sequence[tuple[str, str]]) -> CardModel:
    """Two are named: which one? `choices` are (name, token)."""
    buttons = tuple(
        button(f"{CHOOSE_APP}_{number}", name, token, spoken=f"Triage {name}")
        for number, (name, token) in enumerate(choices)
    )
    hint = Section("Choose", ("or name one: /triage APP NAMESPACE",), limit=200)
    return CardModel(CardStatus.QUESTION, "Which one shall I look at?", sections=(hint,), buttons=buttons)


def because(incident: Incident, diagnosis: Diagnosis, about: str = "") -> CardModel:
    """Why the card says what it says: its causes, the checks that prove them, and what was ruled out; before that what
    was seen of something that is named (`about`: "could it be redis?")."""
    checks = {check.id: check for check in diagnosis.checks}
    sections: list[Section] = [_of_the_named(diagnosis, about)] if about else []
    for root in [cause for cause in diagnosis.root_causes if not cause.state][:2]:
        proof = [checks[one] for one in root.because if one in checks][:LISTED]
        items = tuple(check.summary for check in proof) or (root.sentence or root.title,)
        command = next((check.command for check in proof if check.command), "")
        label = f"Because ({one_line(root.title, 50)}, {VERDICT_WORDS[root.verdict]})"
        sections.append(Section(label, items, limit=200, bulleted=True, command=command))
    if diagnosis.ruled_out:
        sections.append(Section("Ruled out", diagnosis.ruled_out[:LISTED], limit=90))
    if diagnosis.gaps:
        gaps = tuple(gap.sentence() for gap in diagnosis.gaps[:3])
        sections.append(Section("Could not check", gaps, limit=200, bulleted=True, essential=True))
    sections.append(Section("More", ("Details on the card has every check with its command",)))
    return CardModel(CardStatus.NOTED, incident.title, sections=tuple(sections), word="Why")


def _of_the_named(diagnosis: Diagnosis, about: str) -> Section:
    """What the checks saw of it, by its name."""
    words = [word for word in about.lower().split() if len(word) > 2]
    seen = [
        check.summary
        for check in diagnosis.checks
        if any(word in f"{check.id} {check.summary}".lower() for word in words)
    ]
    items = tuple(seen[:LISTED]) or ("I have not looked at anything of that name.",)
    return Section(f"About {one_line(about, 40)}", items, limit=200, bulleted=len(items) > 1)


def nothing_open(apps: Apps, what: str) -> CardModel:
    """There is no card here that this could be about."""
    app = apps[0][0] if apps else "APP"
    todo = Section("What to do", (f"Ask under a card, or ask for one first: /triage {app}",), limit=160)
    return CardModel(CardStatus.HELP, f"Nothing is open here that I could {what}.", sections=(todo,))


@dataclass(frozen=True)
class Offer:
    """A button on the open card: its change's id, what it says and is about, whether this person may press it, and
    else who may."""

    change: str
    label: str
    title: str
    may: bool
    who: str


def act_answer(act: str, incident: Incident, offers: Sequence[Offer], buttons: Sequence[Element]) -> CardModel:
    """Somebody wants something done: which button does it. I do nothing because of a sentence."""
    if not offers:
        fixes = "The card says what would fix it, and who could do that by hand."
        return CardModel(
            CardStatus.NOTED,
            f"I change nothing because of a message, and there is no button for {_NAMES.get(act, 'that')} here.",
            sections=(Section("What is open", (one_line(incident.title, 160),), limit=200), Section("Fixes", (fixes,))),
            word="Not done",
        )
    items = [f"{offer.label} ({one_line(offer.title, 100)})" for offer in offers[:LISTED]]
    who = dict.fromkeys("you may" if offer.may else offer.who or "nobody at present" for offer in offers)
    return CardModel(
        CardStatus.NOTED,
        "I change nothing because of a message; this button shows a preview first.",
        sections=(
            Section("Button", tuple(items), limit=180, bulleted=True),
            Section("Who may press it", (", ".join(who),), limit=250),
        ),
        buttons=tuple(buttons),
        word="By button",
    )


KINDS: Mapping[str, frozenset[str]] = {
    "restart": frozenset({"restart", "restart_caller"}),
    "roll_back": frozenset({"roll_back"}),
    "scale_up": frozenset({"scale_up"}),
    "raise_memory": frozenset({"raise_memory"}),
    "raise_cpu": frozenset({"raise_cpu"}),
    "undo": frozenset(),
}
"""Kinds of remedies that an imperative means; `fix` and `approve` mean whatever is offered."""
_NAMES: Mapping[str, str] = {
    "restart": "a restart",
    "roll_back": "a rollback",
    "scale_up": "scaling",
    "raise_memory": "more memory",
    "raise_cpu": "more CPU",
    "delete": "deleting anything, and there never is one",
    "deploy": "a deployment, and there never is one",
    "exec": "running a command, and there never is one",
    "mute": "that in a sentence (Mute… is in the card's menu)",
    "resolve": "that in a sentence (Resolve is in the card's menu)",
    "undo": "undoing something (Undo stands on the card after a change)",
}
