"""Sets logging up, once, before anything else starts."""

from __future__ import annotations

import logging

from bot.redaction.boundary import Boundary
from bot.redaction.logs import RedactingFormatter
from bot.runtime.logs import IncidentFilter, JsonFormatter, TextFormatter
from bot.settings.operations import LogFormat

TALKATIVE = ("kubernetes.client.rest", "slack_sdk", "slack_bolt", "apscheduler", "httpx", "httpcore", "sqlalchemy")
"""At lower levels these write whole request and response bodies, log lines of the cluster among them."""


def set_up_logs(log: LogFormat, boundary: Boundary, level: int = logging.INFO) -> None:
    """Log to standard error from this level on, redacted."""
    handler = logging.StreamHandler()
    handler.addFilter(IncidentFilter())
    handler.setFormatter(
        JsonFormatter(boundary.text) if log is LogFormat.JSON else RedactingFormatter(TextFormatter(), boundary)
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
