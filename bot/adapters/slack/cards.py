"""The diagnosis card: one screen on a phone that says what is broken, why, how we know, and what we could not see.

Called when a diagnosis is finished. Pure: the same diagnosis gives the same card. It decides nothing about causes; the
order and the verdicts are the engine's. A gap is never left out: a verdict that hides one would be worth nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.adapters.slack.blocks import Json, Message, button
from bot.adapters.slack.card_sections import is_benign, sections_of
from bot.adapters.slack.outline import Outline, Timed, Tone, render
from bot.adapters.slack.text import spoken_duration
from bot.domain.diagnosis import Diagnosis, Verdict

DETAILS = "card_details"
CHECK_AGAIN = "card_check_again"


@dataclass(frozen=True)
class CardButtons:
    """The opaque tokens behind the buttons of a card; no button where there is no token."""

    details: str = ""
    check_again: str = ""


def card(
    diagnosis: Diagnosis,
    *,
    asked_by: str = "",
    seconds: float | None = None,
    unread: Sequence[str] = (),
    buttons: CardButtons | None = None,
) -> Message:
    """The card of a diagnosis.

    asked_by: the person's name
    seconds:  how long the triage took
    unread:   sentences about attached files that could not be read, wholly or in part
    """
    tone, word = _tone(diagnosis)
    return render(
        Outline(
            tone=tone,
            word=word,
            headline=diagnosis.headline,
            prints=_small_print(diagnosis, asked_by, seconds),
            sections=tuple(sections_of(diagnosis, unread)),
            buttons=_buttons(diagnosis, buttons),
        )
    )


def _tone(diagnosis: Diagnosis) -> tuple[Tone, str]:
    if is_benign(diagnosis):
        return Tone.BENIGN, ""
    faults = sum(1 for cause in diagnosis.root_causes if not cause.benign and not cause.state)
    match diagnosis.verdict:
        case Verdict.FAULT_FOUND:
            return Tone.FAULT, f"{faults} faults found" if faults > 1 else ""
        case Verdict.RECOVERED:
            return Tone.RECOVERED, ""
        case Verdict.HEALTHY:
            return Tone.HEALTHY, ""
        case Verdict.INCONCLUSIVE:
            return Tone.INCONCLUSIVE, ""


def _small_print(diagnosis: Diagnosis, asked_by: str, seconds: float | None) -> tuple[str | Timed, ...]:
    prints: list[str | Timed] = [diagnosis.app, f"namespace {diagnosis.namespace}", f"cluster {diagnosis.cluster}"]
    if diagnosis.since is not None and diagnosis.verdict is not Verdict.RECOVERED:
        lasted = (diagnosis.collected_at - diagnosis.since).total_seconds()
        prints.append(Timed("since", diagnosis.since, f" ({spoken_duration(lasted)})"))
    prints.append(Timed("checked", diagnosis.collected_at, f" in {seconds:.1f} s" if seconds is not None else ""))
    if asked_by:
        prints.append(f"asked by {asked_by}")
    return tuple(prints)


def _buttons(diagnosis: Diagnosis, buttons: CardButtons | None) -> tuple[Json, ...]:
    if buttons is None:
        return ()
    made = []
    if buttons.details:
        spoken = f"All checks of {diagnosis.app} in {diagnosis.namespace}"
        made.append(button(DETAILS, "Details", buttons.details, spoken=spoken))
    if buttons.check_again:
        made.append(check_again_button(diagnosis.app, buttons.check_again))
    return tuple(made)


def check_again_button(app: str, token: str) -> Json:
    """The button that runs the same question again and replaces the card."""
    return button(CHECK_AGAIN, "Check again", token, spoken=f"Check {app} again")
