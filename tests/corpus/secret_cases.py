"""Builds cases from the tables of `secrets_tuning` and `secrets_held_out`, and says how much of them is hidden.

A row is the form (`log`, `env`, `url`, `yaml`, `json`, `traceback`) and a text with marks such as `«aws_key»`; after a
`|` a mark may name a spelling: `b64`, `url`, `json`, `oneline`, `indent`, `prefix`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from urllib.parse import quote

from tests.corpus.secret_values import GENERATORS

Row = tuple[str, str]

LEAST_LEFT = 8
"""A secret counts as hidden when no run of this many of its characters is left (shorter secrets: not the whole)."""

_MARK = re.compile(r"«(\w+)(?:\|(\w+))?»")
_SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "b64": lambda text: base64.b64encode(text.encode()).decode(),
    "url": lambda text: quote(text, safe=""),
    "json": lambda text: text.replace('"', '\\"').replace("\n", "\\n"),
    "oneline": lambda text: text.replace("\n", " "),
    "indent": lambda text: text.replace("\n", "\n    "),
    "prefix": lambda text: text.replace("\n", "\n2026-11-23T10:08:02.118Z stdout F "),
}
_ENVELOPE = re.compile(r"-----(?:BEGIN|END) [A-Z ]+-----|2026-11-23T10:08:02\.118Z stdout F |\\n|\s+")


@dataclass(frozen=True)
class Case:
    """One text with secrets in it. `kinds` are the generators' names, `secrets` the values as they stand there."""

    form: str
    text: str
    kinds: tuple[str, ...]
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Recall:
    """How many secrets were hidden, and the cases in which one was not."""

    secrets: int
    hidden: int
    missed: tuple[tuple[str, Case, str], ...]

    @property
    def share(self) -> float:
        return self.hidden / self.secrets


def build(rows: Iterable[Row], seed: int) -> list[Case]:
    """The cases of a table: the same seed gives the same values."""
    random = Random(seed)
    return [_case(form, text, random) for form, text in rows]


def _case(form: str, text: str, random: Random) -> Case:
    kinds: list[str] = []
    secrets: list[str] = []

    def fill(mark: re.Match[str]) -> str:
        name, spelling = mark.group(1), mark.group(2)
        value = GENERATORS[name](random)
        shown = _SPELLINGS[spelling](value) if spelling else value
        kinds.append(name)
        secrets.append(shown)
        return shown

    return Case(form, _MARK.sub(fill, text), tuple(kinds), tuple(secrets))


def measure(cases: Sequence[Case], redact: Callable[[str], str]) -> Recall:
    """Redact each case's text and look for what is left of its secrets."""
    hidden = total = 0
    missed: list[tuple[str, Case, str]] = []
    for case in cases:
        found = redact(case.text)
        for kind, secret in zip(case.kinds, case.secrets, strict=True):
            total += 1
            if any(part in found for part in _parts(secret)):
                missed.append((kind, case, found))
            else:
                hidden += 1
    return Recall(total, hidden, tuple(missed))


def _parts(secret: str) -> set[str]:
    """Every run of characters that must not be left. Of a private key, its envelope may stay."""
    pieces = _ENVELOPE.split(secret) if "-----BEGIN" in secret else [secret]
    runs: set[str] = set()
    for piece in filter(None, pieces):
        length = min(LEAST_LEFT, len(piece))
        if len(pieces) == 1 or len(piece) >= LEAST_LEFT:
            runs |= {piece[at : at + length] for at in range(len(piece) - length + 1)}
    return runs
