"""Loads the rules by which failed calls are read. Called by the engine's reader, once per process, and by the lint.

The files are shipped with the program; a mistake in one is a mistake of the program (ValueError names it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from bot.domain.calls import CallFailure
from bot.playbook.regex import refusal
from bot.playbook.schema import Makes
from bot.yamlfile.document import read

_FILES = (
    "transport.yaml",
    "general-words.yaml",
    "own-words.yaml",
    "other-languages.yaml",
    "answers.yaml",
    "targets.yaml",
    "no-calls.yaml",
)

_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_V4 = r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}"
_V6 = r"[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?"
_V6_AND_PORT = r"[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+(?:%[\w.-]+)?"
_PORT = r"(?P<port>\d+)"
_TARGET = (
    rf"(?:\[(?P<bracketed>{_V6})\](?::(?P<bracketed_port>\d+))?"
    rf"|(?P<bare>{_V6_AND_PORT}):(?P<bare_port>\d+)"
    rf"|(?P<host>{_NAME})(?:\.?:(?P<port>\d+))?)"
)
_MACROS = {
    "{target}": _TARGET,
    "{url}": rf"[a-z][a-z0-9+.-]*://(?:[^\s/@\"']+@)?{_TARGET}",
    "{address}": rf"(?P<address>{_V4}|{_V6}|::)",
    "{port}": _PORT,
}
_HOST = rf"(?P<host>{_NAME}\.?|{_V6})"
"""A name may end in a dot (`db.shop.svc.cluster.local.`): no search domain is tried then."""


@dataclass(frozen=True, slots=True)
class CallRule:
    """Words that tell how a call failed. `patterns`, `unless` and `needs` are RE2."""

    id: str
    kind: CallFailure
    also: tuple[CallFailure, ...]
    weight: int
    patterns: tuple[str, ...]
    unless: tuple[str, ...]
    needs: str | None
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetRule:
    """Words that tell where a call went. In `prose`, a word such as "server" may stand where a host stands."""

    id: str
    weight: int
    prose: bool
    patterns: tuple[str, ...]
    unless: tuple[str, ...]
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClientRule:
    """Words by which a client is known."""

    id: str
    pattern: str


@dataclass(frozen=True, slots=True)
class CallRules:
    """Everything by which failed calls are read."""

    calls: tuple[CallRule, ...]
    targets: tuple[TargetRule, ...]
    clients: tuple[ClientRule, ...]
    not_hosts: frozenset[str]
    """Words of prose that stand where a host may stand."""
    no_values: frozenset[str]
    """What stands where a host may stand if none is set."""
    no_calls: tuple[str, ...]
    """Lines that name a failure and report none: code, measures, settings, documentation, tests that pass."""
    not_sites: tuple[str, ...]
    """Where documentation lies: these and what is below them are no destinations of a URL in a text."""


@cache
def shipped_rules() -> CallRules:
    """The rules that come with the program."""
    calls: list[CallRule] = []
    targets: list[TargetRule] = []
    clients: list[ClientRule] = []
    not_hosts: list[str] = []
    not_sites: list[str] = []
    no_values: list[str] = []
    no_calls: list[str] = []
    for name in _FILES:
        data = _data(name)
        calls += [_call(item) for item in data.get("rules", ())]
        targets += [_target(item) for item in data.get("targets", ())]
        not_hosts += data.get("not_hosts", ())
        no_values += data.get("no_values", ())
        no_calls += data.get("no_calls", ())
        not_sites += data.get("not_sites", ())
        clients += [ClientRule(item["id"], item["pattern"]) for item in data.get("clients", ())]
    return CallRules(
        tuple(calls),
        tuple(targets),
        tuple(clients),
        frozenset(not_hosts),
        frozenset(no_values),
        tuple(no_calls),
        tuple(not_sites),
    )


@cache
def table() -> Mapping[str, tuple[Makes, ...]]:
    """The rows of the table of causes and failures, by name."""
    rows = _data("table.yaml")["rows"]
    return {name: tuple(Makes.model_validate(entry) for entry in entries) for name, entries in rows.items()}


def problems(rules: CallRules) -> Iterator[str]:
    """What is wrong with the rules: ids used twice, and patterns that RE2 refuses."""
    every: tuple[CallRule | TargetRule | ClientRule, ...] = (*rules.calls, *rules.targets, *rules.clients)
    seen: set[str] = set()
    for rule in every:
        if rule.id in seen and not isinstance(rule, ClientRule):
            yield f"failed calls: the id {rule.id} stands twice"
        seen.add(rule.id)
        for pattern in _patterns(rule):
            reason = refusal(pattern)
            if reason:
                yield f"failed calls, {rule.id}: {pattern!r}: {reason}"
    for pattern in rules.no_calls:
        reason = refusal(pattern)
        if reason:
            yield f"failed calls, no_calls: {pattern!r}: {reason}"


def _patterns(rule: CallRule | TargetRule | ClientRule) -> Sequence[str]:
    if isinstance(rule, ClientRule):
        return (rule.pattern,)
    needs = (rule.needs,) if isinstance(rule, CallRule) and rule.needs else ()
    return (*rule.patterns, *rule.unless, *needs)


def _data(name: str) -> Mapping[str, Any]:
    document = read(resources.files(__package__).joinpath(name).read_bytes())
    if document.problems or not isinstance(document.data, dict):
        raise ValueError(f"{name}: {document.problems[0] if document.problems else 'is not a mapping'}")
    return document.data


def _call(item: Mapping[str, Any]) -> CallRule:
    return CallRule(
        id=item["id"],
        kind=CallFailure(item["kind"]),
        also=tuple(CallFailure(kind) for kind in item.get("also", ())),
        weight=item["weight"],
        patterns=tuple(item["patterns"]),
        unless=tuple(item.get("unless", ())),
        needs=item.get("needs"),
        cases=tuple(item["cases"]),
    )


def _target(item: Mapping[str, Any]) -> TargetRule:
    return TargetRule(
        id=item["id"],
        weight=item["weight"],
        prose=item.get("prose", False),
        patterns=tuple(_expanded(pattern) for pattern in item["patterns"]),
        unless=tuple(item.get("unless", ())),
        cases=tuple(item["cases"]),
    )


def _expanded(pattern: str) -> str:
    """The pattern with its macros written out. A host that is named twice is taken once."""
    for macro, text in _MACROS.items():
        pattern = pattern.replace(macro, text)
    first, *others = pattern.split("{host}")
    for number, other in enumerate(others):
        first += (_HOST if number == 0 else rf"(?:{_NAME})") + other
    return first
