"""The last words of a program: which line of its log says why it ended. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

_ENDING = re.compile(
    r"(?i)\b(\w*error|\w*exception|fatal|panic|critical|traceback|failed|failure|denied|refused|cannot|can't|could not"
    r"|errno|no space left|read-only file system|disk quota exceeded|(?:is|are) not (?:permitted|allowed))\b"
)
_NOISE = re.compile(
    r"^\s*(at |File \"|\^+|\}|\]|\.\.\.|Node\.js v|npm ERR! A complete log|throw )"
    r"|^node:[\w/]+:\d+$|^Emitted '\w+' event on "
    r"|^\s+(errno|code|syscall|address|port|path|hostname|cause): [-'\d\w]"
)
_TAIL = re.compile(
    r"\(Background on this error at|The above exception was|During handling of the above|\[SQL: |\[parameters: "
    r"|fatal error in thread \[[^\]]+\], exiting|(?i:(?:now )?(?:exiting|aborting|shutting down|terminating)[ .!]*$)"
    r"|.{0,100}\b(?:contains?|has|have|with) errors?, (?:aborting|exiting|giving up)"
    r"|\*{2,}\s?aborting after\b|\{.{0,200}\"msg\":\s?\"(?:Fatal assertion|\\n\\n\*+aborting after)"
    r"|(?:ERROR:\s+)?Application startup failed\. Exiting|ERROR:\s+Traceback|Traceback \(most recent"
    r"|(?i:(?:sql ?state|(?:error|vendor) ?code|errno|location|line|exit ?code)\s*[:=]\s*[\w./()-]{0,60}$)"
)
"""What ends every error of a library, and says nothing of this one."""
_ABOVE = re.compile(r"The designated data directory \S+ is unusable")
"""What says that something failed of which the error above it tells more."""
_BEFORE = re.compile(
    r"(?:\d{4}[-/]\d\d[-/]\d\d[T ][\d:.,Z+-]{5,24}\s+|\d{1,9}\s+|\[[^\]]{1,30}\]\s*|(?:ERROR|FATAL|CRITICAL)\s+)+"
)
"""When, which thread, how bad and which part: what stands before the words of a record."""
_FIELD = re.compile(r"\s*\w[\w ]{1,20}?\s*:(?:\s|$)")
_MESSAGE = re.compile(r"\s*(?:Message|Detail|Reason)\s*:\s+(\S.*)")
"""A failure told as a list of fields, one a line."""
_USAGE = re.compile(r"(?i)^\s*usage( of [^:]+)?:")
_DUMP = re.compile(r"^goroutine \d+ \[")
_DUMP_HEAD = re.compile(r"^(panic: |fatal error: |unexpected fault address|runtime: )")
"""Go says first why it ends, and then what each of its goroutines was doing."""


def ending_line(lines: Iterable[str]) -> str:
    """The line of a log that says why the program ended: the last with an error word, else the last that says anything.

    Empty where no line says anything.
    """
    texts = [line.strip() for line in lines if line.strip() and not _NOISE.match(line)]
    telling = [text for text in texts if not _is_tail(text)]
    telling = _before_dump(telling) or _before_usage(telling) or telling
    errors = [text for text in reversed(telling) if _ENDING.search(text)][:2]
    chosen = (errors or (telling or texts or [""])[-1:])[0]
    if _ABOVE.search(chosen):
        chosen = errors[-1]
    return _with_message(texts, chosen) if chosen else ""


def tells_of_error(line: str) -> bool:
    """Whether a line has a word for an error in it."""
    return _ENDING.search(line) is not None


def is_noise(line: str) -> bool:
    """Whether a line is a part of a stack trace that says nothing by itself."""
    return _NOISE.match(line) is not None


def _is_tail(text: str) -> bool:
    before = _BEFORE.match(text)
    return _TAIL.match(text) is not None or (before is not None and _TAIL.match(text, before.end()) is not None)


def _with_message(texts: list[str], chosen: str) -> str:
    """The line, and what the list of fields below it says in words."""
    at = len(texts) - texts[::-1].index(chosen)
    for text in itertools.takewhile(_FIELD.match, texts[at : at + 6]):
        if said := _MESSAGE.match(text):
            return f"{chosen}: {said[1]}"
    return chosen


def _before_dump(texts: list[str]) -> list[str]:
    """The line with which a dump of goroutines begins; empty where there is none."""
    if not any(_DUMP.match(text) for text in texts):
        return []
    heads = [text for text in texts if _DUMP_HEAD.match(text)]
    return heads[:1]


def _before_usage(texts: list[str]) -> list[str]:
    """What a program says of its flags before it lists them all; empty where the list comes first."""
    at = next((number for number in reversed(range(len(texts))) if _USAGE.match(texts[number])), 0)
    return texts[:at][-1:] if at and not any(_ENDING.search(text) for text in texts[at:]) else []
