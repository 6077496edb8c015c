"""Everything that is shown of a language model: its words, who worded them, and what it was sent.

Called by `explanations`, `suggestions` and `drafts`. Pure. What a model wrote is as untrusted as a log line: it goes
into the same elements, in which Slack parses nothing, and never stands without the line that says whose words they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.changes import Frozen
from bot.domain.errors import StoreError
from bot.incidents import notices
from bot.incidents.card_model import (
    CardModel,
    CardStatus,
    Element,
    Section,
    button,
)
from bot.incidents.plain_text import one_line
from bot.incidents.reading import tolerant
from bot.narration.resemble import Resemblance
from bot.narration.service import Explanation, Participation

SENT = "model_sent"
TRIAGE_AS = "model_triage_as"
DRAFT = "model_draft"
DRAFT_FORM = "model_draft_form"
APP = "app"
"""Name of the input of the form."""

MOST_APPS = 10
"""Choices that Slack allows in one group of radio buttons."""
_MODEL_CHARACTERS = 60


class StoredParticipation(Frozen):
    """That a model took part: which one, where, what it was sent (redacted). As it is kept."""

    model: str
    endpoint: str
    text: str

    @classmethod
    def of(cls, took_part: Participation) -> StoredParticipation:
        """What is kept of a participation."""
        return cls(model=took_part.model, endpoint=took_part.endpoint, text=took_part.sent)


class Words(Frozen):
    """An explanation as it is kept with its incident. `about` names the evidence it was made of."""

    about: str
    sentences: tuple[str, ...]
    sent: StoredParticipation

    @classmethod
    def of(cls, about: str, explanation: Explanation) -> Words:
        """What is kept of an explanation."""
        sentences = tuple(
            f"{one.text} (translates: {one.translates})" if one.translates else one.text
            for one in explanation.sentences
        )
        return cls(about=about, sentences=sentences, sent=StoredParticipation.of(explanation.participation))


def explained(words: Words) -> Section:
    """The part of a card that a model worded. Its label is the first item, so that nothing can cut it off."""
    label = f"Worded by {named(words.sent)}. The diagnosis was made without it."
    return Section("In plain words", (label, *words.sentences), limit=400, bulleted=True)


def sent_button(token: str) -> Element:
    """The button that shows what a model was sent."""
    return button(SENT, "Sent to the model", token, spoken="What was sent to the language model")


def suggestion(apps: notices.Apps, unread: Sequence[str], found: Resemblance | None, sent: StoredParticipation,
               tokens: Mapping[str, str]) -> CardModel:  # fmt: skip
    """The answer to a message in which no rule found anything, with what a model says to it. `tokens` by kind."""
    name = named(sent)
    if found is None:
        asked = f"{name} was asked too, and knows no error here that it resembles."
        sections: tuple[Section, ...] = (Section("A model", (asked,), limit=250),)
    else:
        whose = f"A guess of {name}, no diagnosis: nothing was looked at yet."
        guess = (f"It may be: {found.title}", whose, found.why)
        sections = (Section("A model's guess", guess, limit=400, bulleted=True, command="\n".join(found.lines)),)
    buttons: list[Element] = []
    if found is not None and (token := tokens.get(TRIAGE_AS)):
        buttons.append(button(TRIAGE_AS, "Triage as this", token, spoken=f"Triage as: {found.title}"))
    if token := tokens.get(DRAFT):
        buttons.append(button(DRAFT, "Draft a playbook…", token, spoken="Have a model draft a playbook for this"))
    if token := tokens.get(SENT):
        buttons.append(sent_button(token))
    return notices.nothing_found(apps, unread, sections, buttons)


def drafted(name: str, sent: StoredParticipation, asked_by: str, token: str) -> CardModel:
    """Says what the files are that stand beside it."""
    headline = f"A playbook was drafted by {named(sent)}. Its files passed the checks, and wait for a person's review."
    todo = (
        "Are the signatures narrow enough, and is it really an error of its own?",
        "Then put both files beside your playbooks, and run: triage playbooks check",
    )
    context = (name, f"asked for by {asked_by}") if asked_by else (name,)
    sections = (Section("Before you use it", todo, limit=200, bulleted=True),)
    return CardModel(CardStatus.NOTED, headline, context, sections, (sent_button(token),), word="Draft")


def rejected(problems: Sequence[str]) -> CardModel:
    """The draft did not pass, so nobody sees it."""
    headline = "The model's draft did not pass the checks of a playbook, so it is not shown."
    sections = (
        Section("Mistakes", tuple(problems[:5]), limit=250, bulleted=True),
        Section("What to do", ("Try again with more of the log, or write the playbook by hand.",), limit=200),
    )
    return CardModel(CardStatus.FAILED, headline, sections=sections, word="No draft")


def kept_words(stored: Mapping[str, Any]) -> Words | None:
    """The explanation that is kept with a card, if there is one."""
    try:
        return tolerant(Words, stored) if stored else None
    except StoreError:
        return None  # another version kept it; the words come again with the next check


def named(sent: StoredParticipation) -> str:
    """The model's name, short enough for any sentence."""
    return one_line(sent.model, _MODEL_CHARACTERS)
