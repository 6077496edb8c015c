"""How a setting says its unit. Read by the reference."""

from __future__ import annotations

from pydantic.config import JsonDict


def unit(name: str) -> JsonDict:
    """The unit of a number (`seconds`, `bytes`, `threads`), for `Field(json_schema_extra=…)`."""
    return {"unit": name}
