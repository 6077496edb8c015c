"""Keeps of a model's sentences what the evidence carries. Pure: sentences in, fewer sentences out.

A sentence stays only if it cites what exists, states no number that was not in what the model was given, and brings no
link, mention or command of its own. What is left is still only words: no caller reads a cause or a remedy from it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LONGEST_SENTENCE = 400
MOST_SENTENCES = 6

_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_LINK = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|slack:)[^\s>|)\]]*")
_MENTION = re.compile(r"(?i)<[!@#]|@(?:channel|here|everyone|all)\b|<\S*\|")
_COMMAND = re.compile(r"(?i)(?:^|[\s`$])(?:kubectl|helm|oc|curl|wget|bash|sh|sudo|rm|docker|psql|/triage)\s+[-\w/]")
_BLANKS = re.compile(r"\s+")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


class _Loose(BaseModel):
    """What a model may send: extra fields are ignored, wrong types refused."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Claimed(_Loose):
    """A sentence as the model wrote it, with the ids it cites."""

    text: str
    checks: tuple[str, ...]


class Claims(_Loose):
    """A model's answer to a question for sentences."""

    sentences: Annotated[tuple[Claimed, ...], Field(max_length=50)]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may be shown, and the checks that it cites. Its text is untrusted: escape it like a log line."""

    text: str
    checks: tuple[str, ...]


def grounded(claims: Iterable[Claimed], known: Collection[str], given: str) -> tuple[Sentence, ...]:
    """The sentences that cite only known ids, at least one, and say nothing that was not `given` to the model."""
    found: list[Sentence] = []
    for claim in claims:
        text = tidy(claim.text)
        cited = tuple(dict.fromkeys(claim.checks))
        if text and cited and all(name in known for name in cited) and is_harmless(text, given):
            found.append(Sentence(text, cited))
    return tuple(found[:MOST_SENTENCES])


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
