"""What the Home tab says of the bot itself: its monitors, and the doctor's summary.

Asked whenever somebody opens the tab, so the doctor's answer is remembered for some minutes. Slack is not among its
checks: who reads the tab sees that it works.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from bot.adapters.slack.render.home_facts import NoFacts
from bot.bootstrap.core import Core, utc_now
from bot.bootstrap.doctor import Doctor
from bot.bootstrap.schedule import boot_seconds
from bot.monitors.listing import monitor_sentences
from bot.monitors.loader import MonitorSet
from bot.runtime.doctor import examine, summary

REMEMBERED_SECONDS = 300.0
"""The doctor takes a second or two: it asks every cluster."""
_NOT_HERE = ("slack", "socket mode")


class HomeOfBot(NoFacts):
    """Implements `HomeFacts` as far as it is about the bot; who may do what is told by others."""

    def __init__(self, core: Core, monitors: Callable[[], MonitorSet]) -> None:
        self._core = core
        self._monitors = monitors
        self._doctor = Doctor(core.settings, utc_now, boundary=core.boundary)
        self._lock = threading.Lock()
        self._known: tuple[float, tuple[str, ...]] | None = None

    def monitors(self) -> Sequence[str]:
        """Each monitor with its state, as a sentence."""
        monitors, findings = self._monitors(), self._core.store.findings
        found = [item for name in monitors.monitors for item in findings.of_monitor(name)]
        return monitor_sentences(monitors, found, utc_now())

    def health(self) -> Sequence[str]:
        """The doctor's summary."""
        with self._lock:
            now = boot_seconds()
            if self._known is None or now - self._known[0] > REMEMBERED_SECONDS:
                checks = {name: check for name, check in self._doctor.checks().items() if name not in _NOT_HERE}
                self._known = now, summary(examine(checks, self._core.boundary))
            return self._known[1]
