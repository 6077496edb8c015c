"""Calls of the database that are made again when the connection broke.

Used by the repositories, around methods that are one transaction each.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from bot.domain.errors import StoreError

ATTEMPTS = 4
SOON_SECONDS = 2.0
"""Nobody waits longer for a database that is away: whoever asked has three seconds to answer Slack."""

Given = ParamSpec("Given")
Gives = TypeVar("Gives")


def again(method: Callable[Given, Gives]) -> Callable[Given, Gives]:
    """Make the call again when nothing came of it. One whose commit may have been done is not made again."""
    return _repeated(method, doubtful=False)


def again_anyway(method: Callable[Given, Gives]) -> Callable[Given, Gives]:
    """The same for calls that may be made twice: after a commit without an answer as well."""
    return _repeated(method, doubtful=True)


def _repeated(method: Callable[Given, Gives], *, doubtful: bool) -> Callable[Given, Gives]:
    @wraps(method)
    def repeated(*given: Given.args, **named: Given.kwargs) -> Gives:
        ends = time.monotonic() + SOON_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return method(*given, **named)
            except StoreError as error:
                if not error.passing or (error.doubtful and not doubtful):
                    raise
                if attempt == ATTEMPTS or time.monotonic() > ends:
                    raise
        raise AssertionError("the last attempt returns or raises")

    return repeated
