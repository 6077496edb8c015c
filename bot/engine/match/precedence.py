"""Which of several symptoms in one text says more. Called by the matcher when it knows all that is in the text.

An end such as "Application startup failed" is the same for twenty causes; where the text names the cause, the end adds
nothing. Playbooks say so with `unless_found`. And what follows from another symptom in the same text comes after it: a
web server that reaches nobody, after the API server that refuses to start. What the log itself shows to be over, or
only an earlier run of the process told of, comes after what goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from bot.domain.symptoms import Symptom
from bot.playbook.app_schema import AppPlaybook
from bot.playbook.schema import Signature, SymptomPlaybook

ANY = "*"
_WARNING = 1


class Run(Enum):
    """In which run a process told of a symptom: its last one, an earlier one, or before one that has come to serve."""

    LAST = "last"
    EARLIER = "earlier"
    BEFORE_ONE_THAT_SERVES = "before one that serves"


class Place(NamedTuple):
    """What decides on the place of a symptom: its severity (0 is the worst), whether it `follows` from another one, the
    row of its first sign, and the last run of its process that told of it.
    """

    severity: int
    follows: bool
    row: int
    symptom: Symptom
    run: Run


def in_order(found: Sequence[Place]) -> list[Symptom]:
    """The symptoms, what goes on first; of these the most severe, causes before consequences."""
    going_on = [one.severity for one in found if not (one.follows or one.symptom.over) and one.run is Run.LAST]
    worst = min(going_on, default=_WARNING + 1)

    def is_past(one: Place) -> bool:
        # A run that has not come so far may yet tell of what is worse.
        done = bool(one.symptom.over) or one.run is Run.BEFORE_ONE_THAT_SERVES
        return worst <= _WARNING and (done or (one.run is Run.EARLIER and worst <= one.severity))

    ordered = sorted(found, key=lambda one: (is_past(one), one.severity, one.follows, one.row, one.symptom.id))
    return [one.symptom for one in ordered]


def speaks(playbook: SymptomPlaybook, signature: Signature, found: Sequence[SymptomPlaybook]) -> bool:
    """Whether a signature that was found still says something beside the other symptoms in the same text."""
    weaker_than = {*playbook.unless_found, *signature.unless_found}
    return not any(
        other.id in weaker_than
        or (ANY in weaker_than and other.severity == "critical" and ANY not in other.unless_found)
        for other in found
        if other.app == playbook.app and other.id != playbook.id
    )


def follows(playbook: SymptomPlaybook, found: Sequence[SymptomPlaybook], apps: Mapping[str, AppPlaybook]) -> bool:
    """Whether another symptom in the text breaks what this one is a consequence of, and is no consequence of it."""
    return any(
        _breaks(other, apps) & _caused_by(playbook) and not _breaks(playbook, apps) & _caused_by(other)
        for other in found
        if other.app == playbook.app and other.id != playbook.id
    )


def _caused_by(playbook: SymptomPlaybook) -> set[str]:
    return {one.breaks for one in playbook.caused_by if one.breaks is not None}


def _breaks(playbook: SymptomPlaybook, apps: Mapping[str, AppPlaybook]) -> set[str]:
    """What cannot serve where this symptom is: what its causes break, and what needs a dependency it tells of."""
    components = apps[playbook.app].components if playbook.app in apps else {}
    needed = {user for one in _caused_by(playbook) if one in components for user in components[one].needed_by}
    return needed | {cause.breaks for cause in playbook.causes if cause.breaks is not None}
