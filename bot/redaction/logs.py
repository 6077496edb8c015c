"""Redacts log records: the message, its arguments, tracebacks and whatever a formatter adds.

Put around every handler's formatter by the bootstrap.
"""

from __future__ import annotations

import logging

from bot.redaction.boundary import Boundary


class RedactingFormatter(logging.Formatter):
    """Formats as another formatter does, and hides the secrets in what comes out."""

    def __init__(self, inner: logging.Formatter, boundary: Boundary) -> None:
        super().__init__()
        self._inner = inner
        self._boundary = boundary

    def format(self, record: logging.LogRecord) -> str:
        """One record as text, tracebacks included."""
        return self._boundary.text(self._inner.format(record))
