"""The rules of failed calls, compiled: one filter says which patterns may be in a text, the patterns where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import re2

from bot.engine.match.patterns import Regex, any_of, without_counts
from bot.playbook.failed_calls.rules import CallRule, CallRules, TargetRule, shipped_rules

_LITERAL = re.compile(r"(?<![{\\,\d])\d{1,5}(?!\d*[},])")
# Errnos and HTTP statuses tell something also where no pattern was found the first time.
_TELLING = (*range(100, 116), *range(400, 600))

_OVER_LINES = re.compile(r"\\[nsWDvpP]|\[\^|\[\[:|\(\?[a-zA-Z]*s|\\x|\\C")
"""In a pattern: what may match the end of a line."""


class Filtered:
    """Patterns that are tried only on texts that hold their literals."""

    def __init__(self, patterns: Iterable[str], where: str) -> None:
        self.regexes = tuple(Regex(pattern, where) for pattern in patterns)
        self._filter = re2.Filter()
        for regex in self.regexes:
            self._filter.Add(without_counts(regex.pattern))
        if self.regexes:
            self._filter.Compile()
        self._within_a_line = {
            number for number, regex in enumerate(self.regexes) if not _OVER_LINES.search(regex.pattern)
        }

    def candidates(self, data: bytes) -> Sequence[int]:
        """The numbers of the patterns that may find something, in order."""
        return sorted(self._filter.Match(data, True) or ()) if self.regexes else ()

    def present(self, data: bytes) -> Sequence[int]:
        """Those of the candidates that do find something in whole lines, as far as that can be said without a page.

        A literal like `HTTP/` is in every log of a web server. What may reach over a line's end is not left out: lines
        of several sources are put in another order before they are read.
        """
        return [
            number
            for number in self.candidates(data)
            if number not in self._within_a_line or self.regexes[number].search(data) is not None
        ]


@dataclass(frozen=True, slots=True)
class CallWords:
    """One pattern of a rule, compiled."""

    rule: CallRule
    unless: Regex | None


@dataclass(frozen=True, slots=True)
class TargetWords:
    """One pattern of a rule about destinations."""

    rule: TargetRule
    unless: Regex | None


class CallPatterns:
    """All rules. Immutable after construction and safe to share between threads."""

    def __init__(self, rules: CallRules) -> None:
        self.words: list[CallWords] = []
        self.targets: list[TargetWords] = []
        self.needs = {rule.id: Regex(rule.needs, rule.id) for rule in rules.calls if rule.needs}
        texts: list[str] = []
        for rule in rules.calls:
            unless = any_of(rule.unless, rule.id)
            self.words += [CallWords(rule, unless)] * len(rule.patterns)
            texts += rule.patterns
        self.finding = Filtered(texts, "failed calls")
        numbers = {int(number) for text in texts for number in _LITERAL.findall(text)} | set(_TELLING)
        self.telling = {text: text for text in (str(number).encode() for number in numbers)}
        """Numbers that the patterns look for: they may tell something wherever they stand in a message."""
        texts = []
        for target in rules.targets:
            self.targets += [TargetWords(target, any_of(target.unless, target.id))] * len(target.patterns)
            texts += target.patterns
        self.aiming = Filtered(texts, "destinations of failed calls")
        self.no_calls = any_of(rules.no_calls, "lines that report no failed call")
        self.not_hosts = rules.not_hosts
        self.no_values = rules.no_values
        self.not_sites = frozenset(rules.not_sites)
        self.clients = tuple(rule.id for rule in rules.clients)
        self.speaking = Filtered((rule.pattern for rule in rules.clients), "clients")


@cache
def shipped_patterns() -> CallPatterns:
    """The patterns of the rules that come with the program."""
    return CallPatterns(shipped_rules())
