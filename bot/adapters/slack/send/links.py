"""Addresses of our messages, asked for once. Used wherever one message points at another."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

KEPT = 1_000


class Links:
    """Permalinks by channel and timestamp; they never change. `ask` raises `SlackError`."""

    def __init__(self, ask: Callable[[str, str], str]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], str] = OrderedDict()

    def get(self, channel: str, ts: str) -> str:
        """The address of a message. Raises `SlackError`."""
        with self._lock:
            known = self._known.get((channel, ts))
        if known is None:
            known = self._ask(channel, ts)
            with self._lock:
                self._known[channel, ts] = known
                while len(self._known) > KEPT:
                    self._known.popitem(last=False)
        return known
