"""When a call is tried again, and after how long. Pure but for the clock and the chance that are passed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RETRIES = 2
LONGEST_WAIT_SECONDS = 20.0
FIRST_PAUSE_SECONDS = 1.0
_SECONDS = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?")
_AGAIN = frozenset({408, 409, 429})


def may_retry(status: int) -> bool:
    """Whether a server that answers this may answer better in a moment. Never for 400, 401, 403 and 404."""
    return status in _AGAIN or status >= 500


def pause(attempt: int, chance: Callable[[], float], headers: Mapping[str, str], now: datetime) -> float:
    """Seconds until the next attempt: what Retry-After says, capped, else a random part of a doubling pause."""
    asked = _retry_after(headers.get("retry-after", ""), now)
    if asked is not None:
        return min(asked, LONGEST_WAIT_SECONDS)
    longest: float = FIRST_PAUSE_SECONDS * 2**attempt
    return longest * chance()


def _retry_after(value: str, now: datetime) -> float | None:
    if _SECONDS.fullmatch(value):
        return max(float(value), 0.0)
    try:
        when = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return max((when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds(), 0.0)
