"""Reads what another version of the program may have kept: what it does not understand is left out, never fatal.

Used for everything that is kept with an incident or a question. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.domain.errors import StoreError

Kept = TypeVar("Kept", bound=BaseModel)


def tolerant(model: type[Kept], data: Mapping[str, Any]) -> Kept:
    """The record. A field that cannot be read is as if it had never been kept. Raises `StoreError` where one that
    must be there cannot be."""
    known = {name: value for name, value in data.items() if name in model.model_fields}
    try:
        return model.model_validate(known)
    except ValidationError as error:
        broken = {problem["loc"][0] for problem in error.errors() if problem["loc"]}
    try:
        return model.model_validate({name: value for name, value in known.items() if name not in broken})
    except ValidationError as error:
        raise StoreError(
            "What was kept about this was written by another version of this program.", "Ask again."
        ) from error
