"""What comes with the program, and the labelled data of the tests: read once per process, because many tests ask."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.playbook.loader import PlaybookSet, load
from bot.playbook.location import default_playbooks

PASTES = Path(__file__).parents[1] / "pastes"


@cache
def shipped_playbooks() -> PlaybookSet:
    """All playbooks of the program, linted, with their cases. Immutable."""
    return load(default_playbooks())


@cache
def pastes(name: str) -> Any:
    """A file of `tests/pastes`, by its name; shared by all who read it."""
    return yaml.load((PASTES / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # noqa: TID251 - safe_load, in C
