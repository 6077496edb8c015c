"""Replaces secrets by typed, stable tokens. One `Redactor` per triage: equal secrets get equal tokens within it.

Made by `boundary.Boundary`; used by the triage service before anything leaves it. Keeps no secret, only which tokens it
gave.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.redaction.blocks import scan_blocks
from bot.redaction.judge import is_placeholder
from bot.redaction.personal import personal_spans
from bot.redaction.scan import name_kind, scan
from bot.redaction.site import NO_RULES, SiteRules
from bot.redaction.span import Span, end_of_token
from bot.redaction.tables import scan_tables
from bot.redaction.tokens import TOKEN, TokenBook

_SEPARATOR = "\n\x00\x1e\x00\n"


@dataclass(frozen=True, slots=True)
class Hidden:
    """How many different secrets of one kind were hidden, and in how many places."""

    secrets: int
    places: int


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that stands in a text. It exists while the text is looked at, and is never printed."""

    kind: str
    value: str

    def __repr__(self) -> str:
        return f"Secret({self.kind!r})"


def secrets_in(text: str, rules: SiteRules = NO_RULES) -> tuple[Secret, ...]:
    """Every secret in a text, in order. Only `live` and the cases of site rules look at values."""
    data = text.encode("utf-8", "surrogatepass")
    found = _spans(data, rules)
    return tuple(Secret(one.kind, data[one.start : one.end].decode("utf-8", "replace")) for one in found)


class Redactor:
    """Hides secrets in text. Safe to use from several threads. Equal calls in equal order give equal tokens."""

    def __init__(
        self, rules: SiteRules = NO_RULES, book: TokenBook | None = None, *, hides_personal_data: bool = False
    ) -> None:
        self._rules = rules
        self._personal = hides_personal_data
        self._book = book or TokenBook()
        self._lock = threading.Lock()
        self._given: set[str] = set()
        self._adopted: set[str] = set()
        self._places: Counter[str] = Counter()

    @property
    def hidden(self) -> Mapping[str, Hidden]:
        """What this redactor hid, by kind."""
        with self._lock:
            secrets = Counter(_kind(token) for token in self._given)
            return {kind: Hidden(secrets[kind], places) for kind, places in sorted(self._places.items())}

    @property
    def present(self) -> Mapping[str, int]:
        """How many different secrets have tokens in what was redacted here or before, by kind."""
        with self._lock:
            return dict(sorted(Counter(_kind(token) for token in self._given | self._adopted).items()))

    def adopt(self, texts: Iterable[str]) -> None:
        """Take note of the tokens in texts that were redacted before: they count, and their numbers are taken."""
        found = {match for text in texts if "‹" in text for match in TOKEN.findall(text)}
        highest: dict[str, int] = {}
        for kind, number in found:
            highest[kind] = max(highest.get(kind, 0), int(number[:9]))
        self._book.reserve(highest)
        with self._lock:
            self._adopted |= {f"‹{kind}:{number}›" for kind, number in found}

    def own(self, text: str) -> str:
        """A text of a person with its tokens renumbered: they come from another triage, where they stood for others."""
        if "‹" not in text:
            return text
        return TOKEN.sub(lambda token: self._token(token.group().encode(), token.group(1)), text)

    def text(self, text: str) -> str:
        """The text with every secret replaced by its token. Text without secrets comes back as the same object."""
        data = text.encode("utf-8", "surrogatepass")
        spans = _spans(data, self._rules, personal=self._personal)
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
        if TOKEN.search(value) or b"://" in data or self._rules.shows(data):
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
        token = self._book.token(secret, kind)
        with self._lock:
            self._given.add(token)
            self._places[_kind(token)] += 1
        return token


def _kind(token: str) -> str:
    return token[1:].partition(":")[0]


def _spans(data: bytes, rules: SiteRules, *, personal: bool = False) -> list[Span]:
    spans = [*scan(data), *scan_blocks(data), *scan_tables(data), *rules.spans(data)]
    found = _without_overlaps(data, spans)
    if personal:
        found = _without_overlaps(data, [*found, *_beside(found, personal_spans(data))])
    return [span for span in found if not rules.shows(data[span.start : span.end])] if rules.shown else found


def _beside(found: Sequence[Span], others: Iterable[Span]) -> Iterator[Span]:
    """The others that touch none of what was found: `password@host` in a URL looks like an address, and is none."""
    starts = [span.start for span in found]
    for other in others:
        at = bisect_left(starts, other.end)
        if at == 0 or found[at - 1].end <= other.start:
            yield other


def _outermost_first(span: Span) -> tuple[int, int, bool]:
    """Of those at one place, the one of a known kind first."""
    return span.start, -span.end, span.kind == "secret"


def _without_overlaps(data: bytes, spans: Iterable[Span]) -> list[Span]:
    """In order, the outermost of overlapping ones, nothing that is empty or hidden already."""
    chosen: list[Span] = []
    for span in sorted(dict.fromkeys(spans), key=_outermost_first):
        if span.end <= span.start or is_placeholder(data[span.start : span.end]) or end_of_token(data, span.start):
            continue
        last = chosen[-1] if chosen else None
        if last is None or span.start >= last.end:
            chosen.append(span)
        elif span.end > last.end:
            chosen[-1] = Span(last.start, span.end, last.kind)
    return chosen
