"""Long tables: a part of the rows in the quick suite, all others in the slow one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def sampled(rows: Iterable[Any], every: int = 4, begin: int = 0) -> list[Any]:
    """The same rows as parameters; only one of `every`, from number `begin` on, is not marked slow."""
    marked = []
    for number, row in enumerate(rows):
        slow = () if number % every == begin % every else (pytest.mark.slow,)
        marked.append(pytest.param(row, marks=slow))
    return marked
