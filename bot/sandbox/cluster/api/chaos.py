"""Faults of the API server itself, for tests: requests that hang, fail, or lose their connection or their answer.

Consulted by `api.server` before a request is handled. Denials by RBAC are in `api.authorizer`.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Misbehaviour:
    """What happens to requests whose method and path match.

    `kind` is "hang", "fail", "drop", or "lose": the request is carried out, and its answer gets lost.
    """

    kind: str
    pattern: re.Pattern[str]
    status: int = 500
    retry_after: int | None = None
    message: str = ""
    method: str = ""


@dataclass
class Chaos:
    """The misbehaviours in force, oldest first; `times` limits how often one strikes."""

    _rules: list[tuple[Misbehaviour, int | None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, rule: Misbehaviour, times: int | None = None) -> None:
        """Put a rule in force, for ever or for a number of requests."""
        with self._lock:
            self._rules.append((rule, times))

    def clear(self) -> None:
        """Behave again."""
        with self._lock:
            self._rules.clear()

    def strike(self, method: str, path: str) -> Misbehaviour | None:
        """The rule that hits this request, counted."""
        with self._lock:
            for index, (rule, times) in enumerate(self._rules):
                if rule.method in ("", method) and rule.pattern.search(path):
                    if times is not None:
                        self._rules[index : index + 1] = [(rule, times - 1)] if times > 1 else []
                    return rule
        return None

    def holds(self, rule: Misbehaviour) -> bool:
        """Whether the rule is still in force; a hanging request goes on when it is not."""
        with self._lock:
            return any(known is rule for known, _ in self._rules)
