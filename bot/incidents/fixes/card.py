"""What fixes add to the card of an incident: their buttons, why some have none, and what has become of those pressed.

Called by `follow` each time a card is drawn. Pure: tokens are made by the function it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.changes.undoing import DONE, can_be_undone
from bot.domain.changes import Change, ChangeState
from bot.domain.diagnosis import Diagnosis, Verdict
from bot.domain.incidents import Incident, IncidentState
from bot.domain.remedies import Risk
from bot.incidents.card_model import CardStatus, Element, Section, button, confirmation, overflow
from bot.incidents.card_state import state_of
from bot.incidents.cards import CardExtras
from bot.incidents.fixes.fix_state import FixState, kept_of
from bot.incidents.fixes.words import approvals_words, label, state_words, who
from bot.incidents.plain_text import one_line, spoken_time

LOOK = "change_look"
UNDO = "change_undo"
MORE = "change_more"
BUTTONS = 3
"""Fix buttons on a card; if there are more, two, and the rest in a menu."""
MENU = 5
SHOWN = 3
"""Changes whose course a card shows, the newest ones."""

_S = ChangeState
_OFFERED = frozenset({_S.OFFERED, _S.PREVIEWED})
_WRITING = frozenset({_S.CLAIMED, _S.APPLIED})
_RUNNING = _WRITING | {_S.VERIFYING}

Issue = Callable[[str, Mapping[str, Any]], str]
"""Makes the token of a button: its kind, and what it is about."""


def extras_of(
    incident: Incident, diagnosis: Diagnosis, changes: Sequence[Change], now: datetime, issue: Issue
) -> CardExtras:
    """Everything that is added to this card."""
    kept, pressed = kept_of(incident), [change for change in changes if change.requester is not None]
    doubted = frozenset(cause for cause, _ in state_of(incident).set_aside)
    offered = _in_order([one for one in changes if one.state in _OFFERED and one.expires_at > now], diagnosis, doubted)
    first = _remedies_of(diagnosis, doubted)
    is_open = incident.state is IncidentState.OPEN
    busy = any(change.state in _WRITING for change in changes)
    buttons = _offers(offered, pressed, issue, first) if is_open and not busy else ()
    return CardExtras(
        buttons=(*buttons, *_undo(pressed, issue)),
        withheld=_withheld(kept, changes, offered, now) if is_open else "",
        sections=tuple(_sections(pressed, diagnosis.headline)),
        offered=frozenset(change.remedy.id for change in (*(offered if buttons else ()), *_in_hand(pressed))),
        status=_status(incident, diagnosis, pressed),
    )


def _in_order(offered: Sequence[Change], diagnosis: Diagnosis, doubted: frozenset[str]) -> list[Change]:
    """As the diagnosis names them: the fix that fits best comes first, that of a doubted cause last."""
    causes = sorted(diagnosis.root_causes, key=lambda cause: cause.id in doubted)
    named = [(remedy.id, remedy.target) for cause in causes for remedy in cause.remedies]
    place = {one: number for number, one in reversed(list(enumerate(named)))}
    return sorted(offered, key=lambda change: place.get((change.remedy.id, change.remedy.target), len(named)))


def _remedies_of(diagnosis: Diagnosis, doubted: frozenset[str]) -> frozenset[str]:
    """What fixes a cause that nobody doubts, by id."""
    causes = [cause for cause in diagnosis.root_causes if cause.id not in doubted]
    return frozenset(remedy.id for cause in causes for remedy in cause.remedies)


def _in_hand(pressed: Sequence[Change]) -> list[Change]:
    return [change for change in pressed if change.state in (*_RUNNING, _S.REQUESTED, _S.APPROVED)]


def _offers(
    offered: Sequence[Change], pressed: Sequence[Change], issue: Issue, undoubted: frozenset[str]
) -> tuple[Element, ...]:
    """The first one stands out, unless a change is under way already or its cause is doubted."""
    prominent = not _in_hand(pressed) and bool(offered) and offered[0].remedy.id in undoubted
    most = len(offered) if len(offered) <= BUTTONS else BUTTONS - 1
    made = [_offer(change, number, issue, prominent=prominent) for number, change in enumerate(offered[:most])]
    rest = [(label(change.remedy), _token(change, issue)) for change in offered[most : most + MENU]]
    return (*made, overflow(MORE, rest)) if rest else tuple(made)


def _offer(change: Change, number: int, issue: Issue, *, prominent: bool) -> Element:
    style = "danger" if change.remedy.risk is Risk.HIGH else "primary" if prominent and number == 0 else ""
    spoken = f"Preview: {change.remedy.title}"
    return button(f"{LOOK}_{number}", label(change.remedy), _token(change, issue), spoken=spoken, style=style)


def _token(change: Change, issue: Issue) -> str:
    return issue(LOOK, {"change": change.id})


def _undo(pressed: Sequence[Change], issue: Issue) -> Iterator[Element]:
    """For the newest change that was made, if it can be taken back and nothing else is under way."""
    newest = pressed[-1] if pressed else None
    made = [change for change in pressed if change.state in DONE and not change.undoes]
    if newest is None or newest.state in _RUNNING or not made or not can_be_undone(made[-1]):
        return
    change = made[-1]
    where = f"{change.remedy.target} in {change.namespace} of {change.cluster}"
    asked = confirmation(
        "Take it back?",
        f"“{one_line(change.remedy.title, 120)}”: the fields of {one_line(where, 120)} become what they were before.",
        "Undo",
        style="danger",
    )
    token = issue(UNDO, {"change": change.id})
    yield button(UNDO, "Undo", token, spoken=f"Undo: {change.remedy.title}", confirm=asked)


def _sections(pressed: Sequence[Change], headline: str) -> Iterator[Section]:
    for change in pressed[-SHOWN:]:
        items = [one_line(change.remedy.title, 120), who(change)]
        if change.state in (_S.REQUESTED, _S.APPROVED) and change.approvals_needed:
            given = f"{len(change.approvers)} of {change.approvals_needed} approvals"
            items += [f"{given}, until {spoken_time(change.expires_at, with_date=False)}", "see the thread"]
        elif change.outcome:
            items.append(_said_once(change.outcome, state_words(change), headline))
        if change.state is _S.VERIFYING and change.verify_until is not None:
            items.append(f"looks until {spoken_time(change.verify_until, with_date=False)} at the latest")
        yield Section(state_words(change), tuple(items), limit=600, bulleted=True, essential=True)


def _said_once(outcome: str, label: str, headline: str) -> str:
    """The outcome without the word that stands before it as the label, and without what the card's headline says."""
    outcome = outcome.removesuffix(f" Now: {headline.rstrip('.')}.")
    for start in (f"{word}{sign} " for word in (label, "Fixed") for sign in (".", ":")):
        if outcome.startswith(start):
            rest = outcome[len(start) :]
            return rest[:1].upper() + rest[1:]
    return outcome


def _withheld(kept: FixState, changes: Sequence[Change], offered: Sequence[Change], now: datetime) -> str:
    """One sentence for each reason, with what it is about."""
    by_reason: dict[str, list[str]] = {}
    for title, reason in kept.withheld:
        by_reason.setdefault(reason, []).append(one_line(title, 60))
    said = [f"{'; '.join(titles)}: {reason}" for reason, titles in by_reason.items()]
    late = [change for change in changes if change.requester is None and _is_late(change, now)]
    if late and not offered and not kept.withheld and late[-1] is changes[-1]:
        said.append(f"{one_line(late[-1].remedy.title, 80)}: the offer has expired. Check again to get a new one.")
    return " ".join(said)


def _is_late(change: Change, now: datetime) -> bool:
    return change.state is _S.EXPIRED or (change.state in _OFFERED and change.expires_at <= now)


def _status(incident: Incident, diagnosis: Diagnosis, pressed: Sequence[Change]) -> tuple[CardStatus, str] | None:
    """Green after a fix that the newest diagnosis bears out, and something of its own while one is under way."""
    newest = pressed[-1] if pressed else None
    if newest is None:
        return None
    if newest.state in _RUNNING:
        return CardStatus.WORKING, "Being taken back" if newest.undoes else "Being fixed"
    well = diagnosis.verdict in (Verdict.HEALTHY, Verdict.RECOVERED)
    if newest.state is _S.FIXED and not newest.undoes and well and incident.state is IncidentState.RESOLVED:
        return CardStatus.RECOVERED, "Fixed"
    return None


def waiting_words(change: Change) -> str:
    """A request in one sentence: for the Home tab."""
    where = f"{change.app} in {change.namespace} of {change.cluster}"
    return f"{one_line(change.remedy.title, 120)} ({where}), {who(change)}; {approvals_words(change)}"
