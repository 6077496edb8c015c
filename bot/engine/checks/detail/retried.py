"""Whether what failed was tried again, and came through each time. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.view import ContainerLog
from bot.engine.checks.detail.reported_kind import Reported
from bot.engine.checks.logs import log_lines
from bot.engine.values.levels import is_error

_TRIES_AGAIN = re.compile(r"(?i)\b(?:re-?try(?:ing)?|re-?tried|trying again)\b")
_WELL = r"\b(?:ok|succeeded|successful(?:ly)?|success|recovered)\b"
_OF_TRIES = r"\b(?:attempts?|tr(?:y|ies)|retr(?:y|ies))\b"
_DONE = r"(?<!not )(?<!never )\b(?:committed|connected|delivered|sent|saved|completed?|done|finished)"
_THROUGH = re.compile(
    rf"(?i){_WELL}.{{0,60}}{_OF_TRIES}|{_OF_TRIES}.{{0,60}}{_WELL}"
    rf"|{_DONE} (?:at|on|after|in) (?:the )?(?:\w+ )?{_OF_TRIES}"
)
_NOT = re.compile(r"(?i)\b(?:not|no|never|un\w+|fail\w*|0|zero)\b.{0,20}(?:ok|success)")


def came_through(logs: Iterable[ContainerLog], item: Reported) -> bool:
    """Whether the lines of the kind say that it is tried again, and one below the last of them that a try succeeded."""
    if not _TRIES_AGAIN.search(item.text) or is_error(item.text):
        return False
    for log in logs:
        lines, waiting = 0, False
        for line in log_lines(log):
            if _TRIES_AGAIN.search(line.text) and not _is_well(line.text):
                lines, waiting = lines + 1, True
            elif waiting and _is_well(line.text):
                waiting = False
        if lines >= item.count and not waiting:
            return True
    return False


def _is_well(line: str) -> bool:
    return _THROUGH.search(line) is not None and not is_error(line) and _NOT.search(line) is None
