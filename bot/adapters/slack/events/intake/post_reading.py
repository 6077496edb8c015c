"""What was found in a post: made and read by `posts`. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.attribution import Owner
from bot.domain.errors import PasteRejected
from bot.domain.symptoms import NOTHING_SAID, PasteReading, Symptom


@dataclass(frozen=True)
class PostReading:
    """What a post says, sentences about what could not be read, and why nothing of it could be, if so.

    `text` is where it was looked for.
    """

    reading: PasteReading = NOTHING_SAID
    unread: tuple[str, ...] = ()
    problem: PasteRejected | None = None
    text: str = ""

    @property
    def symptoms(self) -> tuple[Symptom, ...]:
        """Those that are an app's for certain: only they are answered unasked."""
        return tuple(one for one in self.reading.symptoms if one.attribution.owner is Owner.OURS)

    @property
    def says_something(self) -> bool:
        """Failed calls, or objects that are not well: a log, not a sentence."""
        return bool(self.reading.calls or self.reading.meanings) or any(
            item.in_trouble for item in self.reading.mentions
        )

    @property
    def doubtful(self) -> tuple[Symptom, ...]:
        """Those that could be an app's."""
        return tuple(one for one in self.reading.symptoms if one.attribution.owner is Owner.MAYBE)
