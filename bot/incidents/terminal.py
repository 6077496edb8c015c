"""Draws a card model for a terminal: what the command line prints is the card, told at length.

Called by the command line and at the start of the sandbox. Pure. Meaning never hangs on colour: every mark has its
word. Every string is cleaned of what could steer a terminal.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from bot.diagnosis.text_report import checks_text, safe, wrapped
from bot.domain.diagnosis import Cost, Diagnosis
from bot.incidents.card_facts import CardFacts
from bot.incidents.card_model import SEPARATOR, CardModel, CardStatus, Section, Timed
from bot.incidents.cards import card
from bot.incidents.depth import IN_A_TERMINAL
from bot.incidents.plain_text import spoken_time

_MARKS = {
    CardStatus.FAULT: "FAULT",
    CardStatus.BENIGN: "HARMLESS",
    CardStatus.RECOVERED: "OVER",
    CardStatus.HEALTHY: "HEALTHY",
    CardStatus.INCONCLUSIVE: "UNCLEAR",
}
_WIDEST_LABEL = 26


def diagnosis_text(diagnosis: Diagnosis, cost: Cost, *, every_check: bool = False, width: int = 110) -> str:
    """What `triage diagnose` prints: the card, then checks with their kubectl commands."""
    seconds = cost.seconds if cost.api_requests else None
    told = card(diagnosis, CardFacts(seconds=seconds), depth=IN_A_TERMINAL)
    source = f"{cost.api_requests} requests" if cost.api_requests else "from a snapshot"
    told = replace(told, footer=(*told.footer, source))
    return f"{terminal_text(told, width)}\n\n{checks_text(diagnosis, every_check=every_check, width=width)}"


def terminal_text(model: CardModel, width: int = 110) -> str:
    """The card without its buttons: a marked headline, small print, and a row for each section."""
    mark = _MARKS.get(model.status, model.status.word.upper())
    lines = [*wrapped(f"[{mark}] {model.headline}", width), *_small_print((*model.context, *model.footer), width), ""]
    column = min(_WIDEST_LABEL, max((len(section.label) for section in model.sections), default=0) + 2)
    for section in model.sections:
        lines += _rows(section, column, width)
    return "\n".join(lines).rstrip("\n")


def _small_print(parts: Sequence[str | Timed], width: int) -> list[str]:
    """Where, when and at what cost; lines end between two statements only."""
    whole = [safe(_print(part)).replace(" ", "\N{NO-BREAK SPACE}") for part in parts]
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in wrapped(SEPARATOR.join(whole), width)]


def _print(part: str | Timed) -> str:
    return f"{part.before} {spoken_time(part.when, with_date=True)}{part.after}" if isinstance(part, Timed) else part


def _rows(section: Section, column: int, width: int) -> list[str]:
    several = section.bulleted and len(section.items) > 1
    texts = [f"• {item}" for item in section.items] if several else [SEPARATOR.join(section.items)]
    lines: list[str] = []
    for number, text in enumerate(texts):
        label = f"{section.label:<{column}}" if number == 0 else " " * column
        lines += _row(label if label.endswith(" ") else f"{label}  ", text, column + 2 * several, width)
    return [*lines, f"{' ' * column}$ {safe(section.command)}"] if section.command else lines


def _row(label: str, text: str, indent: int, width: int) -> list[str]:
    return textwrap.wrap(
        safe(text),
        width,
        initial_indent=label,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [label.rstrip()]
