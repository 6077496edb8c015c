"""Failed calls for a person: how far each call got, rung by rung. Used by the text report and by cards."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.calls import RUNGS, CallFailure, FailedCall, Rung
from bot.engine.calls.words import HOW

_RUNG_WORDS = {
    Rung.NAME: "name",
    Rung.WAY: "way",
    Rung.PORT: "port",
    Rung.TLS: "TLS",
    Rung.PROTOCOL: "protocol",
    Rung.ANSWER: "answer",
    Rung.STATUS: "status",
    Rung.MEANING: "meaning",
}


def how(call: FailedCall) -> str:
    """How a call failed, in a few words: `refused`; with its doubt where the text leaves one."""
    if call.is_vague:
        return "a call failed; the text does not say how"
    words = f"{HOW[call.kind]} ({call.status})" if call.kind is CallFailure.HTTP_STATUS else HOW[call.kind]
    doubts = list(dict.fromkeys(HOW[kind] for kind in call.also))
    return f"{words} (or: {', '.join(doubts)})" if doubts else words


def rungs(call: FailedCall) -> str:
    """The ladder in one line: `✓ name ✓ way ✗ port`. `?` stands for what the text leaves open."""
    lowest = call.rung.height
    highest = max(RUNGS[kind].height for kind in call.kinds)
    marks: list[str] = []
    for rung in Rung:
        if rung.height > highest:
            break
        if rung is Rung.TLS and lowest != rung.height != highest:
            continue  # nothing in the text says whether the call was to be encrypted
        if rung.height < lowest:
            marks.append(f"✓ {_RUNG_WORDS[rung]}")
        else:
            marks.append(f"{'✗' if lowest == highest else '?'} {_RUNG_WORDS[rung]}")
    return "  ".join(marks)


def calls_text(calls: Iterable[FailedCall]) -> list[str]:
    """Failed calls as lines of text: where to, how, how often, and the rungs."""
    lines: list[str] = []
    for call in calls:
        to = call.target or "a destination not named"
        address = f" [{call.address}]" if call.address and call.address != call.host else ""
        by = f", {call.client}" if call.client else ""
        lines.append(f"  {to}{address}  ×{call.count}  {how(call)}{by}")
        if not call.is_vague:
            lines.append(f"    {rungs(call)}")
        lines.append(f"  {call.line_number:>6}: {call.line}")
    return lines
