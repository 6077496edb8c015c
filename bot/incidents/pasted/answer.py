"""The answer to one paste whose app has a card already: about this paste, and not about the card.

Explained by the open cause (and how), harmless, not explained (and what was looked at), or several of these. The truth
is the diagnosis that was made of this paste (`explained_by`). Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.diagnosis import Cause, Diagnosis, ExplainedSymptom
from bot.domain.incidents import Incident
from bot.domain.symptoms import Symptom
from bot.incidents.card_model import CardButton, CardModel, CardStatus, Section, link_button
from bot.incidents.card_sections import symptom_line
from bot.incidents.pasted.ledger import key_of
from bot.incidents.plain_text import one_line, spoken_duration, spoken_time

OPEN_CARD = "open_card"
"""Prefix of the action ids of buttons that only open a card."""
SHOWN = 4


@dataclass(frozen=True)
class PasteAnswer:
    """The symptoms of one paste, by what they come to; each with the cause that explains it, if one does."""

    explained: tuple[tuple[ExplainedSymptom, Cause], ...] = ()
    harmless: tuple[tuple[ExplainedSymptom, Cause], ...] = ()
    unexplained: tuple[ExplainedSymptom, ...] = ()

    @property
    def asked(self) -> bool:
        """Whether there was an error in it at all: else somebody only asked how things are."""
        return bool(self.explained or self.harmless or self.unexplained)


@dataclass(frozen=True)
class ExistingCard:
    """The card that is there: where it can be opened, whether it stands in the same thread, and since when nothing on
    it has changed."""

    incident: Incident
    link: str
    nearby: bool
    unchanged_since: datetime


def answer_of(diagnosis: Diagnosis, pasted: Sequence[Symptom]) -> PasteAnswer:
    """What the diagnosis says of the pasted symptoms; those that it found elsewhere (in logs) are not the paste's."""
    own = {key_of(symptom) for symptom in pasted}
    causes = {cause.id: cause for cause in (*diagnosis.causes, *diagnosis.root_causes)}
    explained, harmless, unexplained = [], [], []
    for item in (one for one in diagnosis.symptoms if key_of(one.symptom) in own):
        cause = causes.get(item.explained_by) if item.explained_by else None
        if cause is None:
            unexplained.append(item)
        elif cause.benign:
            harmless.append((item, cause))
        else:
            explained.append((item, _root(causes, cause)))
    return PasteAnswer(tuple(explained), tuple(harmless), tuple(unexplained))


def paste_message(answer: PasteAnswer, diagnosis: Diagnosis, known: ExistingCard, now: datetime) -> CardModel:
    """The short answer in the thread of the paste."""
    if not answer.asked:
        return _nothing_new(known, now)
    status, word, headline = _title(answer, diagnosis)
    sections = [*_explained(answer), *_harmless(answer), *_unexplained(answer, diagnosis), _open(known, answer)]
    return CardModel(status, headline, sections=tuple(sections), buttons=_buttons(known), word=word)


def _title(answer: PasteAnswer, diagnosis: Diagnosis) -> tuple[CardStatus, str, str]:
    if answer.explained and not answer.unexplained:
        return CardStatus.KNOWN, "", diagnosis.headline
    if answer.unexplained:
        some = "Part of this" if answer.explained or answer.harmless else "This"
        return CardStatus.INCONCLUSIVE, "Not explained", f"{some} is not explained by anything that is wrong now."
    _, cause = answer.harmless[0]
    return CardStatus.BENIGN, "", cause.sentence or cause.title


def _explained(answer: PasteAnswer) -> Iterator[Section]:
    if answer.explained:
        items = [f"{symptom_line(item.symptom)}: {cause.sentence or cause.title}" for item, cause in answer.explained]
        yield Section("Explained", _some(items), limit=260, bulleted=True)


def _harmless(answer: PasteAnswer) -> Iterator[Section]:
    if not answer.harmless:
        return
    items = [f"{symptom_line(item.symptom)}: {cause.sentence or cause.title}" for item, cause in answer.harmless]
    yield Section("Harmless", _some(items), limit=260, bulleted=True)
    remedies = {remedy.id: remedy for _, cause in answer.harmless for remedy in cause.remedies}
    for remedy in list(remedies.values())[:1]:
        yield Section("If you want it gone", (remedy.title,), limit=200, command=remedy.command)


def _unexplained(answer: PasteAnswer, diagnosis: Diagnosis) -> Iterator[Section]:
    if not answer.unexplained:
        return
    lines = [symptom_line(item.symptom) for item in answer.unexplained]
    yield Section("Not explained", _some(lines), limit=200, bulleted=True, essential=True)
    looked = f"{len(diagnosis.checks)} checks of {diagnosis.app} in {diagnosis.namespace}"
    right = f"; right: {', '.join(one_line(one, 60) for one in diagnosis.ruled_out[:3])}" if diagnosis.ruled_out else ""
    yield Section("I looked at", (f"{looked}{right}",), limit=300)
    if diagnosis.gaps:
        yield Section("Could not check", tuple(gap.sentence() for gap in diagnosis.gaps[:3]), limit=200, bulleted=True,
                      essential=True)  # fmt: skip


def _open(known: ExistingCard, answer: PasteAnswer) -> Section:
    title, since = one_line(known.incident.title, 160), spoken_time(known.incident.opened_at, with_date=True)
    if answer.explained and not answer.unexplained:
        where = "the card in this thread" if known.nearby else "one card collects everything about this cause"
        return Section("Known since", (f"{since}; {where} is up to date",), limit=200)
    where = "the card in this thread" if known.nearby else "its card"
    return Section("What is wrong now", (f"{title} (since {since}; {where} lists your paste as well)",), limit=320)


def _nothing_new(known: ExistingCard, now: datetime) -> CardModel:
    """Somebody asked how things are, and they are as they were."""
    ago = spoken_duration(max(0.0, (now - known.unchanged_since).total_seconds()))
    where = "The card in this thread is up to date." if known.nearby else "Its card is up to date."
    return CardModel(
        CardStatus.NOTED,
        known.incident.title,
        sections=(Section("Checked just now", (f"nothing has changed for {ago}; {where}",), limit=200),),
        buttons=_buttons(known),
        word="No change",
    )


def _buttons(known: ExistingCard) -> tuple[CardButton, ...]:
    if not known.link or known.nearby:
        return ()
    spoken = f"Open the card about {known.incident.app} in {known.incident.namespace}"
    return (link_button(OPEN_CARD, "Open the card", known.link, spoken=spoken),)


def _root(causes: dict[str, Cause], cause: Cause) -> Cause:
    """The end of the chain of explanations."""
    seen = set[str]()
    while cause.explained_by and cause.id not in seen and cause.explained_by in causes:
        seen.add(cause.id)
        cause = causes[cause.explained_by]
    return cause


def _some(items: list[str]) -> tuple[str, ...]:
    if len(items) <= SHOWN:
        return tuple(items)
    return (*items[: SHOWN - 1], f"and {len(items) - SHOWN + 1} more")
