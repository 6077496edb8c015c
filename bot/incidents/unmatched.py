"""A message to the bot in which no rule found anything, after it was answered so: what may be added to that answer.

Made by `posts`, handed to the suggestions of a language model. Pure data. The text is raw: it may hold
secrets, and is kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.incidents.ports import Target
from bot.incidents.questions.origin import QuestionOrigin


@dataclass(frozen=True)
class Unmatched:
    """Who asked and where, the whole text that was looked at, what could not be read, and the answer that stands."""

    asked: QuestionOrigin
    text: str
    unread: tuple[str, ...]
    answer: Target
