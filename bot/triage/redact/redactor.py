"""Replaces secrets by typed, stable tokens. One `Redactor` per triage: equal secrets get equal tokens within it.

Used by the triage service before anything leaves it, and by the command line. Holds the secrets it has seen in memory,
for as long as the triage lasts, and shows them to nobody.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.triage.redact.blocks import scan_blocks
from bot.triage.redact.judge import is_placeholder
from bot.triage.redact.scan import Span, end_of_token, name_kind, scan

TOKEN = re.compile(r"‹([a-z0-9-]+):(\d+)›")
"""What stands in for a secret: its kind and a number."""
_SEPARATOR = "\n\x00\x1e\x00\n"


@dataclass(frozen=True, slots=True)
class Hidden:
    """How many different secrets of one kind were hidden, and in how many places."""

    secrets: int
    places: int


class Redactor:
    """Hides secrets in text. Safe to use from several threads. The same calls in the same order give the same tokens.

    Holds the secrets it has seen in memory, no longer than the triage lasts.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[bytes, str] = {}
        self._last: Counter[str] = Counter()
        self._secrets: Counter[str] = Counter()
        self._places: Counter[str] = Counter()

    @property
    def hidden(self) -> Mapping[str, Hidden]:
        """What was hidden so far, by kind."""
        with self._lock:
            return {kind: Hidden(self._secrets[kind], places) for kind, places in sorted(self._places.items())}

    def reserve(self, numbers: Mapping[str, int]) -> None:
        """Begin after these numbers, by kind: tokens in text that was redacted before carry them."""
        with self._lock:
            for kind, number in numbers.items():
                self._last[kind] = max(self._last[kind], number)

    def text(self, text: str) -> str:
        """The text with every secret replaced by its token. Text without secrets comes back as the same object."""
        data = text.encode("utf-8", "surrogatepass")
        spans = _without_overlaps(data, [*scan(data), *scan_blocks(data)])
        if not spans:
            return text
        parts: list[bytes] = []
        at = 0
        for span in spans:
            parts += (data[at : span.start], self._token(data[span.start : span.end], span.kind).encode())
            at = span.end
        return b"".join((*parts, data[at:])).decode("utf-8", "surrogatepass")

    def texts(self, texts: Sequence[str]) -> list[str]:
        """Each text redacted; much faster than one by one when there are many short ones."""
        if not texts:
            return []
        parts = self.text(_SEPARATOR.join(texts)).split(_SEPARATOR)
        # A text that contains the separator itself would shift all others.
        return parts if len(parts) == len(texts) else [self.text(text) for text in texts]

    def value(self, name: str, value: str) -> str:
        """A value whose name is known: hidden as a whole when the name announces a secret."""
        kind = name_kind(name)
        data = value.encode("utf-8", "surrogatepass")
        if kind in (None, "session") or not data or is_placeholder(data) or data.startswith(b"/"):
            return self.text(value)
        if TOKEN.search(value) or b"://" in data:
            return self.text(value)
        return self._token(data, kind or "secret")

    def words(self, words: Iterable[str]) -> tuple[str, ...]:
        """Words of a command: a flag may stand in one and its secret in the next."""
        given = list(words)
        found: list[str] = []
        for index, word in enumerate(given):
            flag = given[index - 1] if index else ""
            if flag.startswith("-") and "=" not in flag and " " not in flag and not word.startswith("-"):
                found.append(self.value(flag, word))
            else:
                found.append(word)
        # Together once more: some flags are secret only in their command (`mysql -pX`).
        joined = self.text(" ".join(found)).split(" ") if not any(" " in word for word in found) else []
        return tuple(joined) if len(joined) == len(found) else tuple(self.texts(found))

    def _token(self, secret: bytes, kind: str) -> str:
        with self._lock:
            known = self._tokens.get(secret)
            if known is None:
                self._last[kind] += 1
                self._secrets[kind] += 1
                known = self._tokens[secret] = f"‹{kind}:{self._last[kind]}›"
            self._places[known[1:].partition(":")[0]] += 1
            return known


def highest_numbers(texts: Iterable[str]) -> dict[str, int]:
    """The highest number per kind among the tokens in texts."""
    highest: dict[str, int] = {}
    for text in texts:
        for kind, number in TOKEN.findall(text) if "‹" in text else ():
            highest[kind] = max(highest.get(kind, 0), int(number[:9]))
    return highest


def _without_overlaps(data: bytes, spans: Iterable[Span]) -> list[Span]:
    """In order, the outermost of overlapping ones, nothing that is empty or hidden already."""
    chosen: list[Span] = []
    for span in sorted(dict.fromkeys(spans), key=lambda item: (item.start, -item.end)):
        if span.end <= span.start or is_placeholder(data[span.start : span.end]) or end_of_token(data, span.start):
            continue
        last = chosen[-1] if chosen else None
        if last is None or span.start >= last.end:
            chosen.append(span)
        elif span.end > last.end:
            chosen[-1] = Span(last.start, span.end, last.kind)
    return chosen
