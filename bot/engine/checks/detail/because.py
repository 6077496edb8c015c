"""What stands below the head of an error in a log: the exception that it was made of. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from bot.domain.view import ContainerLog
from bot.engine.checks.containers import shortened
from bot.engine.checks.logs import log_lines

_BECAUSE = re.compile(r"Caused by: (\S.*)")
_BELOW = re.compile(r"\s|Caused by: |\.\.\. \d+ more|$")
"""What belongs to the record above: traces and what is indented."""
_FAR = 120
"""Lines of one trace that are looked through."""


def innermost(logs: Iterable[ContainerLog], text: str) -> str:
    """The last `Caused by:` below the newest line that reads like `text` (shortened), which says other words; or ""."""
    for log in logs:
        lines = [line.text for line in log_lines(log)]
        at = next((number for number in reversed(range(len(lines))) if shortened(lines[number]) == text), None)
        if at is None:
            continue
        below = itertools.takewhile(_BELOW.match, lines[at + 1 : at + 1 + _FAR])
        causes = [found[1].strip() for line in below if (found := _BECAUSE.match(line))]
        return shortened(causes[-1]) if causes and causes[-1] not in text else ""
    return ""
