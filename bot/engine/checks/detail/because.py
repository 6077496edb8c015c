"""What stands below the head of an error in a log: the exception that it was made of. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from bot.domain.view import ContainerLog
from bot.engine.checks.containers import shortened
from bot.engine.checks.logs import log_lines

_BECAUSE = re.compile(r"(?:Caused by:|\s*--->) (\S.*)")
_EXCEPTION = re.compile(r"\s+((?:\w+\.)+\w*(?:Exception|Error): \S.*)")
"""Below a line of the logger: what .NET and others write under their own words."""
_BELOW = re.compile(r"\s|Caused by: |\.\.\. \d+ more|$")
"""What belongs to the record above: traces and what is indented."""
_FAR = 120
"""Lines of one trace that are looked through."""


def innermost(logs: Iterable[ContainerLog], text: str) -> str:
    """What the newest record that begins with `text` (shortened) was made of, which says other words; or "": the last
    `Caused by:` below it, else the first exception.
    """
    for log in logs:
        lines = [line.text for line in log_lines(log)]
        at = next((number for number in reversed(range(len(lines))) if _ends(text, shortened(lines[number]))), None)
        if at is None:
            continue
        below = itertools.takewhile(_BELOW.match, lines[at + 1 : at + 1 + _FAR])
        record = list(below)
        causes = [found[1].strip() for line in record if (found := _BECAUSE.match(line))]
        heads = [found[1].strip() for line in record if (found := _EXCEPTION.match(line))]
        because = (causes[-1:] or heads[:1] or [""])[0]
        return shortened(because) if because and because not in text else ""
    return ""


def _ends(text: str, line: str) -> bool:
    """Whether a line is the text, or its end: some loggers' heads have a line of their own, which is told before it."""
    return bool(line) and (text == line or text.endswith(f"] {line}"))
