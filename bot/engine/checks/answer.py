"""Builds the answer of a check: status, sentence, command and its facts under their full names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from bot.domain.facts import Check, CheckStatus, FactValue, Gap, GapReason
from bot.playbook.catalogue import FACTS, ScopeKind


@dataclass(frozen=True, slots=True)
class CheckBuilder:
    """Which check this is: scope (a component's or route's name), its kind, the check's suffix, and the kubectl
    command.
    """

    kind: ScopeKind
    scope: str
    check: str
    command: str

    def answered(self, ok: bool, summary: str, facts: Mapping[str, FactValue | Gap]) -> Check:
        """A definite answer. Every fact of the check that is missing from `facts` becomes a gap: there is nothing
        there.
        """
        status = CheckStatus.PASS if ok else CheckStatus.FAIL
        return self._check(status, summary, facts, None, Gap(GapReason.ABSENT, f"{self.scope} {self.check}"))

    def idle(self, summary: str, facts: Mapping[str, FactValue | Gap]) -> Check:
        """There is nothing of which it could be asked; `summary` says what is not there."""
        return replace(self.answered(True, summary, facts), nothing_to_check=True)

    def open(self, gap: Gap, facts: Mapping[str, FactValue | Gap] | None = None) -> Check:
        """No answer: the gap says why, and all facts of the check that are not given are gaps."""
        return self._check(CheckStatus.UNKNOWN, f"Could not check {gap.sentence()}.", facts or {}, gap, gap)

    def _check(
        self, status: CheckStatus, summary: str, facts: Mapping[str, FactValue | Gap], gap: Gap | None, missing: Gap
    ) -> Check:
        full = {f"{self.scope}.{name}": facts.get(name, missing) for name in _names_of(self.kind, self.check)}
        return Check(f"{self.scope}.{self.check}", status, summary, self.command, gap, full)


@cache
def _names_of(kind: ScopeKind, check: str) -> tuple[str, ...]:
    """The facts of a check, without their scope."""
    return tuple(name for name, spec in FACTS[kind].items() if spec.check == check)
