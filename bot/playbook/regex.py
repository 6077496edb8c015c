"""Asks RE2 whether it accepts a pattern, and says in plain words why not.

Called by the lint. RE2 is loaded when the first pattern is looked at, not before.
"""

from __future__ import annotations

from functools import lru_cache

LARGEST = 1 << 20
"""Bytes that RE2 may use for a pattern: some 40,000 steps. The largest of the playbooks that come along has 15,000; one
with ten times as many takes a quarter of a second to compile, and fifty of those keep a process from starting.
"""
_SOMETHING = "\x1f unlikely \x1f"


@lru_cache(maxsize=4096)
def refusal(pattern: str) -> str | None:
    """Why a pattern cannot be used; None when it can."""
    import re2  # noqa: PLC0415 - commands that load no playbook do not pay for it

    options = re2.Options()
    options.log_errors = False
    options.max_mem = LARGEST
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        return _in_words(reason.decode("utf-8", errors="replace") if isinstance(reason, bytes) else str(reason))
    if compiled.search("") and compiled.search(_SOMETHING):
        return "this pattern matches any text, even an empty one"
    return None


def _in_words(reason: str) -> str:
    what, _, detail = reason.partition(": ")
    if what == "invalid perl operator":
        return _about_group(detail)
    if what == "invalid escape sequence":
        if detail[1:2].isdigit():
            return f"RE2 has no back-references (`{detail}`); name the group and compare fields with `same`"
        if detail == "\\Z":
            return "RE2 does not know `\\Z`; write `\\z`"
        return f"RE2 does not know the escape `{detail}`"
    words = {
        "missing )": "a `(` is not closed",
        "unexpected )": "a `)` closes nothing; write `\\)` for the character",
        "missing ]": "a `[` is not closed; write `\\[` for the character",
        "invalid named capture group": f"`{detail}` is no name for a group; use letters, digits and `_`",
        "invalid repetition size": f"the repetition `{detail}` is larger than 1000, or its ends are swapped",
        "bad repetition operator": f"`{detail}` repeats a repetition; RE2 has no possessive operators",
        "no argument for repetition operator": f"`{detail}` has nothing to repeat; the character is `\\{detail}`",
        "invalid character class range": f"the range `{detail}` is not valid in `[…]`",
        "trailing \\": "the pattern ends in a backslash",
        "pattern too large - compile failed": "the pattern is too large; make its repetitions smaller",
    }
    return words.get(what, f"RE2 refuses the pattern: {reason}")


def _about_group(detail: str) -> str:
    if detail.startswith(("(?=", "(?!", "(?<")):
        return f"RE2 has no look-ahead and no look-behind (`{detail}`); use `unless`, or match the text around it too"
    if detail.startswith("(?P"):
        return "RE2 has no back-references to a group's name; compare fields with `same`"
    return f"RE2 does not know the group `{detail}`"
