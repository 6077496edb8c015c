"""The commands that a diagnosis prints, and those that nobody could paste."""

from __future__ import annotations

import re

from bot.domain.diagnosis import Diagnosis

_HOLE = re.compile(r"\b(POD|PORT|SERVICE|FILE|NAME)\b|:0/|//proxy|  |\{\}$")


def commands(diagnosis: Diagnosis) -> list[str]:
    """Those of the checks."""
    return [check.command for check in diagnosis.checks if check.command]


def fixes(diagnosis: Diagnosis) -> list[str]:
    """Those of the remedies of root causes."""
    return [remedy.command for cause in diagnosis.root_causes for remedy in cause.remedies if remedy.command]


def with_holes(diagnosis: Diagnosis) -> list[str]:
    """Commands in which a name or a number is missing."""
    return [command for command in commands(diagnosis) + fixes(diagnosis) if _HOLE.search(command)]
