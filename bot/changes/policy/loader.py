"""Loads a policy file: the policy, or a list of everything that is wrong with it.

Called by the reload (`source`) and by `triage policy check`. Never loads a part of a file.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from bot.changes.policy.compiler import compiled
from bot.changes.policy.model import Policy
from bot.changes.policy.rules import check
from bot.changes.policy.schema import PolicyFile
from bot.domain.errors import PolicyRejected
from bot.yamlfile.files import SourceFile, read_file
from bot.yamlfile.recipe import check_as, listed_problems, open_file

_STAND_INS: dict[str, Any] = {"schema": "triage/policy/v1", "kind": "policy", "enabled": False, "roles": {}}
"""What the rules may look at instead, in a broken file; nothing is ever decided by it."""


def load(path: Path) -> Policy:
    """Read and check a policy file.

    Raises `PolicyRejected` with all mistakes, sorted, each as `file:line:column: message`; a file that is not there or
    cannot be read is one of them.
    """
    return parse(read_file(path, path.name))


def parse(source: SourceFile) -> Policy:
    """The same for contents that were already read. Raises `PolicyRejected`."""
    checked = check_as(open_file(source), PolicyFile, salvaged=_STAND_INS)
    for path, text in check(checked.model) if checked.model is not None else ():
        if not any(inner[: len(path)] == path for inner in checked.wrong):  # else it only follows from that
            checked.report_at(path, text)
    if checked.model is None or checked.problems:
        raise PolicyRejected(listed_problems(checked.problems))
    return compiled(checked.model, hashlib.sha256(source.content).hexdigest())
