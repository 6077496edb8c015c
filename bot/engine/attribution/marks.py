"""The marks of an app, compiled: what in a text shows that it is this app's, and what that it is another program's."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import re2

from bot.engine.attribution.code import own_files
from bot.engine.attribution.programs import pattern_of_others
from bot.playbook.app_schema import AppPlaybook

_SHOWN = 60
_SHORT = 6
"""Characters of a name that any program's container may have."""


@dataclass(frozen=True, slots=True)
class MarkHit:
    """A mark in a text: what it is, and how many line breaks stand before it."""

    what: str
    row: int


class AppMarks:
    """What one app's `marks` say. Immutable; safe to share between threads. `others` are the ids of the other apps."""

    def __init__(self, app: AppPlaybook, others: Collection[str] = ()) -> None:
        marks = app.marks
        self.app = app
        self._texts = _compiled(marks.texts)
        self._code = _compiled((*marks.texts, *marks.code))
        self._names = _globs((f"*{app.id}*", *marks.names))
        self._usual = _globs(
            [
                *marks.usual,
                *(
                    name
                    for component in app.components.values()
                    for name in (*component.log_names, *component.services)
                ),
            ]
        )
        own = {app.id, *marks.companions, *(name.strip("*") for name in marks.names)}
        kept = frozenset(name.lower() for name in own)
        self._others = _compiled((pattern_of_others(kept, frozenset(others) - kept),))

    def in_text(self, data: bytes) -> MarkHit | None:
        """The first text in these rows that only this app prints."""
        match = self._texts.search(data) if self._texts is not None else None
        return _found(data, *match.span()) if match is not None else None

    def all_in_text(self, data: bytes, most: int) -> Iterator[tuple[MarkHit, bytes]]:
        """The first few such texts, each with the line that it stands in."""
        for _, match in zip(range(most), self._texts.finditer(data) if self._texts is not None else (), strict=False):
            start, end = match.span()
            stop = data.find(b"\n", end)
            yield _found(data, start, end), data[data.rfind(b"\n", 0, start) + 1 : stop if stop >= 0 else len(data)]

    def is_name(self, name: str) -> bool:
        """Is this the name of a pod, container, image or Service that only this app has?"""
        return self._names.match(name) is not None

    def are_usual(self, names: Sequence[str]) -> bool:
        """Are these names of a pod and its container names that this app's have, and others' may have too?

        A container called `web` or `api` says nothing where the pod's own name is none of this app's.
        """
        usual = [name for name in names if self._usual.match(name)]
        return bool(usual) and (len(names) == 1 or any(len(name) > _SHORT for name in usual))

    def other_program(self, data: bytes) -> MarkHit | None:
        """The name of another program."""
        match = self._others.search(data) if self._others is not None else None
        if match is None:
            return None
        group = 1 if match[1] is not None else 2
        return MarkHit(match[group].decode("utf-8", errors="replace"), data.count(b"\n", 0, match.start(group)))

    def other_code(self, text: str) -> MarkHit | None:
        """A file or class of a trace that is neither this app's nor a library's; None if any frame is this app's."""
        first: MarkHit | None = None
        for place, at in own_files(text):
            if self._code is not None and self._code.search(place.encode()):
                return None
            first = first or MarkHit(place[-_SHOWN:], text.count("\n", 0, at))
        return first


def _found(data: bytes, start: int, end: int) -> MarkHit:
    """The mark by itself: what stands beside it may be a secret, which nobody would recognise when it is cut out."""
    shown = " ".join(data[start:end].decode("utf-8", errors="replace").split()).strip("\"'([{ .,:@=/?&#")
    return MarkHit(shown[:_SHOWN], data.count(b"\n", 0, start))


def _compiled(patterns: Sequence[str]) -> re2._Regexp | None:
    if not patterns:
        return None
    options = re2.Options()
    options.log_errors = False
    return re2.compile("(?m)" + "|".join(f"(?:{pattern})" for pattern in patterns), options)


def _globs(globs: Sequence[str]) -> re.Pattern[str]:
    escaped = ("".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in glob) for glob in globs)
    return re.compile("(?i)(?:" + "|".join(escaped) + r")\Z" if globs else r"(?!)")
