"""Which of several symptoms in one text says more. Called by the matcher when it knows all that is in the text.

An end such as "Application startup failed" is the same for twenty causes; where the text names the cause, the end adds
nothing. Playbooks say so with `unless_found`.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.playbook.schema import Signature, SymptomPlaybook

ANY = "*"


def speaks(playbook: SymptomPlaybook, signature: Signature, found: Sequence[SymptomPlaybook]) -> bool:
    """Whether a signature that was found still says something beside the other symptoms in the same text."""
    weaker_than = {*playbook.unless_found, *signature.unless_found}
    return not any(
        other.id in weaker_than
        or (ANY in weaker_than and other.severity == "critical" and ANY not in other.unless_found)
        for other in found
        if other.app == playbook.app and other.id != playbook.id
    )
