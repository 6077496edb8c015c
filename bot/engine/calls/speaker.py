"""Whose words the lines of a log are: a shipper prints those of other pods, a relay those of other machines. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.domain.view import ContainerLog

_STAMP = r"^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) )?"
_STAMPED = re.compile(_STAMP)
_MARKS = re.compile(r"var[./]log[./](?:containers|pods)[./]|<\d{1,3}>|\"browser\"")
_SHIPPED = re.compile(
    _STAMP
    + r"(?:\[\d+\] |\d{4}-\d\d-\d\d \d\d:\d\d:\d\S* [+-]\d{4} )?(?:\S*\.)?var[./]log[./](?:containers|pods)[./]\S+: ?"
    + r"[\[{].*\"(?:log|message)\"\s*(?:=>|:)"
)
"""A record with its tag, as Fluent Bit and Fluentd print it."""
_RELAYED = re.compile(
    _STAMP + r"<\d{1,3}>(?:1 )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (?P<host>[\w.-]+) \S"
)
"""A line of syslog, with its priority in front and the machine that sent it."""
_OF_VISITORS = re.compile(_STAMP + r"\{.*\"(?:source|origin|platform|runtime|side)\"\s*:\s*\"browser\"")
"""What went wrong in the browser of a visitor, who sent it."""
_HEAD = 2000
"""Characters of a line that are looked at."""
_NOBODY = frozenset({"-", "localhost"})


def own_text(log: ContainerLog) -> str:
    """The text of the log; of lines that are another's only the kubelet's timestamp is left."""
    text = log.text or ""
    return _own(text, log.pod) if _MARKS.search(text) else text


@lru_cache(maxsize=32)
def _own(text: str, pod: str) -> str:
    return "".join(f"{_stamp(line) if _is_of_another(line, pod) else line}\n" for line in text.splitlines())


def _stamp(line: str) -> str:
    found = _STAMPED.match(line)
    return found[0] if found else ""


def _is_of_another(line: str, pod: str) -> bool:
    line = line[:_HEAD]
    relayed = _RELAYED.match(line)
    if relayed is not None:
        return relayed["host"] not in _NOBODY and not pod.startswith(relayed["host"])
    return _SHIPPED.match(line) is not None or _OF_VISITORS.match(line) is not None
