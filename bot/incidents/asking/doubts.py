"""Questions about a paste that may be an app's error, or names objects: whose is it, what shall be looked at? Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.diagnosis.call_text import calls_text
from bot.domain.symptoms import PasteReading, Symptom
from bot.incidents.card_model import CardModel, CardStatus, Element, Section, button, link_button
from bot.incidents.plain_text import one_line

THIS_ONE = "this_one"
"""Prefix of the action ids of buttons that say what a paste is about."""
THAT_THREAD = "open_thread"
BUTTONS = 5
_LINES = 4

Choice = tuple[str, str, str]
"""What a button says, how it is spoken, and its token."""


def whose_is_it(symptoms: Sequence[Symptom], titles: Sequence[str], choices: Sequence[Choice]) -> CardModel:
    """The paste looks like known errors, and nothing in it says that they are this app's."""
    names = " or ".join(dict.fromkeys(titles))
    said = Section(
        "Looks like", tuple(one_line(item.title, 120) for item in symptoms[:_LINES]), limit=150, bulleted=True
    )
    open_ones = [item for item in symptoms if not item.attribution.claimed] or symptoms
    why = tuple(dict.fromkeys(line for item in open_ones for line in item.attribution.evidence))
    return CardModel(
        CardStatus.QUESTION,
        f"This could be {names}'s error, and nothing in the text says so. Is it?",
        sections=(said, Section("Why I ask", why[:_LINES], limit=200, bulleted=True)),
        buttons=_buttons(choices),
    )


def asked_elsewhere(symptoms: Sequence[Symptom], address: str = "") -> CardModel:
    """For somebody else who pastes what was asked about a moment ago: where the question stands, and what to do.

    `address` is that of its thread, where it is known.
    """
    said = Section("Looks like", tuple(one_line(item.title, 120) for item in symptoms[:_LINES]), bulleted=True)
    here = Section("What to do", ("press its button there, or mention me here with the app's name and the same text",))
    return CardModel(
        CardStatus.QUESTION,
        "The same was pasted in this channel a moment ago, and I have asked in that thread whose error it is.",
        sections=(said, here),
        buttons=(link_button(THAT_THREAD, "Open that thread", address, spoken="Open the thread of the question"),)
        if address
        else (),
    )


def what_it_says(reading: PasteReading, choices: Sequence[Choice]) -> CardModel:
    """A paste of a program that nobody described: what its lines mean, what it names, and what is not known."""
    sections: list[Section] = []
    calls = [line.strip() for line in calls_text(reading.calls[:_LINES]) if not line.lstrip()[:1].isdigit()]
    calls += [f"{item.what}: {one_line(item.line, 120)}" for item in reading.meanings[:_LINES] if not calls or item.own]
    if calls:
        sections.append(Section("Its lines say", tuple(calls), limit=200, bulleted=True))
    bad = [item for item in reading.mentions if item.in_trouble]
    if bad:
        named = tuple(f"{item.said}: {one_line(item.state, 150)}" for item in bad[:_LINES])
        sections.append(Section("Named in it, not healthy", named, limit=200, bulleted=True))
    hint = "a button looks at it, or name it: /triage KIND/NAME NAMESPACE" if choices else "name what it runs as"
    unknown = "no playbook describes this program, so what its other lines mean is not known here"
    sections.append(Section("Not known", (f"{unknown}; {hint}",), limit=300))
    return CardModel(
        CardStatus.HELP, "I know no error in this message by name.", sections=tuple(sections), buttons=_buttons(choices)
    )


def _buttons(choices: Sequence[Choice]) -> tuple[Element, ...]:
    return tuple(
        button(f"{THIS_ONE}_{number}", label, token, spoken=spoken)
        for number, (label, spoken, token) in enumerate(choices[:BUTTONS])
    )
