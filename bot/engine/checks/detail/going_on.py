"""Which of what a log reports goes on now, and which of these tells most. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.engine.binding import Binding
from bot.engine.checks.containers import is_being_made
from bot.engine.checks.detail.held import HOLDS
from bot.engine.checks.detail.reported_kind import (
    OF_OTHERS,
    PUT_OFF,
    QUEUE_LAG,
    SERVED_ERRORS,
    SLOW_CALLS,
    VAGUE,
    Reported,
    grows,
    shrinks,
)
from bot.engine.discovery.evidence import LAST_WITHIN, LATELY, hosts_of, patience, serving_since

_OFTEN = {"crash": 3, "error_line": 3, "served_errors": 3, QUEUE_LAG: 3, SLOW_CALLS: 3, PUT_OFF: 4}
"""Lines that it takes, where a single one may be nobody's trouble; of others two are enough."""
_FOR_LONG = {QUEUE_LAG: timedelta(minutes=2)}
"""For how long it must have been said, where a moment of it is everyday: a burst comes, and is worked off."""


def worst_of(binding: Binding, kinds: Iterable[Reported]) -> Reported | None:
    """What is reported now: the most telling kind, and of equals the most frequent."""
    now = [
        item
        for item in kinds
        if item.standing
        or (
            item.count >= (2 if _is_given_up(item) else _OFTEN.get(item.name, 2))
            and _lasts(item)
            and (item.last is None or binding.now - item.last <= _patience(item))
            and not _was_starting(binding, item)
        )
    ]
    vague = {name: place for place, name in enumerate((*reversed(VAGUE), SERVED_ERRORS, QUEUE_LAG, SLOW_CALLS), 1)}
    return min(now, key=lambda item: (vague.get(item.name, 0), -item.count), default=None)


def _lasts(item: Reported) -> bool:
    """Whether it has been said for as long as its kind takes; where the lines have no times, nobody can tell.

    What is told with numbers shows by them whether it gets worse, or is being worked off.
    """
    if grows(item):
        return True
    if shrinks(item):
        return False
    if item.first is None or item.last is None:
        return True
    return item.last - item.first >= _FOR_LONG.get(item.name, timedelta(0))


def _patience(item: Reported) -> timedelta:
    """How long after its last line a kind counts as going on."""
    if item.held:
        return HOLDS
    if item.ends_log and item.name not in (*OF_OTHERS, *VAGUE):
        return LATELY  # a program that has said nothing since has not said that it goes on either
    if _is_given_up(item):
        return LATELY  # its last words are that it does not try again
    return _pace_of(item)


def _is_given_up(item: Reported) -> bool:
    return item.ends_log and item.gives_up


def _pace_of(item: Reported) -> timedelta:
    of_calls = item.name in (*OF_OTHERS, *VAGUE)
    return patience(item.first, item.last, item.count) if of_calls else LAST_WITHIN


def may_be_over(binding: Binding, item: Reported) -> bool:
    """Whether it was said only as the program began, or as it gave something up, and nothing was said since.

    What a program says of itself (its disk is full) is no matter of its beginning: it counts for as long as elsewhere.
    """
    if not item.held and _is_given_up(item) and item.last is not None:
        # One piece of its work, or all of it: nobody has said.
        return item.count < _OFTEN.get(item.name, 2) or binding.now - item.last > _pace_of(item)
    if not item.held or item.sure:
        return False
    if item.name in (*OF_OTHERS, *VAGUE) or item.last is None:
        return True
    return binding.now - item.last > (LATELY if item.ends_log else LAST_WITHIN)


def _was_starting(binding: Binding, item: Reported) -> bool:
    """Whether these calls failed before what they went to had begun to serve."""
    graph = binding.graph
    if graph is None or not item.host:
        return False
    for service in graph.services.values():
        if item.host in hosts_of(binding, service):
            called = binding.components.get(service.target)
            if called is not None and is_being_made(called, binding.clocks):
                return True
            since = serving_since(binding, service)
            return since is not None and item.last is not None and item.last <= since + timedelta(seconds=8)
    return False
