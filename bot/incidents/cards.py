"""The diagnosis card: one screen on a phone that says what is broken, why, how we know, and what we could not see.

Called when a card is drawn. Pure: the same diagnosis and facts give the same card. It decides nothing about causes; the
order and the verdicts are the engine's. A gap is never left out: a verdict that hides one would be worth nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.domain.diagnosis import Diagnosis, Verdict
from bot.domain.places import place_words
from bot.incidents.card_facts import (
    CHECK_AGAIN,
    DETAILS,
    HELPFUL,
    MORE,
    MUTE,
    NOT_HELPFUL,
    NOT_THIS,
    RESOLVE,
    CardFacts,
    candidate,
)
from bot.incidents.card_model import CardModel, CardStatus, Element, Section, Timed, button, overflow
from bot.incidents.card_sections import VERDICT_WORDS, Telling, is_benign, sections_of
from bot.incidents.depth import ON_A_CARD, Depth
from bot.incidents.plain_text import one_line, spoken_duration

EVIDENCE = 3
"""Checks that speak for the next candidate."""
_MENU = (
    (NOT_THIS, "Not this cause"),
    (MUTE, "Mute…"),
    (RESOLVE, "Resolve"),
    (HELPFUL, "Helpful"),
    (NOT_HELPFUL, "Not helpful"),
)


@dataclass(frozen=True)
class CardExtras:
    """What somebody else adds to a card.

    buttons:  fix buttons, in their order; they get a row of their own, before all others
    withheld: why some fix has no button, as a sentence; empty: none is withheld
    sections: what has become of fixes, in their order; they stand before the cause
    offered:  ids of remedies that have a button: their commands are left to the details
    status:   what the card is about instead of the diagnosis' own, and the word for it: a fix that has worked
    below:    sections after everything that the diagnosis says
    more:     buttons in the last row, after the card's own
    """

    buttons: tuple[Element, ...] = ()
    withheld: str = ""
    sections: tuple[Section, ...] = ()
    offered: frozenset[str] = frozenset()
    status: tuple[CardStatus, str] | None = None
    below: tuple[Section, ...] = ()
    more: tuple[Element, ...] = ()

    def __add__(self, other: CardExtras) -> CardExtras:
        """Both, the other one's after these."""
        return CardExtras(
            buttons=self.buttons + other.buttons,
            withheld=" ".join(filter(None, (self.withheld, other.withheld))),
            sections=self.sections + other.sections,
            offered=self.offered | other.offered,
            status=self.status or other.status,
            below=self.below + other.below,
            more=self.more + other.more,
        )


def card(
    diagnosis: Diagnosis,
    facts: CardFacts | None = None,
    tokens: Mapping[str, str] | None = None,
    extras: CardExtras | None = None,
    depth: Depth = ON_A_CARD,
) -> CardModel:
    """The card of a diagnosis. `tokens` are those of its buttons, by kind; a button without one is left out."""
    facts, extras = facts or CardFacts(), extras or CardExtras()
    status, word = extras.status or _status(diagnosis, facts)
    return CardModel(
        status=status,
        word=word,
        headline=diagnosis.headline,
        context=_where_and_since(diagnosis),
        footer=_how_it_was_found(diagnosis, facts),
        at=diagnosis.collected_at,
        calls=facts.calls,
        sections=tuple(_sections(diagnosis, facts, extras, depth)),
        buttons=extras.buttons,
        more=_buttons(diagnosis, tokens or {}) + extras.more,
    )


def _status(diagnosis: Diagnosis, facts: CardFacts) -> tuple[CardStatus, str]:
    if facts.closed_by:
        return CardStatus.RESOLVED, ""
    if is_benign(diagnosis):
        return CardStatus.BENIGN, ""
    faults = sum(1 for cause in diagnosis.root_causes if not cause.benign and not cause.state)
    match diagnosis.verdict:
        case Verdict.FAULT_FOUND:
            return CardStatus.FAULT, f"{faults} faults found" if faults > 1 else ""
        case Verdict.RECOVERED:
            return CardStatus.RECOVERED, ""
        case Verdict.HEALTHY:
            return CardStatus.HEALTHY, ""
        case Verdict.INCONCLUSIVE:
            return CardStatus.INCONCLUSIVE, ""


def _where_and_since(diagnosis: Diagnosis) -> tuple[str | Timed, ...]:
    context: list[str | Timed] = [*place_words(diagnosis.app, diagnosis.namespace, diagnosis.cluster)]
    if diagnosis.since is not None and diagnosis.until is None:
        lasted = (diagnosis.collected_at - diagnosis.since).total_seconds()
        context.append(Timed("since", diagnosis.since, f" ({spoken_duration(lasted)})"))
    return tuple(context)


def _how_it_was_found(diagnosis: Diagnosis, facts: CardFacts) -> tuple[str | Timed, ...]:
    took = f" in {facts.seconds:.1f} s" if facts.seconds is not None else ""
    context: list[str | Timed] = [Timed("checked", diagnosis.collected_at, took)]
    if facts.asked_by:
        context.append(f"{'last asked' if facts.count > 1 else 'asked'} by {facts.asked_by}")
    elif facts.by_monitor:
        context.append("found by a monitor")
    if facts.count > 1:
        elsewhere = f", in {facts.places + 1} places" if facts.places else ""
        context.append(f"asked {facts.count} times{elsewhere}")
    return tuple(context)


def _sections(diagnosis: Diagnosis, facts: CardFacts, extras: CardExtras, depth: Depth) -> Iterator[Section]:
    if facts.step:
        yield Section("Checking again", (facts.step,), limit=160)
    if facts.note:
        yield Section("Last check", (facts.note,), limit=500, essential=True)
    if extras.status is None:
        yield from _closing(facts)
    yield from extras.sections
    yield from _rejected(diagnosis, facts)
    told = extras.status is not None and extras.status[0] is CardStatus.RECOVERED
    fixing = extras.status is not None and extras.status[0] is CardStatus.WORKING
    doubted = frozenset(cause for cause, _ in facts.rejected)
    offered = None if fixing else extras.offered
    yield from sections_of(diagnosis, Telling(facts.unread, offered, facts.said_by, told, doubted, depth))
    if facts.unkept:
        yield Section("And more", (f"{facts.unkept} further pasted errors were too many to list",))
    if extras.withheld:
        yield Section("No button for", (extras.withheld,), limit=300)
    yield from extras.below


def _closing(facts: CardFacts) -> Iterator[Section]:
    if facts.closed_at is None or facts.opened_at is None:
        return
    lasted = spoken_duration((facts.closed_at - facts.opened_at).total_seconds())
    if facts.closed_by:
        yield Section("Closed", (f"by {one_line(facts.closed_by, 60)} after {lasted}",))
    else:
        yield Section("Closed", (f"by itself: this was checked again after {lasted}",))


def _rejected(diagnosis: Diagnosis, facts: CardFacts) -> Iterator[Section]:
    """Who said "not this" of which cause, and what to look at next. The verdicts stay: they are the evidence's."""
    titles = {cause.id: cause.title for cause in diagnosis.causes} | {c.id: c.title for c in diagnosis.root_causes}
    said = [
        f"{one_line(by or 'somebody', 40)} says it is not: {one_line(titles[cause], 100)}"
        for cause, by in facts.rejected
        if cause in titles
    ]
    if not said:
        return
    yield Section("Doubted", tuple(said[-3:]), limit=180, bulleted=True)
    following = candidate(diagnosis, facts.rejected)
    if following is None:
        yield Section("Next candidate", ("none is left: the details list what was ruled out, and why",))
        return
    word = VERDICT_WORDS[following.verdict]
    checks = {check.id: check for check in diagnosis.checks}
    proof = [checks[one].summary for one in following.because if one in checks][:EVIDENCE]
    about = [checks[one] for one in (*following.separated_by, *following.because) if one in checks]
    settle = next((check.command for check in about if check.command), "")
    items = (f"{one_line(following.title, 120)} ({word})", *proof)
    yield Section("Next candidate", items, limit=200, bulleted=bool(proof), command=settle)


def _buttons(diagnosis: Diagnosis, tokens: Mapping[str, str]) -> tuple[Element, ...]:
    made: list[Element] = []
    if token := tokens.get(DETAILS):
        spoken = f"All checks of {diagnosis.app} in {diagnosis.namespace}"
        made.append(button(DETAILS, "Details", token, spoken=spoken))
    if token := tokens.get(CHECK_AGAIN):
        made.append(check_again_button(diagnosis.app, token))
    if menu := [(label, tokens[kind]) for kind, label in _MENU if kind in tokens]:
        made.append(overflow(MORE, menu))
    return tuple(made)


def check_again_button(app: str, token: str) -> Element:
    """The button that runs the same question again and replaces the card."""
    return button(CHECK_AGAIN, "Check again", token, spoken=f"Check {app} again")
