"""Commands whose words stand in a list, one on a line or between quotes: each as the line that a person would type.

Called by `scan`. What is between the words becomes one blank; a `Line` says where its words stood.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import re2

WINDOW = 2048
"""Bytes of a list that are looked at."""
LISTED = (
    r"(?m)^[ \t]*(?:- )?[\"']?(?:[Cc]ommand|[Aa]rgs|[Ee]ntry[Pp]oint|[Cc]md)[\"']?:"
    r"[ \t]*\[?[ \t\r]*\n[ \t]*(?:- )?[\"']?[\w./-]"
    r"|\[[ \t]*\\?[\"'][\w./-]{2,40}\\?[\"'],[ \t]*\\?[\"']"
    r"|\ba0=\"[\w./-]{2,40}\" a1="
)
"""How a list of words begins: `Command:` of kubectl, `args:` of a manifest, `["mysql", "` of an image,
`a0="mysql"` of Linux's audit.
"""
_GOES_ON = re.compile(rb"[ \t]*(?:- )?[\"']?[Aa]rgs[\"']?:[ \t]*\[?[ \t\r]*")
_BETWEEN = re.compile(rb"\"[ ]a\d+=\"?|[\"']?\r?\n[ \t]*(?:- )?[\"']?|\\?[\"'],?\s{0,40}\\?[\"']?")


@dataclass(frozen=True, slots=True)
class Line:
    """Words of a list with one blank between them, where each begins in it, and where it stands in the text."""

    text: bytes
    begins: Sequence[int]
    places: Sequence[int]

    def place(self, at: int) -> int:
        """Where in the text the byte stands that is at this place of the line."""
        word = bisect_right(self.begins, at) - 1
        return self.places[word] + at - self.begins[word]


def as_lines(data: bytes, lists: re2._Regexp, at: int, last: int) -> Iterator[Line]:
    """Each list that begins between two places."""
    done = at
    for found in lists.finditer(data, at, last):
        start = found.start()
        if start < done:
            continue
        done = _end_of_brackets(data, start) if data[start : start + 1] == b"[" else _end_of_list(data, start)
        yield _line(data, start, done)


def _line(data: bytes, start: int, end: int) -> Line:
    places = [start]
    words: list[bytes] = []
    for between in _BETWEEN.finditer(data, start, end):
        words.append(data[places[-1] : between.start()])
        places.append(between.end())
    words.append(data[places[-1] : end])
    begins = [0]
    for word in words[:-1]:
        begins.append(begins[-1] + len(word) + 1)
    return Line(b" ".join(words), begins, places)


def _end_of_brackets(data: bytes, start: int) -> int:
    end = data.find(b"]", start, start + WINDOW)
    return end if end >= 0 else min(len(data), start + WINDOW)


def _end_of_list(data: bytes, start: int) -> int:
    """The lines that stand deeper than the list's name, or are its items; arguments go on what the command began."""
    column = _column(data, start)
    at = _line_end(data, start)
    while at < min(len(data), start + WINDOW):
        end = _line_end(data, at)
        line = data[at:end].rstrip(b"\r\n")
        item = line.lstrip().startswith(b"- ") and _column(data, at) >= column
        if not (_column(data, at) > column or item or _GOES_ON.fullmatch(line)):
            break
        at = end
    return min(at, start + WINDOW)


def _column(data: bytes, at: int) -> int:
    column = 0
    while data[at + column : at + column + 1] in (b" ", b"\t"):
        column += 1
    return column


def _line_end(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    return end + 1 if end >= 0 else len(data)
