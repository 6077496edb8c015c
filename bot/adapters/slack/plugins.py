"""Several plugins as one. Used by whoever wires the bot: `Options(plugin=Plugins(ChangePlugin(…), WordingPlugin(…)))`.

The first one's buttons and sections come first. Two plugins that want the same kind of button are a mistake of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from bot.adapters.slack.board import CardExtension
from bot.adapters.slack.cards import CardExtras
from bot.adapters.slack.plugin import Plugin
from bot.adapters.slack.presses import PressKind, SubmissionHandler
from bot.adapters.slack.services import Services
from bot.adapters.slack.unmatched import Unmatched
from bot.domain.diagnosis import Diagnosis
from bot.domain.incidents import Incident

_Kind = TypeVar("_Kind")


class Plugins(Plugin):
    """Hands everything on to its parts, in their order."""

    def __init__(self, *parts: Plugin) -> None:
        self._parts = parts
        self.extension: CardExtension = _Together(parts)

    def kinds(self, services: Services) -> Mapping[str, PressKind]:
        """See `Plugin`."""
        return _merged(part.kinds(services) for part in self._parts)

    def submissions(self, services: Services) -> Mapping[str, SubmissionHandler]:
        """See `Plugin`."""
        return _merged(part.submissions(services) for part in self._parts)

    def unmatched(self, found: Unmatched) -> None:
        """See `Plugin`."""
        for part in self._parts:
            part.unmatched(found)

    def tick(self) -> None:
        """See `Plugin`."""
        for part in self._parts:
            part.tick()

    def close(self, timeout: float) -> None:
        """See `Plugin`. The time is for all of them together."""
        for part in self._parts:
            part.close(timeout / len(self._parts))


class _Together:
    """What all of them add to a card."""

    def __init__(self, parts: Iterable[Plugin]) -> None:
        self._parts = tuple(parts)

    def extras(self, incident: Incident, diagnosis: Diagnosis) -> CardExtras:
        """See `CardExtension`."""
        return sum((part.extension.extras(incident, diagnosis) for part in self._parts), CardExtras())


def _merged(found: Iterable[Mapping[str, _Kind]]) -> dict[str, _Kind]:
    together: dict[str, _Kind] = {}
    for some in found:
        if twice := together.keys() & some.keys():
            raise ValueError(f"two plugins answer the same: {', '.join(sorted(twice))}")
        together.update(some)
    return together
