"""Redaction rules of one site: what looks like a secret only there, in a YAML file with cases (`TRIAGE_REDACTION`).

Loaded at start and by `triage playbooks check --redaction FILE`. All mistakes are reported at once with their places,
and a rule whose cases do not hold is one of them. A file with mistakes is refused whole: nothing runs with half of it.

    schema: triage/redaction/v1
    kind: redaction
    rules:
      - id: badge                         # the kind: ‹badge:1›
        pattern: '\\bACME-([0-9]{8})\\b'    # RE2; with a group, only the group is hidden
        cases:
          - {text: 'badge ACME-12345678 refused', hides: ['12345678']}
          - {text: 'ticket ACME-42', hides: []}
    shown:                                # whole values that are never hidden
      - pattern: 'changeme'
        cases: [{text: 'password=changeme', hides: []}]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import re2
from pydantic import Field

from bot.domain.errors import FilesRejected
from bot.playbook.regex import refusal
from bot.redaction.span import Span
from bot.yamlfile.document import Document
from bot.yamlfile.files import SourceFile, read_file
from bot.yamlfile.model import Strict
from bot.yamlfile.positions import START, Problem
from bot.yamlfile.positions import Path as Steps
from bot.yamlfile.recipe import check_as, listed_problems, open_file

Pattern = Annotated[str, Field(min_length=1, max_length=1000)]
Texts = Annotated[tuple[str, ...], Field(strict=False)]


class RedactionRulesRejected(FilesRejected):
    """The site's redaction rules have mistakes."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        remedy = "Correct the file; `triage playbooks check --redaction FILE` lists all of them."
        super().__init__("redaction rules", problems, remedy)


class RuleCase(Strict):
    """A text and exactly what is hidden in it, by all rules together; `hides: []` means that nothing is."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]
    hides: Texts


class SiteRule(Strict):
    """One form of secret. Needs a case that it hides and one that it leaves alone."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=24)]
    pattern: Pattern
    cases: Annotated[tuple[RuleCase, ...], Field(strict=False, min_length=2)]


class ShownRule(Strict):
    """Values (as a whole) that no rule hides, for what the built-in rules take for secrets by mistake."""

    pattern: Pattern
    cases: Annotated[tuple[RuleCase, ...], Field(strict=False, min_length=1)]


class SiteRules(Strict):
    """The content of the file. `SiteRules()` has no rules."""

    schema_: Annotated[Literal["triage/redaction/v1"], Field(alias="schema")] = "triage/redaction/v1"
    kind: Literal["redaction"] = "redaction"
    rules: Annotated[tuple[SiteRule, ...], Field(strict=False)] = ()
    shown: Annotated[tuple[ShownRule, ...], Field(strict=False)] = ()

    @cached_property
    def _patterns(self) -> tuple[tuple[str, re2._Regexp], ...]:
        return tuple((rule.id, _compiled(rule.pattern)) for rule in self.rules)

    @cached_property
    def _shown(self) -> tuple[re2._Regexp, ...]:
        return tuple(_compiled(rule.pattern) for rule in self.shown)

    def spans(self, data: bytes) -> Iterator[Span]:
        """What the site's own rules find in a text."""
        for kind, pattern in self._patterns:
            for match in pattern.finditer(data):
                start, end = match.span(1 if pattern.groups and match.group(1) is not None else 0)
                yield Span(start, end, kind)

    def shows(self, secret: bytes) -> bool:
        """Whether this value must stay as it is."""
        return any(pattern.fullmatch(secret) for pattern in self._shown)


NO_RULES = SiteRules()

Hidden = Callable[[SiteRules, str], Sequence[str]]
"""What the redactor hides in a text under these rules; given by the caller, because the redactor knows this module."""


def parse_site_rules(content: bytes, name: str, hidden: Hidden) -> SiteRules:
    """The rules in a file's bytes.

    Raises `RedactionRulesRejected` with every mistake as `file:line:column: message`.
    """
    return _rules_of(SourceFile(Path(name), name, content), hidden)


def read_site_rules(path: Path, hidden: Hidden) -> SiteRules:
    """The rules in a file. Raises `RedactionRulesRejected`, also when it cannot be read."""
    return _rules_of(read_file(path, path.name), hidden)


def _rules_of(source: SourceFile, hidden: Hidden) -> SiteRules:
    checked = check_as(open_file(source), SiteRules)
    rules, problems = checked.model, checked.problems
    if rules is not None:
        problems += _lint(rules, checked.document, source.name)
        problems += [] if problems else _run_cases(rules, checked.document, source.name, hidden)
    if not problems and rules is None:
        checked.report(START, "the file is empty; begin it with `schema: triage/redaction/v1`")
    if problems or rules is None:
        raise RedactionRulesRejected(listed_problems(problems))
    return rules


def _lint(rules: SiteRules, document: Document, name: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, rule in enumerate(rules.rules):
        steps: Steps = ("rules", index)
        yield from _pattern_problems(rule.pattern, (*steps, "pattern"), document, name)
        if rule.id in seen:
            yield Problem(name, document.positions.of((*steps, "id")), f"there are two rules `{rule.id}`")
        seen.add(rule.id)
        if not any(case.hides for case in rule.cases) or all(case.hides for case in rule.cases):
            message = (
                "a rule needs a case in which it hides something, and one (`hides: []`) in which nothing is hidden"
            )
            yield Problem(name, document.positions.of_key((*steps, "cases")), message)
    for index, kept in enumerate(rules.shown):
        yield from _pattern_problems(kept.pattern, ("shown", index, "pattern"), document, name)


def _pattern_problems(pattern: str, steps: Steps, document: Document, name: str) -> Iterator[Problem]:
    reason = refusal(pattern)
    if reason is None and _compiled(pattern).groups > 1:
        reason = "the pattern has several groups; write `(?:…)` for all but the one around the secret"
    if reason is None and _compiled(pattern).search(b""):
        reason = "the pattern matches an empty text"
    if reason is not None:
        yield Problem(name, document.positions.of(steps), reason)


def _run_cases(rules: SiteRules, document: Document, name: str, hidden: Hidden) -> Iterator[Problem]:
    cases = [
        *(("rules", index, rule.cases) for index, rule in enumerate(rules.rules)),
        *(("shown", index, kept.cases) for index, kept in enumerate(rules.shown)),
    ]
    for part, index, own in cases:
        for number, case in enumerate(own):
            found = sorted(hidden(rules, case.text))
            if found != sorted(case.hides):
                where = document.positions.of((part, index, "cases", number))
                said = ", ".join(f"“{item}”" for item in found) or "nothing"
                yield Problem(name, where, f"this case does not hold: {said} is hidden in the text")


def _compiled(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern.encode(), options)
