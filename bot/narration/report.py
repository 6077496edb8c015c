"""What a model took part in, as text and as JSON: for the command line, `doctor` and cards. Pure."""

from __future__ import annotations

import textwrap
from typing import Any

from bot.diagnosis.text_report import safe
from bot.narration.ports import Spending
from bot.narration.service import Explanation, Participation, Wording

NO_MODEL = "No language model is configured: nothing is sent to one."


def explanation_json(explanation: Explanation | None) -> dict[str, Any] | None:
    """An explanation for `-o json`, under a key of its own beside the diagnosis."""
    if explanation is None:
        return None
    return {
        "sentences": [{"text": one.text, "checks": list(one.checks)} for one in explanation.sentences],
        **participation_json(explanation.participation),
    }


def participation_json(took_part: Participation) -> dict[str, Any]:
    """Which model took part and what it was sent."""
    return {
        "model": took_part.model,
        "endpoint": took_part.endpoint,
        "sent": took_part.sent,
        "tokens": {"in": took_part.tokens_in, "out": took_part.tokens_out},
    }


def explanation_text(explanation: Explanation, *, show_sent: bool = False, width: int = 110) -> str:
    """An explanation for a terminal: below the diagnosis, labelled."""
    took_part = explanation.participation
    lines = ["In plain words:"]
    for one in explanation.sentences:
        said = f"{safe(one.text)} [{', '.join(one.checks)}]"
        lines += textwrap.wrap(said, width, initial_indent="  ", subsequent_indent="  ", break_long_words=False)
    lines.append(f"  ({safe(took_part.label())})")
    if show_sent:
        lines += ["", f"Sent to {safe(took_part.model)} at {safe(took_part.endpoint)}, redacted:"]
        lines.append(textwrap.indent(safe(took_part.sent), "  "))
    return "\n".join(lines)


def model_status(wording: Wording | None, spent: Spending | None = None) -> str:
    """One sentence for `doctor` and App Home: which model words things, or that none does."""
    if wording is None:
        return NO_MODEL
    cost = f" Today it has used {spent.tokens} tokens." if spent is not None else ""
    return f"{wording.model} words things when it is asked to; it decides nothing.{cost}"
