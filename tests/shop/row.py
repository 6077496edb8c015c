"""One way to break the shop, and what a right answer says, written down before the program was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.shop.app import Object, Shop


@dataclass(frozen=True)
class Row:
    """One fault. `words` stand together in the title and sentence of one root cause, asked about the namespace, the
    broken object (`about`) and, if it can be seen from there, the front (`entrance`). `well`: nothing is wrong.

    Once it runs `later` is applied, `commands` are run, `last` is applied; `after` puts a node back, `frees` lose their
    finalizers in the end. `alone`: no other row may run beside it. `strict`: only the object and `also` may be accused.
    `unsure`: asked about the namespace, nobody can know whether it is meant so; it is told all the same.
    """

    id: str
    change: Callable[[Any], None]
    about: str
    words: tuple[str, ...]
    front: bool = True
    well: bool = False
    seconds: int = 40
    later: Callable[[], list[Object]] | None = None
    commands: tuple[str, ...] = ()
    last: Callable[[], list[Object]] | None = None
    after: tuple[str, ...] = ()
    frees: tuple[tuple[str, str], ...] = ()
    alone: bool = False
    unsure: bool = False
    strict: bool = False
    also: tuple[str, ...] = ()
    shop: Callable[[], Shop] = Shop
    entrance: str = "deployment/front"
