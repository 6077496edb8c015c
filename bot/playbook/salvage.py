"""Keeps what is right of a file with mistakes, so that the lint can look at the rest of it too.

Called by the loader, only for files that validation refused: an author then hears of an unknown field and of a bad
pattern at once, not one after the other. What it returns is never used for a triage.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from bot.playbook.positions import Path, Positions
from bot.playbook.wording import mistakes

_STAND_INS: dict[str, Any] = {
    "schema": "triage/playbook/v1",
    "title": "?",
    "label": "?",
    "description": "?",
    "sentence": "?",
    "name": "?",
    "severity": "info",
    "id": "unreadable",
}
"""Values for required fields whose real value was wrong or missing, and which the rest of the file does not lean on."""

_MAX_ROUNDS = 30


def salvage(model: type[BaseModel], data: dict[str, Any], positions: Positions) -> BaseModel | None:
    """A valid model of what remains when everything wrong is taken out; None when nothing useful remains.

    Changes `data` and `positions` in step.
    """
    for _ in range(_MAX_ROUNDS):
        try:
            return model.model_validate(data)
        except ValidationError as error:
            found = mistakes(error, positions)
        paths = sorted({_to_repair(item.kind, item.path) for item in found}, key=_later_items_first, reverse=True)
        if not all(_repair(data, positions, path) for path in paths):
            return None
    return None


def _to_repair(kind: str, path: Path) -> Path:
    """What must go: a field that is missing takes what lacks it along, unless something can stand in for it."""
    return path[:-1] if kind == "missing" and path[-1] not in _STAND_INS else path


def _later_items_first(path: Path) -> tuple[tuple[int, str | int], ...]:
    return tuple((0, step) if isinstance(step, int) else (1, step) for step in path)


def _repair(data: dict[str, Any], positions: Positions, path: Path) -> bool:
    """Take the value at the path out, or put a stand-in there. False when that would be the whole file."""
    if not path:
        return False
    owner: Any = data
    place = positions
    for step in path[:-1]:
        if step not in place.children:
            return True  # went with something around it
        owner, place = owner[step], place.children[step]
    last = path[-1]
    if isinstance(owner, list):
        del owner[int(last)]
        kept = [place.children[index] for index in sorted(place.children, key=int) if index != last]
        place.children = dict(enumerate(kept))
    elif last in _STAND_INS:
        owner[last] = _STAND_INS[str(last)]
        place.children.setdefault(last, Positions(place.value))
    elif isinstance(owner, dict):
        owner.pop(last, None)
        place.children.pop(last, None)
    return True
