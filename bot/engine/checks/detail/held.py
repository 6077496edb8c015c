"""What a program said as it began, with trouble at its end, and has not followed by anything since. Pure.

Most of what fails in the first seconds is over soon, and few programs say so. One that has said all it says by then,
and has ended in trouble, has taken nothing back: it is not called well, and only where it says itself that it gives
up, or where it had worked before and all that it tried since fails, is it sure that this still holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.view import ContainerLog
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.containers import runs, unstable_runs
from bot.engine.checks.detail.blame import CLIENT_ASKED, CLIENT_GONE
from bot.engine.checks.logs import LogLine, log_lines, shape_of
from bot.engine.checks.observed.answered import tells_of_success
from bot.engine.values.ending import is_noise
from bot.engine.values.known_lines import KnownLines
from bot.engine.values.levels import is_mild, is_put_off

HOLDS = timedelta(minutes=30)
"""For how long what was said so is told: a program that works in silence is not asked for its first words for ever."""
_STARTING = timedelta(seconds=10)
_SILENT, _SILENT_AFTER_WORK = timedelta(seconds=45), timedelta(seconds=15)
"""For how long nothing came since; what has worked already no longer waits for its neighbours."""
_FEW, _MANY, _LAST = 3, 10, 6
_OF_THE_BEGINNING = re.compile(
    r"(?i)refus|no such host|name or service|not known|\bE(?:NOTFOUND|AI_AGAIN|CONN\w*)\b|unreachable|resolv|reset"
    r"|(?:cannot|could not|can.t|unable to|failed to|failure to) (?:re)?connect|not ready|unavailable|starting"
)
"""How a neighbour that begins later is missed: tried a few times, and nobody says that it was found."""
_OVER = re.compile(
    r"(?i)\b(connected|established|recovered|restored|reconnected|ready|listening|started|serving|waiting for|resumed"
    r"|success\w*|succeeded|complete[d]?|done|up and running)\b"
)
"""What a program says once what failed goes well."""
_WORKED = re.compile(
    r"(?i)\b(processed|handled|served|accepted|answered|sent \d+|request completed|200 OK)\b"
    r"|\b(?:GET|POST|PUT|PATCH|DELETE)\b.* 2\d\d\b|\b2\d\d (?:GET|POST|PUT|PATCH|DELETE)\b"
)
"""What a program says that has done work: it no longer begins."""
GIVES_UP = re.compile(
    r"(?i)\b(?:shutting down|giving up|gives? up|cannot (?:start|continue|go on)|unable to (?:start|continue)|aborting"
    r"|terminating|exiting|stopping)\b"
)


@dataclass(frozen=True, slots=True)
class HeldWords:
    """All lines of such a log. `sure`: whether they leave no doubt that the trouble still holds."""

    lines: tuple[LogLine, ...]
    sure: bool


def held_words(binding: Binding, component: BoundComponent, log: ContainerLog, known: KnownLines) -> HeldWords | None:
    """The log's lines, where all were said as the container began, they end in trouble, and nothing came since."""
    if log.previous or unstable_runs(binding, component):
        return None
    lines = [line for line in log_lines(log) if line.text.strip()]
    if not lines or any(line.time is None for line in lines):
        return None
    has_worked = any(_WORKED.search(line.text) for line in lines)
    if not _is_silent(binding, component, log, lines[-1], _SILENT_AFTER_WORK if has_worked else _SILENT):
        return None
    said = [line for line in lines if not is_noise(line.text)]
    places = [place for place, line in enumerate(said) if _is_trouble(known, line.text)]
    if len(places) < _FEW:
        return None
    since = said[places[-1] + 1 :]
    # What stands between the trouble as well takes nothing back.
    everyday = {shape_of(line.text) for line in said[places[0] : places[-1]]}
    fresh = [line for line in since if shape_of(line.text) not in everyday]
    # The same again and again is one thing more.
    more = min(len(since), len({shape_of(line.text) for line in since}))
    if more > max(_LAST, len(said) // 4) or any(_OVER.search(line.text) for line in fresh):
        return None
    ending = said[-_MANY:]
    stops = GIVES_UP.search(said[places[-1]].text) is not None
    gives_up = not since and stops
    failing = not since and len(ending) == _MANY and all(_is_trouble(known, line.text) for line in ending)
    worked = any(_WORKED.search(line.text) for line in said[: places[0]])
    sure = gives_up or (failing and worked)
    # A trace of what a neighbour that begins later causes has many lines, all of one second.
    missed = {line.time for line in said if _OF_THE_BEGINNING.search(line.text)}
    lasting = [place for place in places if said[place].time not in missed]
    return HeldWords(tuple(lines), sure) if sure or stops or len(lasting) >= _FEW else None


def _is_silent(binding: Binding, component: BoundComponent, log: ContainerLog, last: LogLine, since: timedelta) -> bool:
    """Whether the last line is of the container's start, `since` that is ago and more, and not too long."""
    started = next(
        (
            run.started_at
            for run in runs(component.all_pods)
            if run.pod.metadata.name == log.pod and run.status.name == log.container
        ),
        None,
    )
    if started is None or last.time is None:
        return False
    now = binding.now_at(log.pod)
    return last.time < started + _STARTING and now - last.time >= since and now - started <= HOLDS


def _is_trouble(known: KnownLines, text: str) -> bool:
    read = known.first(text)
    if read is None or read.spec.id in (CLIENT_GONE, CLIENT_ASKED):
        return False
    return not (is_mild(text) or is_put_off(text) or tells_of_success(text))
