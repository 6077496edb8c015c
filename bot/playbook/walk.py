"""Goes through everything a playbook says, with the steps that lead there. Used by the lint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from bot.yamlfile.positions import Path


def parts(model: BaseModel, steps: Path = ()) -> Iterator[tuple[Path, BaseModel]]:
    """The model and every model inside it, outermost first. Steps are named as the author wrote them."""
    yield steps, model
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel | tuple | dict) and value:
            yield from _inside(value, (*steps, info.alias or name))


def _inside(value: Any, steps: Path) -> Iterator[tuple[Path, BaseModel]]:
    if isinstance(value, BaseModel):
        yield from parts(value, steps)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            if isinstance(item, BaseModel):
                yield from parts(item, (*steps, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, BaseModel):
                yield from parts(item, (*steps, key))
