"""Finds secrets in sentences, links and printed structs: what people and programs hand on without a name before it.

Called by `scan`, beside its own passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import re2

from bot.redaction.chance import may_be_words
from bot.redaction.chosen import is_granting, is_handed_on, is_strong, looks_chosen, names_another
from bot.redaction.judge import looks_random
from bot.redaction.nearby import IN_SENTENCE, PUBLIC, in_struct, is_unclaimed_word
from bot.redaction.patterns import passes
from bot.redaction.span import Span, end_of_token

LONGEST_NAME = 80
"""Bytes before a value in which its name is looked for."""
_WORDS = re.compile(rb"(?:^|[\s\"'`(])([^\s\"'`(),;<>{}\[\]=/\\|:]{8,64})(?=[\s\"'`),.;:!?]|$)", re.MULTILINE)
"""Words of a sentence that are no part of an address, an assignment or a path."""
_LONG = re.compile(rb"\S{%d,}" % IN_SENTENCE)
_NO_SIGNS = bytes(one for one in range(256) if one not in b"!#$%^&*+?@~")
_SENTENCE = 240
"""Bytes before and behind a word about logging in."""


def scan_sentences(data: bytes) -> Iterator[Span]:
    """Every secret that a sentence shows."""
    yield from _in_prose(data)
    yield from told(data)
    yield from _untold(data)


def scan_links(data: bytes, at: int, last: int) -> Iterator[Span]:
    """Every secret that a link or a struct shows, or that stands in groups, from one place to another."""
    yield from _in_links(data, at, last)
    yield from _in_groups(data, at, last)
    for found in passes().struct.finditer(data, at, last):
        yield from (Span(start, end, "secret") for start, end in in_struct(data, *found.span(1)))


def _in_prose(data: bytes) -> Iterator[Span]:
    """Values in sentences, where they look as if they came by chance."""
    for _, pattern, first, last in passes().in_prose.parts(data):
        for start, end, _ in _one_after_another(data, pattern, first, last):
            value = data[start:end].rstrip(b".!?\\")
            if not looks_random(value) or end_of_token(data, start):
                continue
            if not PUBLIC.search(data[max(0, start - LONGEST_NAME) : start].rstrip(b" \t:=\"'`(")):
                yield Span(start, start + len(value), "secret")


def told(data: bytes) -> Iterator[Span]:
    """Passwords as people say them, in any language."""
    for _, pattern, first, last in passes().told.parts(data):
        for start, end, before in _one_after_another(data, pattern, first, last):
            value = data[start:end].rstrip(b".,:?\\")
            if (
                (looks_chosen(value) or is_handed_on(before, value))
                and not names_another(before, value)
                and not (value.startswith(b"?") and before.endswith(b":"))  # a shell's message: ${X:?required}
                and not end_of_token(data, start)
            ):
                yield Span(start, start + len(value), "password")


def _untold(data: bytes) -> Iterator[Span]:
    """Passwords that no word names: in a person's sentence about logging in."""
    done = 0
    while cue := passes().login_cue.search(data, done):
        start = max(done, cue.start() - _SENTENCE, data.rfind(b"\n", max(0, cue.start() - _SENTENCE), cue.start()) + 1)
        done = data.find(b"\n", cue.end(), cue.end() + _SENTENCE)
        done = done if done >= 0 else min(len(data), cue.end() + _SENTENCE)
        for word in _WORDS.finditer(data, start, done) if _may_hold(data[start:done]) else ():
            value = word.group(1).rstrip(b".,:?\\")
            strong = is_strong(value) or (len(value) >= IN_SENTENCE and is_unclaimed_word(data, word.start(1), value))
            if strong and not end_of_token(data, word.start(1)):
                yield Span(word.start(1), word.start(1) + len(value), "password")


def _in_groups(data: bytes, at: int, last: int) -> Iterator[Span]:
    """Passwords in four groups of four letters, near a mail service's name, unless they may be words."""
    for match in passes().in_groups.finditer(data, at, last):
        if not may_be_words(match.group(1)):
            start, end = match.span(1)
            yield Span(start, end, "password")


def _may_hold(line: bytes) -> bool:
    """Whether any word of a line has what a password has: a sign, or capitals among small letters. Fast."""
    if line.translate(None, _NO_SIGNS):
        return True
    return any(not (word.islower() or word.isupper()) for word in _LONG.findall(line))


def _one_after_another(data: bytes, pattern: re2._Regexp, at: int, last: int) -> Iterator[tuple[int, int, bytes]]:
    """Where each match's value begins and ends, from one place to another, and what the match has before it. Each value
    is looked at again: it may begin the next match.
    """
    while match := pattern.search(data, at, last):
        start, end = match.span(match.lastindex or 0)
        began = match.start()
        if not (data[began - 1 : began] == b"/" and b"," in data[began:start]):  # ("/etc/passwd", "…") is a file
            yield start, end, data[began:start]
        at = max(start, match.start() + 1)


def _in_links(data: bytes, at: int, last: int) -> Iterator[Span]:
    for match in passes().links.finditer(data, at, last):
        start, end = match.span(match.lastindex or 0)
        if is_granting(data[start:end], data[match.start() : start]):
            yield Span(start, end, "webhook-url")
