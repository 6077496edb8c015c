"""Prints the field guard: `python -m bot.changes.guard [FOLDER …] > deploy/rbac/field-guard.yaml`.

FOLDER: playbooks whose variables may be set; without any, those that come along.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bot.changes.guard.manifest import addressed, text
from bot.playbook.loader import load_checked
from bot.playbook.location import default_playbooks
from bot.playbook.remedy_kinds import REMEDY_KINDS


def printed(folders: list[Path]) -> str:
    """The file for the playbooks of these folders."""
    found = {name for folder in folders or [default_playbooks()] for name in addressed(load_checked(folder))}
    return text(REMEDY_KINDS, sorted(found))


if __name__ == "__main__":
    sys.stdout.write(printed([Path(name) for name in sys.argv[1:]]))
