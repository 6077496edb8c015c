"""Which fields a schema model has at a place, so that a message can suggest one.

Used for the wording of messages only; pydantic alone decides what is valid.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel


def fields_at(model: type[BaseModel], location: Sequence[str | int]) -> tuple[str, ...]:
    """Names, as an author writes them, of the fields at pydantic's location `location`; empty when it is no model."""
    here: Any = model
    for step in location:
        here = _inside(_plain(here), step)
    found = _plain(here)
    if not _is_model(found):
        return ()
    return tuple(info.alias or name for name, info in found.model_fields.items())


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _plain(annotation: Any) -> Any:
    """The annotation without `Annotated` and without `| None`."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        members = [item for item in get_args(annotation) if item is not type(None)]
        if len(members) == 1:
            return _plain(members[0])
    return annotation


def _inside(annotation: Any, step: str | int) -> Any:
    """What a step of a location leads to: a field, an item, a value, or a member of a union by its name."""
    if _is_model(annotation):
        for name, info in annotation.model_fields.items():
            if step in (name, info.alias):
                return info.annotation
        return None
    arguments = get_args(annotation)
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return next((item for item in map(_plain, arguments) if getattr(item, "__name__", "") == step), None)
    if origin in (tuple, list):
        return arguments[0]
    return arguments[1] if origin is dict else None
