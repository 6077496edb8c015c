"""Failed calls in the logs of a view: each log is read once, however many checks ask."""

from __future__ import annotations

from functools import lru_cache

from bot.domain.calls import FailedCall
from bot.domain.view import ContainerLog
from bot.engine.calls.reading import read_failed_calls
from bot.engine.calls.speaker import own_text


def calls_in_log(log: ContainerLog) -> tuple[FailedCall, ...]:
    """The failed calls that a container's log tells of; `where` names its pod, container and run."""
    run = ", previous run" if log.previous else ""
    return _read(own_text(log), f"{log.pod}/{log.container}{run}")


@lru_cache(maxsize=32)
def _read(text: str, where: str) -> tuple[FailedCall, ...]:
    return read_failed_calls(text, where) if text else ()
