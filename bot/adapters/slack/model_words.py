"""Everything that is shown of a language model: its words, who worded them, and what it was sent.

Called by `explanations`, `suggestions` and `drafts`. Pure. What a model wrote is as untrusted as a log line: it goes
into the same elements, in which Slack parses nothing, and never stands without the line that says whose words they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.adapters.slack import notices
from bot.adapters.slack.blocks import (
    Json,
    Message,
    button,
    modal,
    modal_form,
    option,
    paragraph,
    preformatted,
    radio_input,
    rich_text,
    span,
)
from bot.adapters.slack.limits import VIEW_BLOCK_CHARACTERS
from bot.adapters.slack.outline import Outline, Section, Tone, render
from bot.adapters.slack.text import one_line
from bot.domain.changes import Frozen
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
_SENT_CHARACTERS = VIEW_BLOCK_CHARACTERS - 1_500
_SENT_PIECE = 3_000


class Sent(Frozen):
    """That a model took part: which one, where, what it was sent (redacted). As it is kept."""

    model: str
    endpoint: str
    text: str

    @classmethod
    def of(cls, took_part: Participation) -> Sent:
        """What is kept of a participation."""
        return cls(model=took_part.model, endpoint=took_part.endpoint, text=took_part.sent)


class Words(Frozen):
    """An explanation as it is kept with its incident. `about` names the evidence it was made of."""

    about: str
    sentences: tuple[str, ...]
    sent: Sent

    @classmethod
    def of(cls, about: str, explanation: Explanation) -> Words:
        """What is kept of an explanation."""
        sentences = tuple(
            f"{one.text} (translates: {one.translates})" if one.translates else one.text
            for one in explanation.sentences
        )
        return cls(about=about, sentences=sentences, sent=Sent.of(explanation.participation))


def explained(words: Words) -> Section:
    """The part of a card that a model worded. Its label is the first item, so that nothing can cut it off."""
    label = f"Worded by {_named(words.sent)}. The diagnosis was made without it."
    return Section("In plain words", (label, *words.sentences), limit=400, bulleted=True)


def sent_button(token: str) -> Json:
    """The button that shows what a model was sent."""
    return button(SENT, "Sent to the model", token, spoken="What was sent to the language model")


def sent_view(sent: Sent) -> Json:
    """What a model was sent, as a modal."""
    blocks = [
        rich_text(
            paragraph(span(f"{_named(sent)} at {one_line(sent.endpoint, 200)} was sent this text.", 300, bold=True)),
            paragraph(span("Marks such as ‹password:1› stand for secrets, which were taken out before.", 200)),
        )
    ]
    shown = sent.text[:_SENT_CHARACTERS]
    pieces = (shown[start : start + _SENT_PIECE] for start in range(0, len(shown), _SENT_PIECE))
    blocks += [rich_text(preformatted(piece, _SENT_PIECE)) for piece in pieces]
    if len(shown) < len(sent.text):
        blocks.append(rich_text(paragraph(span(f"These are {len(shown)} of its {len(sent.text)} characters.", 200))))
    return modal("Sent to the model", blocks)


def suggestion(apps: notices.Apps, unread: Sequence[str], found: Resemblance | None, sent: Sent,
               tokens: Mapping[str, str]) -> Message:  # fmt: skip
    """The answer to a message in which no rule found anything, with what a model says to it. `tokens` by kind."""
    name = _named(sent)
    if found is None:
        asked = f"{name} was asked too, and knows no error here that it resembles."
        sections: tuple[Section, ...] = (Section("A model", (asked,), limit=250),)
    else:
        whose = f"A guess of {name}, no diagnosis: nothing was looked at yet."
        guess = (f"It may be: {found.title}", whose, found.why)
        sections = (Section("A model's guess", guess, limit=400, bulleted=True, command="\n".join(found.lines)),)
    buttons: list[Json] = []
    if found is not None and (token := tokens.get(TRIAGE_AS)):
        buttons.append(button(TRIAGE_AS, "Triage as this", token, spoken=f"Triage as: {found.title}"))
    if token := tokens.get(DRAFT):
        buttons.append(button(DRAFT, "Draft a playbook…", token, spoken="Have a model draft a playbook for this"))
    if token := tokens.get(SENT):
        buttons.append(sent_button(token))
    return notices.nothing_found(apps, unread, sections, buttons)


def draft_form(model: str, apps: Sequence[tuple[str, str]], token: str) -> Json:
    """Asks for which app to draft, and says what it means."""
    choices = [option(title, app) for app, title in apps[:MOST_APPS]]
    explained = [
        f"The text of the message, without its secrets, is sent to {one_line(model, 150)}.",
        "It drafts how to recognise this error, and cases to test that: no causes and no fixes.",
        "The draft is checked, and comes into the thread as files for you to review.",
    ]
    return modal_form("Draft a playbook", DRAFT_FORM, "Draft", explained, [radio_input(APP, "For which app?", choices)],
                      token)  # fmt: skip


def drafted(name: str, sent: Sent, asked_by: str, token: str) -> Message:
    """Says what the files are that stand beside it."""
    headline = f"A playbook was drafted by {_named(sent)}. Its files passed the checks, and wait for a person's review."
    todo = (
        "Are the signatures narrow enough, and is it really an error of its own?",
        "Then put both files beside your playbooks, and run: triage playbooks check",
    )
    prints = (name, f"asked for by {asked_by}") if asked_by else (name,)
    sections = (Section("Before you use it", todo, limit=200, bulleted=True),)
    return render(Outline(Tone.NOTED, headline, prints, sections, (sent_button(token),), word="Draft"))


def rejected(problems: Sequence[str]) -> Message:
    """The draft did not pass, so nobody sees it."""
    headline = "The model's draft did not pass the checks of a playbook, so it is not shown."
    sections = (
        Section("Mistakes", tuple(problems[:5]), limit=250, bulleted=True),
        Section("What to do", ("Try again with more of the log, or write the playbook by hand.",), limit=200),
    )
    return render(Outline(Tone.FAILED, headline, sections=sections, word="No draft"))


def kept_words(stored: Mapping[str, Any]) -> Words | None:
    """The explanation that is kept with a card, if there is one."""
    return Words.model_validate(dict(stored)) if stored else None


def _named(sent: Sent) -> str:
    return one_line(sent.model, _MODEL_CHARACTERS)
