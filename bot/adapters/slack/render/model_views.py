"""Modals about a language model: what it was sent, and the form that asks it for a draft. Pure.

Called by the events of `model`. What a model wrote is as untrusted as a log line.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.adapters.slack.render.blocks import (
    Json,
    modal,
    modal_form,
    option,
    paragraph,
    preformatted,
    radio_input,
    rich_text,
    span,
)
from bot.adapters.slack.render.limits import VIEW_BLOCK_CHARACTERS
from bot.incidents.model_words import APP, DRAFT_FORM, MOST_APPS, StoredParticipation, named
from bot.incidents.plain_text import one_line

_SENT_CHARACTERS = VIEW_BLOCK_CHARACTERS - 1_500
_SENT_PIECE = 3_000


def sent_view(sent: StoredParticipation) -> Json:
    """What a model was sent, as a modal."""
    blocks = [
        rich_text(
            paragraph(span(f"{named(sent)} at {one_line(sent.endpoint, 200)} was sent this text.", 300, bold=True)),
            paragraph(span("Marks such as ‹password:1› stand for secrets, which were taken out before.", 200)),
        )
    ]
    shown = sent.text[:_SENT_CHARACTERS]
    pieces = (shown[start : start + _SENT_PIECE] for start in range(0, len(shown), _SENT_PIECE))
    blocks += [rich_text(preformatted(piece, _SENT_PIECE)) for piece in pieces]
    if len(shown) < len(sent.text):
        blocks.append(rich_text(paragraph(span(f"These are {len(shown)} of its {len(sent.text)} characters.", 200))))
    return modal("Sent to the model", blocks)


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
