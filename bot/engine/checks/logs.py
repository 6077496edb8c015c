"""Checks on log tails: has it started, is it overloaded, why did it end, what do its own calls say.

Log lines carry the kubelet's timestamp in front when the reader asked for it; lines without one count as old as the
tail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import re2

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import Pod
from bot.domain.view import ContainerLog
from bot.engine.binding import Binding, BoundComponent
from bot.engine.calls.logs import calls_in_text
from bot.engine.calls.speaker import own_text
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import START_REASONS, ContainerRun, never_began, runs, shortened, unstable_runs
from bot.engine.checks.probes import kills_by_probe
from bot.engine.values.ending import ending_line, tells_of_error
from bot.engine.values.known_lines import known_lines
from bot.playbook.catalogue import ScopeKind

_TIMESTAMP = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d) ")
_NUMBERS = re.compile(r"\d+")
_SERVES = (r"(?i)\b(listening|ready to accept|accepting connections|now serving|running (on|at)|started)\b",)
"""What programs of any kind print once they serve."""


_REMEMBERED = 64
"""Texts whose lines are kept, the newest."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log; `time` is the kubelet's timestamp, None if the log was read without."""

    text: str
    time: datetime | None = None


def log_lines(log: ContainerLog) -> Iterator[LogLine]:
    """The lines of a log tail, without the timestamps in front; empty where another program's words stand."""
    return iter(_lines_of(own_text(log)))


@lru_cache(maxsize=_REMEMBERED)
def _lines_of(text: str) -> tuple[LogLine, ...]:
    """The lines of a text: a container's log is asked for by the checks of all that call it."""
    return tuple(_log_line(line) for line in text.splitlines())


def _log_line(line: str) -> LogLine:
    stamp = _TIMESTAMP.match(line[:40])
    time = _time(stamp[1], stamp[3]) if stamp else None
    return LogLine(line[stamp.end() :], time) if stamp and time else LogLine(line)


def shape_of(line: str) -> str:
    """A line without its times and numbers: what is said again and again differs in them only."""
    return _NUMBERS.sub("#", line.strip())


def _time(moment: str, zone: str) -> datetime | None:
    """The time that a timestamp states; None if there is no such time."""
    try:
        return datetime.fromisoformat(moment + ("+00:00" if zone == "Z" else zone))
    except ValueError:
        return None


def logs_of(binding: Binding, component: BoundComponent) -> list[ContainerLog]:
    """Logs of the component's pods that were asked for, previous runs first."""
    names = {pod.metadata.name for pod in component.all_pods}
    found = [log for log in binding.view.logs if log.pod in names]
    return sorted(found, key=lambda log: not log.previous)


def first_match(patterns: Iterable[str], lines: Iterable[LogLine]) -> tuple[LogLine, str] | None:
    """The last line on which one of the patterns is found, and the field `host` of the match."""
    compiled = [re2.compile(pattern) for pattern in patterns]
    for line in reversed(list(lines)):
        for pattern in compiled:
            found = pattern.search(line.text[:4000])
            if found is not None:
                return line, found.groupdict().get("host") or ""
    return None


def ending_reason(logs: Iterable[ContainerLog]) -> str:
    """The line that says why the process ended, shortened."""
    return shortened(_ending_line(logs))


def _ending_line(logs: Iterable[ContainerLog]) -> str:
    """The whole line that says why the process ended, of the first log that says anything."""
    return next((line for log in logs if (line := ending_line(one.text for one in log_lines(log)))), "")


def last_words(binding: Binding, pod: Pod, container: str) -> str:
    """Why a container of a pod ended, in its own words; the run before first."""
    logs = [log for log in binding.view.logs if (log.pod, log.container) == (pod.metadata.name, container) and log.text]
    return ending_reason(sorted(logs, key=lambda log: not log.previous))


def _left_words(runs_ended: Iterable[ContainerRun]) -> str:
    """What a container that had begun wrote into its termination message: the kubelet shows it with the exit code."""
    for run in runs_ended:
        end = run.last_end
        if end is not None and end.message and end.reason not in {*START_REASONS, "ContainerCannotRun"}:
            said = [text.strip() for text in end.message.splitlines() if text.strip()]
            return next((text for text in reversed(said) if tells_of_error(text)), (said or [""])[-1])
    return ""


def _log_command(component: BoundComponent) -> str:
    """The last words of a container that ended; the newest lines of one that never did."""
    restarted = any(run.status.restart_count for run in runs(component.pods))
    if restarted or component.workload is None:
        selector = f" -l {component.selector}" if component.selector else ""
        return f"logs{selector} --tail=100{' --previous' if restarted else ''}" if selector else "get pods"
    return f"logs {component.workload.target} --tail=100"


def check_logs(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """What does its own log say?"""
    question = CheckBuilder(kind, component.name, "logs", binding.kubectl(_log_command(component)))
    logs = logs_of(binding, component)
    readable = [log for log in logs if log.text is not None]
    if not readable:
        gap = next((log.gap for log in logs if log.gap is not None), None)
        unread = gap or Gap(GapReason.NOT_READ, f"log of {component.named}")
        nothing: dict[str, FactValue | Gap] = {"log.own_reason": False, "log.why": ""}
        if never_began(component.pods):
            nothing |= {"log.started": False, "log.overloaded": False}
        return question.open(unread, nothing)
    probed = kills_by_probe(binding, component)
    ended_itself = [
        run for run in unstable_runs(binding, component) if not run.out_of_memory and run.pod.metadata.uid not in probed
    ]
    ended = {(run.pod.metadata.name, run.status.name) for run in ended_itself}
    line = _ending_line(log for log in readable if (log.pod, log.container) in ended) if ended else ""
    if not tells_of_error(line):
        line = _left_words(ended_itself) or line
    reason = shortened(line)
    lately = [
        line for log in readable if not log.previous for line in log_lines(log) if _is_recent(binding, line, log.pod)
    ]
    overload = first_match(component.spec.overloaded_when_log_says, lately)
    facts: dict[str, FactValue | Gap] = {
        "log.started": _started(component, readable, discovered=binding.graph is not None),
        "log.overloaded": overload is not None,
        "log.reason": reason or "the log says nothing",
        "log.why": _why(binding, line),
        "log.own_reason": tells_of_error(reason) and not any(_tells_of_calls(log) for log in readable),
    }
    if reason:
        return question.answered(False, f"Last words: {reason}", facts)
    if overload is not None:
        return question.answered(False, f"It says that it is overloaded: {shortened(overload[0].text)}", facts)
    return question.answered(True, "No error that ended it is in the log.", facts)


def _why(binding: Binding, line: str) -> str:
    """What the last words mean, as the end of a title (`: its disk is full`); empty if they are of no known kind."""
    read = known_lines(binding.lines).first(line) if line else None
    return f": {read.spec.what}" if read is not None and read.spec.own else ""


_CALLS = re.compile(
    r"(?i)connect|timed? ?out|refused|unreachable|resolve|getaddrinfo|redis|postgres|psycopg|sqlalchemy"
)


def _tells_of_calls(log: ContainerLog) -> bool:
    """Whether anything in the log may be about something else that it needs."""
    text = own_text(log)
    return any(_CALLS.search(line.text) for line in log_lines(log)) or bool(calls_in_text(text))


_RECENT_SECONDS = 900.0


def _is_recent(binding: Binding, line: LogLine, pod: str) -> bool:
    """Whether a line may speak of now: a tail of a quiet program reaches back for days."""
    return line.time is None or binding.within(line.time, _RECENT_SECONDS, pod)


def _lines(logs: Iterable[ContainerLog]) -> Iterator[LogLine]:
    for log in logs:
        yield from log_lines(log)


def _started(component: BoundComponent, logs: list[ContainerLog], *, discovered: bool) -> bool | Gap:
    patterns = component.spec.started_when_log_says or (_SERVES if discovered else ())
    if not patterns:
        return Gap(
            GapReason.NOT_READ,
            f"whether {component.named} has started",
            "no playbook says what its log prints",
        )
    if first_match(patterns, _lines(logs)) is not None:
        return True
    if any(sum(1 for _ in log_lines(log)) >= 190 for log in logs):
        return Gap(GapReason.NOT_READ, f"the start of the log of {component.named}", "only its tail was read")
    return False
