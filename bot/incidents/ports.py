"""What incidents need from outside: a queue that shows messages, somewhere to answer, a directory of people.

Implemented by the chat adapter; everything in this package talks to these.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.changes.policy.model import Holder
from bot.domain.errors import ChatError
from bot.incidents.card_model import CardModel

_log = logging.getLogger(__name__)


def new_id() -> str:
    """A name that nobody can guess: 128 bits."""
    return secrets.token_urlsafe(16)


def derived_id(name: str, about: str) -> str:
    """Always the same name for the same two; nobody can guess it who does not know the first."""
    return hashlib.sha256(f"{name} {about}".encode()).hexdigest()[:32]


@dataclass(eq=False)
class Target:
    """One message of ours, which need not be posted yet: then `ts` is empty.

    id:       of the question or incident that it shows; posted along, so that a post whose answer got lost is found
    source:   the message it is about, posted along as well
    doubtful: a post of it may have been sent whose answer nobody heard
    gone:     the `ts` of a post of it that takes no edit any more
    """

    channel: str
    thread_ts: str | None = None
    ts: str = ""
    id: str = field(default_factory=new_id)
    doubtful: bool = False
    source: str = ""
    gone: str = ""

    @property
    def marker(self) -> Mapping[str, str]:
        """What is posted along. Everybody in the workspace may read it."""
        return {"id": self.id, "source": self.source} if self.source else {"id": self.id}


class Content(Protocol):
    """What a message should say. Asked for at the last moment, so that what is sent is the newest."""

    def message(self) -> CardModel | None:
        """The message; None when there is nothing to be sent after all. May raise `TriageError`: asked again later."""

    def shown(self, target: Target) -> None:
        """It stands there."""

    def refused(self, target: Target, error: ChatError) -> None:
        """It will never be taken."""


@dataclass(frozen=True)
class Fixed:
    """A message that does not change until it is sent."""

    said: CardModel
    on_shown: Callable[[Target], None] = field(default=lambda _: None)
    on_refused: Callable[[Target, ChatError], None] = field(default=lambda _, error: _log.error("not shown: %s", error))

    def message(self) -> CardModel | None:
        """See `Content`."""
        return self.said

    def shown(self, target: Target) -> None:
        """See `Content`."""
        self.on_shown(target)

    def refused(self, target: Target, error: ChatError) -> None:
        """See `Content`."""
        self.on_refused(target, error)


class MessageQueue(Protocol):
    """Shows messages, as fast as the platform allows."""

    def show(self, target: Target, content: Content, *, final: bool) -> None:
        """Show this as soon as that is allowed. Returns at once."""

    def settle(self, target: Target, timeout: float) -> str:
        """Withdraw what waits for this message, wait for what is being sent; where it stands, or empty."""


class Answer(Protocol):
    """One answer while it takes shape."""

    def progress(self, message: CardModel) -> None:
        """Show what is being done now, if there is time for it."""

    def finish(self, message: CardModel) -> None:
        """Show the outcome."""

    def settle(self) -> str:
        """No progress comes any more. Where the answer stands, if it is a message that others see; else empty."""


class PeopleDirectory(Protocol):
    """Knows people by their ids."""

    def names(self, holders: Iterable[Holder]) -> str:
        """Holders by name, for a message in a channel: it pings nobody."""

    def members(self, holder: Holder) -> frozenset[str] | None:
        """Who is behind a holder that is no single person; None where that cannot be told."""


class Tell(Protocol):
    """Tells one person, in a channel."""

    def __call__(self, channel: str, user: str, said: CardModel, thread: str | None = None) -> None:
        """Never raises: what cannot be told is logged."""
