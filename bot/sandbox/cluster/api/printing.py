"""Pieces that the column tables share: column definitions, ages, durations.

Pure functions, used by `api.tables` and `api.columns_*` only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.sandbox.cluster.state.values import Object, parse_stamp


@dataclass(frozen=True)
class Columns:
    """The columns of one kind and how to fill them."""

    definitions: tuple[Object, ...]
    cells: Callable[[Object, datetime], list[Any]]


def column(name: str, form: str = "", *, kind: str = "string", wide: bool = False) -> Object:
    """A column definition; `wide` ones show only with `-o wide`."""
    return {"name": name, "type": kind, "format": form, "description": "", "priority": 1 if wide else 0}


def duration(seconds: float) -> str:
    """kubectl's short duration: 59s, 5m3s, 47m, 3h20m, 26h, 3d4h, 120d."""
    if seconds < -1:
        return "<invalid>"
    whole = max(0, int(seconds))
    if whole < 120:
        return f"{whole}s"
    minutes = whole // 60
    if minutes < 10:
        return f"{minutes}m{whole % 60}s" if whole % 60 else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours = whole // 3600
    if hours < 8:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days = hours // 24
    if days < 8:
        return f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"
    return f"{days}d" if days < 730 else f"{days // 365}y{days % 365}d"


def since(text: str | None, now: datetime) -> str:
    """How long ago a timestamp was."""
    return duration((now - parse_stamp(text)).total_seconds()) if text else "<unknown>"


def age(item: Object, now: datetime) -> str:
    """The AGE cell."""
    return since(item["metadata"].get("creationTimestamp"), now)


def joined(values: list[str]) -> str:
    """A comma-separated cell, or <none>."""
    return ",".join(values) or "<none>"


def labels_cell(labels: dict[str, str] | None) -> str:
    """A selector map as a cell."""
    return joined([f"{key}={value}" for key, value in sorted((labels or {}).items())])
