"""A request for approval in the incident's thread: what would be done, who asks, who has agreed, until when. Pure.

Called by `requests` whenever the request has changed. Who approved stands there as the database says it; nothing
in it comes from a log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.domain.changes import Change, ChangeState
from bot.domain.places import place_words
from bot.domain.remedies import Risk
from bot.incidents.card_model import CardModel, CardStatus, Element, Section, Timed, button, confirmation
from bot.incidents.fixes.words import asked_lines, label, people_names, person_name
from bot.incidents.plain_text import one_line
from bot.redaction import Redactor

APPROVE = "change_approve"
DECLINE = "change_decline"
REVIEW = "change_review"
LINES = 12

_S = ChangeState
_ENDED: Mapping[ChangeState, tuple[CardStatus, str]] = {
    _S.EXPIRED: (CardStatus.NOTED, "Expired"),
    _S.REFUSED: (CardStatus.REFUSED, "Not approved"),
    _S.SUPERSEDED: (CardStatus.NOTED, "Overtaken"),
}


def asks_for_approval(change: Change) -> bool:
    """Whether there is, or was, something for others to approve."""
    return change.requester is not None and change.approvals_needed > 0


def signature(change: Change) -> str:
    """What the message says, in short: it is drawn anew when this changes."""
    if change.state is _S.REQUESTED:
        return f"requested {len(change.approvers)}"
    return change.state.value if change.state in _ENDED else "approved"


def request_message(change: Change, redactor: Redactor, holders: str, tokens: Mapping[str, str]) -> CardModel:
    """The message. `holders` names who may approve; `tokens` are those of its buttons, by kind, while it waits."""
    lines = asked_lines(change, redactor)
    waits = change.state is _S.REQUESTED
    status, word = _ENDED.get(
        change.state, (CardStatus.QUESTION, "Approval needed") if waits else (CardStatus.NOTED, "Approved")
    )
    place = place_words(change.app, change.namespace, change.cluster)
    until = (Timed("until", change.expires_at),) if waits else ()
    return CardModel(
        status,
        change.remedy.title,
        (*place, f"asked by {person_name(change.requester)}", *until),
        tuple(_sections(change, lines, holders)),
        buttons=_buttons(change, tokens) if waits else (),
        word=word,
    )


def _sections(change: Change, lines: Sequence[str], holders: str) -> Iterator[Section]:
    shown = lines[:LINES] if len(lines) <= LINES else [*lines[: LINES - 1], f"and {len(lines) - LINES + 1} more"]
    over = "What was asked for" if change.state in _ENDED else "What is changed"
    yield Section(
        "What would be changed" if change.state is _S.REQUESTED else over,
        tuple(shown),
        limit=300,
        bulleted=True,
        essential=True,
    )
    yield Section("Risk", (change.remedy.risk.value,))
    given = f"{len(change.approvers)} of {change.approvals_needed} given"
    yield Section(
        "Approvals", (given, *([f"by {people_names(change.approvers)}"] if change.approvers else [])), limit=300
    )
    if change.state is _S.REQUESTED:
        yield Section("Who may", (holders or "nobody at present",), limit=300)
    elif change.state in _ENDED and change.outcome:
        yield Section("What happened", (change.outcome,), limit=400, essential=True)
    else:
        yield Section("What came of it", ("the card says it",))


def _buttons(change: Change, tokens: Mapping[str, str]) -> tuple[Element, ...]:
    title = one_line(change.remedy.title, 120)
    where = one_line(f"{change.remedy.target} in {change.namespace} of {change.cluster}", 120)
    style = "danger" if change.remedy.risk is Risk.HIGH else "primary"  # of the last question, not of the button
    asked = confirmation("Approve it?", f"“{title}” is then done to {where}, in your name.", "Approve", style=style)
    return (
        button(APPROVE, "Approve", tokens[APPROVE], spoken=f"Approve: {title}", style="primary", confirm=asked),
        button(DECLINE, "Decline", tokens[DECLINE], spoken=f"Decline: {title}"),
        button(REVIEW, "Look closer …", tokens[REVIEW], spoken=f"Preview: {label(change.remedy)}"),
    )
