"""What a model took part in, as text and as JSON: for the command line, `doctor` and cards. Pure."""

from __future__ import annotations

import textwrap
from typing import Any

from bot.diagnosis.text_report import safe
from bot.narration.ports import Spending
from bot.narration.service import Explanation, Participation, Wording

NO_MODEL = "No language model is configured: nothing is sent to one."


def explanation_json(explanation: Explanation | None) -> dict[str, Any] | None:
    """An explanation for `-o json`, under a key of its own beside the diagnosis; null where nothing is shown."""
    if explanation is None or not explanation.sentences:
        return None
    return {
        "sentences": [
            {"text": one.text, "checks": list(one.checks), **({"translates": one.translates} if one.translates else {})}
            for one in explanation.sentences
        ],
        "dropped": len(explanation.dropped),
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
    if explanation.sentences:
        lines = ["In plain words:"]
        for one in explanation.sentences:
            beside = f" (translates: {safe(one.translates)})" if one.translates else ""
            lines += _wrapped(f"{safe(one.text)} [{', '.join(one.checks)}]{beside}", width)
        lines.append(f"  ({safe(took_part.label())})")
    else:
        lines = [f"In the program's own words (no explanation: {explanation.why_nothing()}):"]
        for text in explanation.statements:
            lines += _wrapped(safe(text), width)
    if show_sent:
        lines += ["", f"Sent to {safe(took_part.model)} at {safe(took_part.endpoint)}, redacted:"]
        lines.append(textwrap.indent(safe(took_part.sent), "  "))
        lines += ["", f"Answered by {safe(took_part.model)}, which nobody has checked:"]
        lines.append(textwrap.indent(safe(took_part.answer) or "nothing", "  "))
        if explanation.dropped:
            lines += ["", f"Not shown of it ({len(explanation.dropped)}):"]
            for gone in explanation.dropped:
                lines += _wrapped(f"{safe(gone.text)} ({safe(gone.why)})", width)
    return "\n".join(lines)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="  ", break_long_words=False)


def model_status(wording: Wording | None, spent: Spending | None = None) -> str:
    """One sentence for `doctor` and App Home: which model words things, or that none does."""
    if wording is None:
        return NO_MODEL
    cost = f" Today it has used {spent.tokens} tokens." if spent is not None else ""
    return f"{wording.model} words things when it is asked to; it decides nothing.{cost}"
