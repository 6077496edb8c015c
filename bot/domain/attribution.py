"""Whose error it is: a verdict of its own about a paste, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Owner(StrEnum):
    """`ours`: the text is of the app that the symptom is about. `maybe`: it could be; nothing says so. `foreign`: of
    another program. Only what is ours may be explained by the app's state.
    """

    OURS = "ours"
    MAYBE = "maybe"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose error a symptom is. `evidence` are short sentences for a person: which line, which name, which mark.

    `claimed`: only a person or a setting says that it is ours, nothing in the text does.
    """

    owner: Owner = Owner.OURS
    evidence: tuple[str, ...] = ()
    claimed: bool = False


OURS = Attribution()
"""Of the app, for a symptom that did not come from a paste."""
