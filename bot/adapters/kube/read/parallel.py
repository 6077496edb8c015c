"""Runs the reads of one look side by side and returns at the deadline, whatever the reads do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, wait
from typing import TypeVar

from bot.adapters.kube.access.session import Deadline

T = TypeVar("T")

GRACE_SECONDS = 0.5
"""After the deadline the reads notice it themselves and hand over what they have; longer is not waited for them."""


def run_all(
    pool: Executor, tasks: Sequence[Callable[[], T]], deadline: Deadline, unfinished: Callable[[int], T]
) -> list[T]:
    """The results of all tasks, in order; `unfinished(index)` stands in for one that is not done at the deadline.

    An exception of a task cancels those that have not begun, and is raised.
    """
    futures = [pool.submit(task) for task in tasks]
    try:
        wait(futures, timeout=max(deadline.remaining(), 0.0) + GRACE_SECONDS, return_when=FIRST_EXCEPTION)
        ended = [future.done() and not future.cancelled() for future in futures]
        for future, done in zip(futures, ended, strict=True):
            if done and (error := future.exception()) is not None:
                raise error
        return [
            future.result() if done else unfinished(index)
            for index, (future, done) in enumerate(zip(futures, ended, strict=True))
        ]
    finally:
        for future in futures:
            future.cancel()
