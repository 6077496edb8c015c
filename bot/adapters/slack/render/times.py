"""Times that stand in a sentence, such as “killed at 10:08:21 UTC”, as Slack's own dates: in the reader's zone.

Called where sentences of checks and causes are drawn. The engine speaks UTC, because it knows no reader; a card with
times of two zones would have to be calculated with.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from bot.adapters.slack.render.blocks import Json, space, span
from bot.incidents.plain_text import one_line

_TIME = re.compile(r"(?:(\d{4}-\d\d-\d\d) )?(\d\d):(\d\d)(:\d\d)? UTC\b")


def timed(text: str, limit: int, at: datetime | None, *, bold: bool = False) -> list[Json]:
    """The text as spans. `at` is when it was said: a time without a date is the latest one before that."""
    said = one_line(text, limit)
    if at is None:
        return [span(said, limit, bold=bold)]
    parts: list[Json] = []
    end = 0
    for found in _TIME.finditer(said):
        when = _moment(found, at)
        if when is None:
            continue
        if found.start() > end:
            parts.append(_styled(space(said[end : found.start()]), bold=bold))
        parts.append(_styled(_date(when, found), bold=bold))
        end = found.end()
    rest = said[end:]
    return [*parts, _styled(space(rest), bold=bold)] if rest else parts


def _styled(element: Json, *, bold: bool) -> Json:
    return {**element, "style": {"bold": True}} if bold else element


def _date(when: datetime, found: re.Match[str]) -> Json:
    clock = "{time_secs}" if found[4] else "{time}"
    form = f"{{date_short_pretty}} {clock}" if found[1] else clock
    return {"type": "date", "timestamp": int(when.timestamp()), "format": form, "fallback": found[0]}


def _moment(found: re.Match[str], at: datetime) -> datetime | None:
    clock = f"{found[2]}:{found[3]}{found[4] or ':00'}"
    day = found[1] or at.astimezone(UTC).strftime("%Y-%m-%d")
    try:
        when = datetime.fromisoformat(f"{day}T{clock}+00:00")
    except ValueError:
        return None
    late = when > at + timedelta(minutes=5)
    return when - timedelta(days=1) if late and not found[1] else when
