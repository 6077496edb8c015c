"""The base of every model of a file that a person writes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Base of everything an author writes: unknown fields are mistakes, values are never changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
