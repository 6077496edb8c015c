"""The daily digest: what monitors found in the last day, what is still open, which monitors do not work.

Called by the schedule each minute on the leader; posts once per day and channel, also when that minute was missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.monitors.loader import DailyDigest, MonitorSet
from bot.monitors.ports import FindingStore, IncidentPoster
from bot.monitors.run import OWN_KEY, duration_of, is_open
from bot.monitors.state import Finding, Phase
from bot.runtime.effects import Effect, Effects

LATEST = timedelta(hours=6)
"""A digest that could not be posted for so long is left out."""
DAY = timedelta(days=1)
MAX_LINES = 30


class Digests:
    """Posts digests when they are due."""

    def __init__(self, findings: FindingStore, effects: Effects, poster: IncidentPoster) -> None:
        self._findings = findings
        self._effects = effects
        self._poster = poster

    def post_due(self, monitors: MonitorSet, now: datetime) -> None:
        """Post every digest whose time has come today and that nobody has posted. Raises `TriageError`."""
        for item in monitors.digests:
            if due_date(item, now) is None:
                continue
            channel = item.digest.channel
            effect = f"digest/{channel}/{due_date(item, now)}"
            ids = {monitor.id for monitor in monitors.monitors.values() if monitor.channel == channel}
            found = [one for one in self._findings.touched_since(now - DAY) if one.monitor in ids or not ids]
            lines = digest_lines(found, sum(m.channel == channel for m in monitors.monitors.values()), now)
            self._effects.once(effect, self._posting(channel, lines, effect))

    def _posting(self, channel: str, lines: Sequence[str], effect: str) -> Effect:
        def post(again: bool) -> str:
            self._poster.digest(channel, lines, effect, again=again)
            return effect

        return post


def due_date(item: DailyDigest, now: datetime) -> str | None:
    """The day, in the digest's zone, whose digest is due now; None when none is."""
    local = now.astimezone(ZoneInfo(item.zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    since = local - midnight - timedelta(minutes=item.digest.at)
    return local.date().isoformat() if timedelta(0) <= since < LATEST else None


def digest_lines(found: Sequence[Finding], monitors: int, now: datetime) -> tuple[str, ...]:
    """The summary, a line each: what is open, what is over, what does not work."""
    faults = [item for item in found if item.key != OWN_KEY and item.opened_at is not None]
    still = [item for item in faults if is_open(item)]
    over = [item for item in faults if item.phase is Phase.CLOSED]
    broken = [item for item in found if item.key == OWN_KEY and is_open(item)]
    watching = "1 monitor" if monitors == 1 else f"{monitors} monitors"
    lines = [f"{watching} in the last 24 hours: {len(still)} open, {len(over)} over, {len(broken)} not working."]
    lines += [f"Open for {spoken(now - item.first_seen)}: {item.title} ({item.monitor})" for item in still]
    lines += [f"Over after {spoken(duration_of(item))}: {item.title} ({item.monitor})" for item in over]
    lines += [
        f"Not working for {spoken(now - item.first_seen)}: monitor {item.monitor}. {item.title}" for item in broken
    ]
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES - 1], f"… and {len(lines) - MAX_LINES + 1} more."]
    return tuple(lines)


def spoken(span: timedelta) -> str:
    """A time span for people: the two largest units."""
    seconds = int(span.total_seconds())
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts = []
    for name, size in units:
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(f"{amount} {name}")
    return " ".join(parts[:2]) or "0 s"
