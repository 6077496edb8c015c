"""The arguments of one Web API call, form-encoded or JSON, read the way Slack reads them.

Made by the Web API front, read by the methods. Every reader raises MethodError with Slack's code when it cannot.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from bot.sandbox.workspace.errors import MethodError

Item = TypeVar("Item")


class Arguments:
    """A mapping with typed readers. Empty strings count as absent."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = {name: value for name, value in values.items() if value not in (None, "")}

    def require(self, *names: str) -> None:
        """Every name is there. Raises MethodError `invalid_arguments`, naming all that are missing."""
        missing = tuple(f"missing required field: {name}" for name in names if name not in self.values)
        if missing:
            raise MethodError("invalid_arguments", missing)

    def text(self, name: str, default: str = "") -> str:
        """A string."""
        value = self.values.get(name, default)
        if isinstance(value, (dict, list)):
            raise MethodError("invalid_arguments", (f"must be a string [json-pointer:/{name}]",))
        return str(value)

    def optional(self, name: str) -> str | None:
        """A string, or None when absent."""
        return self.text(name) if name in self.values else None

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean: `true`, `1` or a JSON true."""
        value = self.values.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() in ("1", "true", "t")

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError) as exc:
            raise MethodError("invalid_arguments", (f"must be an integer [json-pointer:/{name}]",)) from exc

    def structure(self, name: str, error: str = "invalid_arguments") -> Any:
        """A list or object, given as JSON or as a string that holds JSON. Raises MethodError `error`."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as exc:
            raise MethodError(error) from exc

    def names(self, name: str) -> list[str]:
        """Comma-separated names, or a list."""
        value = self.values.get(name, [])
        return [str(each).strip() for each in (value.split(",") if isinstance(value, str) else value)]

    def page(self, items: Sequence[Item], default_limit: int) -> tuple[list[Item], str]:
        """The page that `limit` and `cursor` ask for, and the cursor of the next page (empty on the last)."""
        limit = self.number("limit", default_limit)
        if not 0 < limit <= 1000:
            raise MethodError("invalid_limit")
        start = _offset(self.optional("cursor"))
        following = base64.b64encode(f"at:{start + limit}".encode()).decode() if start + limit < len(items) else ""
        return list(items[start : start + limit]), following


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("at:"))
    except (binascii.Error, ValueError) as exc:
        raise MethodError("invalid_cursor") from exc
