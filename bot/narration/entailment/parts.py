"""Cuts a text into parts that state one thing each, and finds concepts in their base forms. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from bot.narration.entailment import lexicon
from bot.narration.entailment.synonyms import SYNONYMS
from bot.narration.entailment.words import base, plain

Concept = tuple[str, str]
"""A concept and its pole: ("ready", "-") is what "not ready" and "unready" say."""

TOKEN = re.compile(
    r"@\d+@|%\w+%|\d{1,2}:\d{2}(?::\d{2})?(?![\d:])|\d+(?:\.\d+)?(?:[kmg]i?b?|ms|s|%)?(?![\w.:/-]*\w)|"
    r"\w[\w.:/=\[\]-]*\w/?|\w|[^\s\w]"
)
_HARD = frozenset(";:.()!?")
_SOFT = frozenset((",", "and", "but", "while", "which", "whereas"))


@dataclass(frozen=True, slots=True)
class SentencePart:
    tokens: tuple[str, ...]
    link: str = ""
    ends_with_colon: bool = False
    relative: bool = False
    """Whether it begins with "which": then it is about the last name before it."""
    listed: bool = False
    """Whether an "and" stands before one of its pieces."""
    starts: tuple[str, ...] = ()
    """The first word of each piece that was joined into it: an order begins with its verb."""


def parts_of(tokens: Sequence[str]) -> Iterable[SentencePart]:
    """Split where one statement ends and another begins; a piece that states nothing belongs to its neighbour."""
    cutter = _Cutter()
    for token in tokens:
        cutter.take(token)
    cutter.close(is_hard=True)
    return _joined(cutter.pieces, cutter.hard)


class _Cutter:
    """Cuts at marks and at words that join. `hard` says for each piece whether it is cut off from the one before."""

    def __init__(self) -> None:
        self.pieces: list[SentencePart] = []
        self.hard: list[bool] = []
        self._current: list[str] = []
        self._link, self._hard_before, self._relative, self._joined = "", True, False, False
        self._leading = False
        """Whether it begins with "because": the cause then stands first, up to a comma."""

    def take(self, token: str) -> None:
        """The next token."""
        if token in ("%because%", "%so%"):
            self._leading = self._leading or (token == "%because%" and not self._current and not self.pieces)
            self.close(token.strip("%"), is_hard=True)
        elif token == "," and self._leading and self._current:
            self.close("so", is_hard=True)
            self._link, self._leading = "so", False
            self.pieces[-1] = replace(self.pieces[-1], link="")
        elif token in _HARD:
            self.close(is_hard=True, colon=token == ":")
        elif token in _SOFT:
            self.close(is_hard=False)
            self._relative = self._relative or token == "which"
            self._joined = self._joined or token == "and"
        elif token not in ('"', "'"):
            self._current.append(token)

    def close(self, next_link: str = "", *, is_hard: bool, colon: bool = False) -> None:
        """End the piece that is being read, if there is one."""
        if self._current:
            starts = tuple(self._current[:1])
            self.pieces.append(
                SentencePart(tuple(self._current), self._link, colon, self._relative, self._joined, starts)
            )
            self.hard.append(self._hard_before)
            self._current, self._hard_before, self._link = [], is_hard, next_link
            self._relative, self._joined = False, False
        elif next_link:
            self._link, self._hard_before = next_link, True
        else:
            self._hard_before = self._hard_before or is_hard
            if colon and self.pieces:
                self.pieces[-1] = replace(self.pieces[-1], ends_with_colon=True)


def _joined(pieces: Sequence[SentencePart], hard: Sequence[bool]) -> list[SentencePart]:
    """Pieces with their neighbours, where only a comma or an "and" stands between and one of them states nothing."""
    made: list[SentencePart] = []
    for piece, is_hard in zip(pieces, hard, strict=True):
        if made and not is_hard and not piece.link and not (_states(made[-1].tokens) and _states(piece.tokens)):
            before = made[-1]
            made[-1] = SentencePart(
                before.tokens + piece.tokens,
                before.link,
                piece.ends_with_colon,
                before.relative,
                before.listed or piece.listed,
                before.starts + piece.starts,
            )
        else:
            made.append(replace(piece, listed=False))
    return made


def _states(tokens: Sequence[str]) -> bool:
    return any(token in lexicon.AUXILIARIES for token in tokens) or any(
        concept for concept, _ in concepts_of(bases(tokens))[0]
    )


def bases(tokens: Iterable[str]) -> list[str]:
    """Base forms of what says something; marks of names and links stay, every negation is "not"."""
    found: list[str] = []
    for token in tokens:
        if token.startswith(("@", "%")) or not token[0].isalnum():
            found.append(token)
        elif token in lexicon.NEGATIONS:
            found.append("not")
            if token == "nowhere":
                found.append("nowhere")
        elif token in ("once", "twice"):
            found += ["1" if token == "once" else "2", "time"]
        elif token in lexicon.NUMBER_WORDS and token != "one":
            found.append(str(lexicon.NUMBER_WORDS[token]))
        elif token not in lexicon.CONNECTING:
            found += ["time" if piece in ("time", "times") else base(piece) for piece in _split(token)]
    return found


def _split(token: str) -> list[str]:
    """Hyphenated words are two; what holds other marks is a name."""
    if "-" in token and not any(mark in token for mark in "/:=_.[") and not any(char.isdigit() for char in token):
        return [] if token == "be-reached" else token.split("-")
    return [token]


@cache
def phrases() -> Mapping[str, tuple[tuple[tuple[str, ...], str, str], ...]]:
    """Phrases in base forms by their first word, longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for concept, pole, texts in SYNONYMS:
        for phrase in " ".join(texts.split()).split("; "):
            words = tuple(bases(TOKEN.findall(plain(phrase)))) if phrase != "be-reached" else ("be-reached",)
            if words:
                found.setdefault(words[0], []).append((words, concept, pole))
    return {first: tuple(sorted(rows, key=lambda row: -len(row[0]))) for first, rows in found.items()}


def concepts_of(words: Sequence[str]) -> tuple[list[Concept], list[str]]:
    """The concepts in a row of base forms, and what is left."""
    table, found, left, at = phrases(), [], [], 0
    while at < len(words):
        for phrase, concept, pole in table.get(words[at], ()):
            if tuple(words[at : at + len(phrase)]) == phrase:
                found.append((concept, pole))
                at += len(phrase)
                break
        else:
            left.append(words[at])
            at += 1
    return found, left
