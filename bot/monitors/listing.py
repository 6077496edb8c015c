"""The monitors and what they know, a sentence each: for App Home."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.monitors.digest import spoken
from bot.monitors.loader import MonitorSet
from bot.monitors.run import OWN_KEY, is_open
from bot.monitors.schema import Monitor
from bot.monitors.state import Finding, Phase


def monitor_sentences(monitors: MonitorSet, findings: Iterable[Finding], now: datetime) -> tuple[str, ...]:
    """One per monitor: what it watches, and what is open, suspected or does not work."""
    found = tuple(findings)
    return tuple(
        _sentence(monitor, [item for item in found if item.monitor == monitor.id], now)
        for monitor in monitors.monitors.values()
    )


def _sentence(monitor: Monitor, findings: list[Finding], now: datetime) -> str:
    place = f"{monitor.namespace}@{monitor.cluster}" if monitor.cluster else monitor.namespace
    head = f"{monitor.id}: {monitor.app} in {place}, every {spoken(monitor.every)}."
    for item in findings:
        since = spoken(now - item.first_seen)
        if item.key == OWN_KEY:
            return f"{head} Not working for {since}: {item.title}"
        if is_open(item):
            return f"{head} Open for {since}: {item.title}"
    if any(item.phase is Phase.SUSPECTED for item in findings):
        return f"{head} Something was seen that must last for {spoken(monitor.lasting)} first."
    return f"{head} Nothing is open."
