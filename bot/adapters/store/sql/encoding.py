"""Values to column text and back. Used by all repositories; knows nothing of tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, TypeVar

from bot.domain.changes import Frozen
from bot.domain.errors import StoreError

Value = TypeVar("Value", bound=Frozen)


def canonical(value: object) -> str:
    """JSON with sorted keys, without spaces, in ASCII: the same value always gives the same text, in any encoding."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)


def encode(value: Frozen) -> str:
    """A whole value as JSON text. Key order is kept: people read patches as they were written."""
    return json.dumps(value.model_dump(mode="json"), separators=(",", ":"), ensure_ascii=True)


def decode(kind: type[Value], body: str) -> Value:
    """The value that `encode` was given. Raises `StoreError` when another version has written it otherwise."""
    try:
        return kind.model_validate(json.loads(body))
    except ValueError as exc:  # pydantic's and JSON's errors are both
        raise StoreError(
            f"A {kind.__name__.lower()} in the database was written by another version of this program.",
            "Let all replicas run the same version, the newer one.",
        ) from exc


def revised(value: Value, fields: Mapping[str, Any]) -> Value:
    """The value with these fields set, checked like a new one. Raises `ValueError` for a field there is not."""
    return type(value).model_validate({**dict(value), **fields})


def digest(text: str) -> str:
    """SHA-256 in hex: a key of fixed length for a text of any length, and no way back to a token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def plain(text: str) -> str:
    """The text as both databases can keep it: no NUL, no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
