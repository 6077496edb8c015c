"""Which channels are watched, and which apps a channel is bound to: `C0123456789=onyx/onyx-prod+shop`, `#ops`.

What is pasted in a channel that is bound to an app is that app's, unless the text says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

CHANNEL_ID = re.compile(r"^[CG][A-Z0-9]{6,}$")


@dataclass(frozen=True, slots=True)
class ChannelApp:
    """An app that a channel is bound to, and where it runs, if that is said."""

    app: str
    namespace: str | None = None


class Bindings:
    """The setting `channels`, read. `name_of` gives a channel's name by its id."""

    def __init__(self, said: Sequence[str], name_of: Callable[[str], str | None]) -> None:
        self._bound: dict[str, tuple[ChannelApp, ...]] = {}
        self._name_of = name_of
        for entry in said:
            channel, _, apps = entry.partition("=")
            parts = (word.strip().partition("/") for word in apps.split("+") if word.strip())
            self._bound[channel.strip().lstrip("#")] = tuple(ChannelApp(app, place or None) for app, _, place in parts)
        self.channels = frozenset(self._bound)

    def of(self, channel: str) -> tuple[ChannelApp, ...]:
        """What a channel, by its id, is bound to."""
        if channel in self._bound:
            return self._bound[channel]
        named = any(bound and not CHANNEL_ID.match(name) for name, bound in self._bound.items())
        return self._bound.get(self._name_of(channel) or "", ()) if named else ()

    def namespace(self, channel: str, app: str) -> str | None:
        """Where an app runs, for this channel."""
        return next((bound.namespace for bound in self.of(channel) if bound.app == app), None)
