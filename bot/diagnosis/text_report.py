"""The checks of a diagnosis as text for a terminal, below what its card says; and what every text is made with."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence

from bot.diagnosis.rights import missing_rules
from bot.domain.diagnosis import Cause, Diagnosis
from bot.domain.facts import Check, CheckStatus

_CHECKS = 8
"""Failed checks that are told of a discovered app, which has hundreds: those that show the root causes first."""
RESTATED = frozenset({"paste", "app.summary"})
"""Checks that only count or repeat what stands elsewhere: no list of failures names them."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def safe(text: str) -> str:
    """Text from logs and objects without what could steer a terminal: escape, control and direction characters."""
    return _CONTROL.sub("", text)


def checks_text(diagnosis: Diagnosis, *, every_check: bool = False, width: int = 110) -> str:
    """The checks with their kubectl commands: those that fail, or all; and the rights that were missing."""
    lines = _check_rows(_told(diagnosis, every_check), len(diagnosis.checks), every_check, width)
    rules = missing_rules(diagnosis.gaps)
    if rules:
        lines += ["", "To let this account see what it could not, apply this:", textwrap.indent(rules, "  ")]
    return "\n".join(lines)


def hidden_words(hidden: Mapping[str, int]) -> str:
    """What was hidden, for a person: `2 × password, 1 × aws-key, each replaced by a token such as ‹password:1›`."""
    counts = ", ".join(f"{count} × {kind}" for kind, count in hidden.items())
    first = next(iter(hidden), "password")
    return f"{counts}, each replaced by a token such as ‹{first}:1›" if counts else "nothing"


def chain_words(cause: Cause) -> str:
    """`front → orders → db → claim db-data`."""
    return " → ".join(cause.chain)


def wrapped(text: str, width: int, indent: str = "", more: str = "") -> list[str]:
    """Prose within the width; words stay whole, and what goes on is indented by `more`."""
    return textwrap.wrap(
        safe(text),
        width,
        initial_indent=indent,
        subsequent_indent=indent + more,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _told(diagnosis: Diagnosis, every: bool) -> Sequence[Check]:
    """The checks to list, in their order."""
    if every:
        return diagnosis.checks
    failed = [check for check in diagnosis.checks if check.status is CheckStatus.FAIL and check.id not in RESTATED]
    if not diagnosis.looked_at or len(failed) <= _CHECKS:
        return failed
    proof = {name for cause in diagnosis.root_causes for name in cause.because}
    first = {check.id for check in sorted(failed, key=lambda check: check.id not in proof)[:_CHECKS]}
    return [check for check in failed if check.id in first]


def _check_rows(shown: Sequence[Check], total: int, every: bool, width: int) -> list[str]:
    words = {CheckStatus.PASS: "ok", CheckStatus.FAIL: "FAIL", CheckStatus.UNKNOWN: "?"}
    hidden = total - len(shown)
    rows = ["Checks:" if every else f"Failed checks ({hidden} more with --all-checks):"]
    for check in shown:
        word = "-" if check.nothing_to_check else words[check.status]
        rows += wrapped(f"{word:<5}{check.id:<24} {check.summary}", width, "  ", " " * 5)
        if check.command:
            rows.append(f"       $ {safe(check.command)}")
    return rows if shown or every else [f"No check fails ({hidden} checks; --all-checks lists them)."]
