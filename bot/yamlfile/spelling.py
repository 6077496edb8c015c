"""Guesses what an author meant by a name that does not exist. Used wherever a message names something unknown."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like this one, if one looks like it at all."""
    found = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return found[0] if found else None


def unknown(what: str, name: str, known: Iterable[str], limit: int = 12) -> str:
    """A sentence about an unknown name: the one probably meant, else all there are, if they are few."""
    names = sorted(set(known))
    meant = nearest(name, names)
    if meant is not None:
        return f"unknown {what} `{name}`; did you mean `{meant}`?"
    if not names:
        return f"unknown {what} `{name}`; there is none here"
    if len(names) <= limit:
        return f"unknown {what} `{name}`; there is " + listed(names)
    return f"unknown {what} `{name}`"


def listed(names: Iterable[str], last: str = "and") -> str:
    """Names in a row, each in backticks: `a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def short(value: object, limit: int = 60) -> str:
    """A value as it may stand in a sentence: on one line, and not too long."""
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
