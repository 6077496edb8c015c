"""Near misses and faults of apps that no playbook describes: changes of the saved shop and depot, in health.

The right answers were written before the program was asked. `python -m tests.scenario.test_shop_near_misses` prints
those that are not right, and the score.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.support.near_miss_world import World
from tests.support.near_misses import Judge


@dataclass(frozen=True)
class ShopCase:
    """One case: how the healthy app is changed, and what is right to say of it.

    `base`: the app that is changed. `words` stand in the headline or a root cause; `about`: the components that a
    fault may be said of, by their first letters (empty: any). `asks`: what is asked about; each answer is judged.
    `not_healthy`: an open one that must not be called healthy. `never`: parts of the ids of causes that must not be
    confirmed, and of remedies that must not be offered.
    """

    name: str
    judge: Judge
    change: Callable[[World], object]
    base: Literal["depot", "shop"] = "depot"
    words: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    asks: tuple[str, ...] = ("namespace",)
    not_healthy: bool = False
    never: tuple[str, ...] = ()
