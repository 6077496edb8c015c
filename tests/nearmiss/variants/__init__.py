"""Near misses of our own, each a small change of a healthy or faulty view: a table for each kind of trap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.near_miss_world import World
from tests.support.near_misses import Judge


@dataclass(frozen=True)
class Variant:
    """One near miss: how the healthy world is changed, and what is right to say of it.

    `causes` and `mentions` as in `tests.support.near_misses.NearMiss`; `paste` is what a person pastes. `ask` is what
    is asked about: the app, or what no playbook describes (`namespace`, `deployment/NAME`).
    """

    name: str
    judge: Judge
    change: Callable[[World], object]
    causes: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    paste: str = ""
    not_healthy: bool = False
    ask: str = "onyx"
