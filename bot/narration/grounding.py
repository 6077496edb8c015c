"""What a model's sentence looks like, and the first look at it: that it holds nothing a reader might act on. Pure.

Whether it says what the evidence says is `entailment/carried.py`'s to judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

LONGEST_SENTENCE = 400

_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_LINK = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|slack:)[^\s>|)\]]*")
_MENTION = re.compile(r"(?i)<[!@#]|@(?:channel|here|everyone|all)\b|<\S*\|")
_COMMAND = re.compile(r"(?i)(?:^|[\s`$])(?:kubectl|helm|oc|curl|wget|bash|sh|sudo|rm|docker|psql|/triage)\s+[-\w/]")
_INSIDE = re.compile(r"\[((?:s\d+|[a-z][\w-]*\.[\w-]+)(?:,\s*(?:s\d+|[a-z][\w-]*\.[\w-]+))*)\]")
_BLANKS = re.compile(r"\s+")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


class _Loose(BaseModel):
    """What a model may send: extra fields are ignored, wrong types refused."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Claimed(_Loose):
    """A sentence as the model wrote it, with the ids it cites: of statements, as it was asked, or of checks."""

    text: str
    statements: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _cites(self) -> Claimed:
        if not {"statements", "checks"} & self.model_fields_set:
            raise ValueError("cites nothing")
        return self

    def ids(self) -> tuple[str, ...]:
        """All ids that it cites, each once; those that stand in brackets in the text count too."""
        inside = [one for group in _INSIDE.findall(self.text) for one in re.split(r"[,\s]+", group.strip()) if one]
        return tuple(dict.fromkeys((*self.statements, *self.checks, *inside)))


class ClaimedSentences(_Loose):
    """A model's answer to a question for sentences."""

    sentences: Annotated[tuple[Claimed, ...], Field(max_length=20_000)]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may be shown, and the ids of statements and checks that it cites. Its text is untrusted: escape
    it like a log line. `translates` holds the engine's own words where the sentence is in another language.
    """

    text: str
    checks: tuple[str, ...]
    translates: str = ""


def is_harmless(text: str, given: str) -> bool:
    """Whether a text brings nothing of its own that a reader might act on: numbers, links, mentions, commands."""
    if _MENTION.search(text) or _COMMAND.search(text):
        return False
    if any(link.rstrip(".,;:!?") not in given for link in _LINK.findall(text)):
        return False
    numbers = set(_NUMBER.findall(given))
    return all(number in numbers or len(number) == 1 for number in _NUMBER.findall(text))


def tidy(text: str, limit: int = LONGEST_SENTENCE) -> str:
    """The text on one line, without control and direction characters, cut at `limit`."""
    flat = _BLANKS.sub(" ", _CONTROL.sub("", text)).strip()
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"
