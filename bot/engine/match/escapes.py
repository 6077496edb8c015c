"""Texts with escaped line breaks, as strings of JSON or Python and rsyslog have them. Used by `containers`."""

from __future__ import annotations

import re

from bot.engine.match import records

_QUOTED = re.compile(r"""\s{0,40}[bru]{0,2}(["'])(.*?)(?:\1[,\s]*)?\Z""", re.DOTALL)
# A path of Windows, whose `\n` is no line break.
_PATH = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]:\\{1,2}\w|\\\\[a-z0-9-]+\\[a-z]")
_LITERAL = re.compile(r"\\([\\ntr\"'/])|\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_OWN_RECORD = re.compile(r'(?:\n|\A)\s*\{ ?"')
_LEVELS = 3
"""How often a text may have been escaped, one time over the other."""


def has_path(line: str) -> bool:
    """Whether a line names a path of Windows, so that its backslashes escape nothing."""
    return (":\\" in line or "\\\\" in line) and _PATH.search(line) is not None


def unquoted(line: str) -> str:
    """A line that is a string of JSON or Python, without what makes it one."""
    line = records.without_key(line)
    found = _QUOTED.match(line)
    return found[2] if found else line


def unescaped(text: str) -> str:
    """The text with its escapes written out, as often as it was escaped; JSON in it keeps its own."""
    text = text.replace("#012", "\n")
    for _ in range(_LEVELS):
        own = "{" in text and ('{"' in text or '{ "' in text) and _OWN_RECORD.search(text)
        if own or ("\\n" not in text and "\\u000" not in text):
            break
        only = text.count("\\") == text.count("\\n")
        text = text.replace("\\n", "\n") if only else _LITERAL.sub(_character, text)
    return text


def _character(found: re.Match[str]) -> str:
    code = found[2] or found[3]
    if not code:
        return {"n": "\n", "t": "\t", "r": ""}.get(found[1], found[1])
    number = int(code, 16)
    return chr(number) if number >= 32 or number in (10, 27) else " "
