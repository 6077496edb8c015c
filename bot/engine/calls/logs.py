"""Failed calls in the logs of a view: each log is read once, however many checks ask."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from bot.domain.calls import FailedCall
from bot.domain.view import ContainerLog
from bot.engine.calls.reading import read_failed_calls
from bot.engine.calls.speaker import own_text

_REMEMBERED = 96
"""Texts: the logs that are read for one answer, some of them whole and without what is too old."""


def calls_in_log(log: ContainerLog) -> tuple[FailedCall, ...]:
    """The failed calls that a container's log tells of; `where` names its pod, container and run."""
    run = ", previous run" if log.previous else ""
    return calls_at(own_text(log), f"{log.pod}/{log.container}{run}")


def calls_at(text: str, where: str) -> tuple[FailedCall, ...]:
    """The failed calls that the text of a log tells of; `where` says whose log it is."""
    return tuple(replace(call, where=where) for call in calls_in_text(text))


@lru_cache(maxsize=_REMEMBERED)
def calls_in_text(text: str) -> tuple[FailedCall, ...]:
    """The failed calls that the text of a log tells of, whoever's it is."""
    return read_failed_calls(text) if text else ()
