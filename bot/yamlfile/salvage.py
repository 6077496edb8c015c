"""Keeps what is right of a file with mistakes, so that the lint can look at the rest of it too.

Called by the recipe, only for files that validation refused: an author then hears of an unknown field and of a bad
pattern at once, not one after the other. What it returns is never used for a decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.yamlfile.positions import Path, Positions
from bot.yamlfile.validation_errors import mistakes

Model = TypeVar("Model", bound=BaseModel)

_MAX_ROUNDS = 30


def salvage(
    model: type[Model], data: dict[str, Any], positions: Positions, stand_ins: Mapping[str, Any]
) -> Model | None:
    """A valid model of what remains when everything wrong is taken out; None when nothing useful remains.

    `stand_ins`: values for required fields whose real value was wrong or missing, and which the rest of the file does
    not lean on. Changes `data` and `positions` in step.
    """
    for _ in range(_MAX_ROUNDS):
        try:
            return model.model_validate(data)
        except ValidationError as error:
            found = mistakes(error, positions)
        paths = sorted(
            {_to_repair(item.kind, item.path, stand_ins) for item in found}, key=_later_items_first, reverse=True
        )
        if not all(_repair(data, positions, path, stand_ins) for path in paths):
            return None
    return None


def _to_repair(kind: str, path: Path, stand_ins: Mapping[str, Any]) -> Path:
    """What must go: a field that is missing takes what lacks it along, unless something can stand in for it."""
    return path[:-1] if kind == "missing" and path[-1] not in stand_ins else path


def _later_items_first(path: Path) -> tuple[tuple[int, str | int], ...]:
    return tuple((0, step) if isinstance(step, int) else (1, step) for step in path)


def _repair(data: dict[str, Any], positions: Positions, path: Path, stand_ins: Mapping[str, Any]) -> bool:
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
    elif last in stand_ins:
        owner[last] = stand_ins[str(last)]
        place.children.setdefault(last, Positions(place.value))
    elif isinstance(owner, dict):
        owner.pop(last, None)
        place.children.pop(last, None)
    return True
