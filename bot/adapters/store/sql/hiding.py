"""What of a kept value may hold a secret, and hiding it: every repository writes through this.

`Database` holds one `Hiding` for all of them. Free texts (what errors said, what people typed) pass the redaction
boundary; ids, digests, times, and what decides or is sent to a cluster stay as they are: a changed one would be wrong.
A test names the fields that stay, and fails for one that is neither among them nor here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from bot.adapters.store.sql.encoding import plain
from bot.domain.changes import Change, Frozen
from bot.domain.incidents import Button, Incident, PendingRequest
from bot.domain.remedies import Remedy
from bot.monitors.state import Finding
from bot.redaction import Boundary

Value = TypeVar("Value", bound=Frozen)


class Free(StrEnum):
    """How a field is free."""

    TEXT = "text"
    NAMED = "named"
    """A document whose keys may announce secrets: `{"password": …}`."""
    TEXTS = "texts"
    """A document of ours, whose keys announce nothing; addresses that must be called again stay."""
    REMEDY = "remedy"
    """Its words; the steps are what is sent, and no step that holds a secret comes this far: writers refuse it."""


FREE: Mapping[type[Frozen], Mapping[str, Free]] = {
    Change: {"outcome": Free.TEXT, "details": Free.NAMED, "remedy": Free.REMEDY},
    Incident: {"title": Free.TEXT, "request": Free.TEXTS, "diagnosis": Free.TEXTS, "card": Free.TEXTS},
    PendingRequest: {"place": Free.TEXTS, "request": Free.TEXTS},
    Button: {"payload": Free.TEXTS},
    Finding: {"title": Free.TEXT},
}
"""Fields that pass the boundary. All others are kept to the letter."""


class Hiding:
    """The boundary as repositories use it. Safe to use from several threads."""

    def __init__(self, boundary: Boundary) -> None:
        self.boundary = boundary

    def text(self, text: str) -> str:
        """A free text, as it may be kept."""
        return plain(self.boundary.text(text))

    def named(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A document with what its keys announce and its texts hold hidden."""
        hidden: dict[str, Any] = self.boundary.json(document)
        return hidden

    def value(self, value: Value, fields: Collection[str] | None = None) -> Value:
        """The value as it may be kept; with `fields`, only these are looked at, as the others were kept before."""
        free = {name: how for name, how in FREE[type(value)].items() if fields is None or name in fields}
        old = {name: getattr(value, name) for name in free}
        new = {name: self._hidden(how, old[name]) for name, how in free.items() if old[name]}
        changed = {name: content for name, content in new.items() if content != old[name]}
        return value.model_copy(update=changed) if changed else value

    def _hidden(self, how: Free, content: Any) -> Any:
        match how:
            case Free.TEXT:
                return self.boundary.text(content)
            case Free.NAMED:
                return self.boundary.json(content)
            case Free.TEXTS:
                return self.boundary.texts(content)
            case Free.REMEDY:
                return self._remedy(content)

    def _remedy(self, remedy: Remedy) -> Remedy:
        hide = self.boundary.text
        return replace(remedy, title=hide(remedy.title), command=hide(remedy.command), note=hide(remedy.note))
