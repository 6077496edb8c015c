"""Log lines as JSON, one object per line, for a log store; and the incident that a line is about.

Set up by the wiring. Code that works on an incident does so inside
`about_incident`, and every line that is logged meanwhile on that thread carries its id.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_incident: ContextVar[str] = ContextVar("incident", default="")


@contextmanager
def about_incident(incident: str) -> Iterator[None]:
    """Lines logged inside carry this incident's id."""
    token = _incident.set(incident)
    try:
        yield
    finally:
        _incident.reset(token)


class IncidentFilter(logging.Filter):
    """Gives every record the id of its incident. Belongs on handlers, so that it sees all loggers."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record."""
        if not hasattr(record, "incident"):
            record.incident = _incident.get()
        return True


class JsonFormatter(logging.Formatter):
    """`{"time", "level", "logger", "message", "incident", "error"}`; the last two only where there are any.

    `hide` takes secrets out of texts: done here, before they are encoded, it cannot break the JSON.
    """

    def __init__(self, hide: Callable[[str], str]) -> None:
        super().__init__()
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        """One record on one line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._hide(record.getMessage()),
        }
        incident = getattr(record, "incident", "")
        if incident:
            line["incident"] = str(incident)
        if record.exc_info:
            line["error"] = self._hide(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """The same for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """One record, with its incident at the end of the first line."""
        text = super().format(record)
        incident = getattr(record, "incident", "")
        first, line_end, rest = text.partition("\n")
        return f"{first} (incident {incident}){line_end}{rest}" if incident else text
