"""Reads one YAML document into plain data, and remembers where everything stands.

Called by the loader. Reads a strict subset, so that a file means the same to a person, to this program and to every
other YAML reader: one document, texts as keys, no key twice, no anchors, aliases, tags or merge keys, no plain value
that YAML 1.1 and 1.2 read differently. Builds nothing but texts, numbers, booleans, nulls, lists and mappings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.yamlfile.positions import START, Path, Position, Positions
from bot.yamlfile.scalars import Surprise, plain_value
from bot.yamlfile.syntax import explain, position_of

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
"""Levels of nesting. The deepest real condition has about ten; validation and evaluation recurse."""

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML was built with it: about ten times as fast, with the same events."""


@dataclass
class Document:
    """What a file says.

    `data` is None when nothing could be read. `problems` are mistakes of form; `damaged` are the paths of values that
    already have a problem and whose content therefore means nothing.
    """

    data: Any = None
    positions: Positions = field(default_factory=Positions)
    problems: list[tuple[Position, str]] = field(default_factory=list)
    damaged: set[Path] = field(default_factory=set)


def read(content: bytes, parser: Any = None) -> Document:
    """The only document in a file. Never raises: whatever is wrong is in `problems`.

    `parser` is a PyYAML loader class; by default the fastest there is.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        at = Position(before.count("\n") + 1, len(before) - before.rfind("\n"))
        return Document(problems=[(at, "this is not UTF-8 text; save the file as UTF-8")])
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=parser or _PARSER):
            builder.take(event)
    except _Unreadable as stop:
        builder.report(stop.position, stop.message)
        builder.document.data = None
    except yaml.YAMLError as error:
        builder.report(position_of(error, text), explain(error, text))
        builder.document.data = None
    else:
        builder.finish(text)
    return builder.document


class _Unreadable(Exception):
    """The rest of the document cannot be made sense of."""

    def __init__(self, position: Position, message: str) -> None:
        super().__init__(message)
        self.position = position
        self.message = message


_MISSING = object()
_IGNORED = object()
"""Stands for the key of a value that is read but not kept."""


@dataclass
class _Level:
    """A list or mapping that is being read. `key` is the key whose value comes next."""

    data: list[Any] | dict[str, Any]
    positions: Positions
    path: Path
    key: Any = _MISSING
    key_position: Position | None = None


def _start(event: Any) -> Position:
    return Position(event.start_mark.line + 1, event.start_mark.column + 1)


class _Builder:
    """Turns the parser's events into a document."""

    def __init__(self) -> None:
        self.document = Document()
        self.levels: list[_Level] = []
        self.documents = 0
        self.scalar_spans: list[tuple[int, int]] = []

    def report(self, position: Position, message: str) -> None:
        self.document.problems.append((position, message))

    def take(self, event: Any) -> None:
        """Read on: one event of the parser."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._refuse_decorations(event)
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.levels.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _Unreadable(_start(event), "a second document begins here; write one playbook per file")

    def finish(self, text: str) -> None:
        """What can only be said about the whole."""
        if self.document.data is None and not self.document.problems:
            self.report(START, "the file is empty")
        elif not isinstance(self.document.data, dict):
            self.report(self.document.positions.value, "the file must be a mapping: lines of the form `key: value`")
            self.document.data = None
        tab = _tab_outside(text, self.scalar_spans) if "\t" in text else None
        if tab is not None:
            self.report(tab, "a tab separates things here; use spaces")

    def _refuse_decorations(self, event: Any) -> None:
        if event.anchor is not None:
            self.report(
                _start(event),
                f"`&{event.anchor}` is a YAML anchor; leave it out, and put a text that begins with `&` in quotes",
            )
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.report(
                _start(event), f"`{tag}` is a YAML tag; leave it out, and put a text that begins with `!` in quotes"
            )

    def _alias(self, event: Any) -> None:
        message = (
            f"`*{event.anchor}` is a YAML alias; write the value out, or put a text that begins with `*` in quotes"
        )
        if self._expects_key():
            raise _Unreadable(_start(event), message)
        self.report(_start(event), message)
        path = self._place(None, Positions(_start(event)))
        self.document.damaged.add(path)

    def _expects_key(self) -> bool:
        return bool(self.levels) and isinstance(self.levels[-1].data, dict) and self.levels[-1].key is _MISSING

    def _scalar(self, event: Any) -> None:
        self.scalar_spans.append((event.start_mark.index, event.end_mark.index))
        self._refuse_decorations(event)
        value: Any = event.value
        surprise = None
        if not event.style and event.tag is None:
            value = plain_value(event.value, is_key=self._expects_key())
            if isinstance(value, Surprise):
                surprise, value = value, event.value
        if self._expects_key():
            self._key(event, value, surprise)
            return
        path = self._place(value, Positions(_start(event)))
        if surprise is not None:
            self.report(_start(event), surprise.message)
            self.document.damaged.add(path)
        elif event.tag is not None:
            self.document.damaged.add(path)

    def _key(self, event: Any, value: Any, surprise: Surprise | None) -> None:
        level = self.levels[-1]
        level.key_position = _start(event)
        level.key = event.value
        if not event.style and event.value == "<<":
            self.report(_start(event), "`<<` merges mappings in YAML; write the fields out")
            self.document.damaged.add((*level.path, "<<"))
            level.key = _IGNORED
        elif surprise is not None or not isinstance(value, str):
            shown = event.value or "(nothing)"
            self.report(_start(event), f"the key `{shown}` is not a text; put it in quotes")
        if level.key in level.data:
            first = level.positions.children[level.key].key or START
            self.report(_start(event), f"the key `{event.value}` was already given in line {first.line}")
            level.key = _IGNORED

    def _open(self, event: Any) -> None:
        if self._expects_key():
            raise _Unreadable(
                _start(event), "a list or mapping cannot be a key; a text that begins with `{` or `[` must be in quotes"
            )
        if len(self.levels) >= MAX_DEPTH:
            raise _Unreadable(_start(event), f"this is nested more than {MAX_DEPTH} levels deep")
        data: list[Any] | dict[str, Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        positions = Positions(_start(event))
        path = self._place(data, positions)
        self.levels.append(_Level(data, positions, path))

    def _place(self, value: Any, positions: Positions) -> Path:
        """Put a value where it belongs and say where that is."""
        if not self.levels:
            self.document.data, self.document.positions = value, positions
            return ()
        level = self.levels[-1]
        if isinstance(level.data, list):
            level.positions.children[len(level.data)] = positions
            level.data.append(value)
            return (*level.path, len(level.data) - 1)
        key, level.key = level.key, _MISSING
        if key is _IGNORED:
            return (*level.path, "<<")
        positions.key = level.key_position
        level.data[key] = value
        level.positions.children[key] = positions
        return (*level.path, key)


def _tab_outside(text: str, spans: list[tuple[int, int]]) -> Position | None:
    """The first tab that is neither in a text nor in a comment: what it indents or separates depends on the reader."""
    inside = iter(spans)
    start, end = next(inside, (len(text), len(text)))
    at = text.find("\t")
    while at != -1:
        while end <= at and end < len(text):
            start, end = next(inside, (len(text), len(text)))
        line_start = text.rfind("\n", 0, at) + 1
        if not start <= at < end and "#" not in text[line_start:at] and text[at:].split("\n", 1)[0].strip():
            return Position(text.count("\n", 0, at) + 1, at - line_start + 1)
        at = text.find("\t", at + 1)
    return None
