"""What a plain (unquoted) YAML value means.

Called by the YAML reader. Takes the values that every version of YAML reads alike; the others (`yes`, `010`, `1:30`,
dates) are refused, because an author and a reader would understand different things.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Surprise:
    """A plain value that is refused, and why."""

    message: str


_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}
_SWITCHES = frozenset({"yes", "no", "on", "off", "true", "false"})
_ODD_NUMBER = re.compile(
    r"""[-+]?(
        0[oO][0-7]+ | 0[xX][0-9a-fA-F_]+ | 0[bB][01_]+
      | [0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?     # 010 may be eight, 1_000 a thousand or a text
      | [0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?        # 1:30 may be ninety
      | \.([0-9][0-9_]*([eE][-+]?[0-9]+)?|inf|Inf|INF|nan|NaN|NAN)
    )\Z""",
    re.VERBOSE,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?\Z")
_MAX_DIGITS = 18


def plain_value(text: str, is_key: bool = False) -> str | int | float | bool | Surprise | None:
    """The value of a plain scalar, or why it is refused.

    A key may be a word such as `on`: keys are always texts, so nobody is misled.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    lower = text.lower()
    if lower in _SWITCHES:
        return text if is_key and lower not in ("true", "false") else _switch(text, lower)
    if lower == "null":
        return Surprise(f"write `null`, or put `{text}` in quotes if it is a text")
    if text[0] not in "+-.0123456789":
        return text
    return _number(text)


def _switch(text: str, lower: str) -> Surprise:
    meant = "true" if lower in ("yes", "on", "true") else "false"
    return Surprise(
        f"`{text}` is a text to some YAML readers and {meant} to others; write `{meant}`, or put it in quotes"
    )


def _number(text: str) -> str | int | float | Surprise:
    if _INTEGER.match(text):
        if len(text) > _MAX_DIGITS:
            return Surprise(f"`{text[:20]}…` is too long for a number; put it in quotes if it is a text")
        return int(text)
    if _FLOAT.match(text):
        number = float(text)
        return number if abs(number) != float("inf") else Surprise(f"`{text}` is too large for a number")
    if _ODD_NUMBER.match(text):
        return Surprise(
            f"YAML readers disagree about the number `{text}`; put it in quotes, or write it as a plain decimal"
        )
    if _DATE.match(text):
        return Surprise(f"`{text}` is a date to some YAML readers; put it in quotes")
    return text
