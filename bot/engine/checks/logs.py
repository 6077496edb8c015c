"""Checks on log tails: has it started, is it overloaded, why did it end, what do its own calls say.

Log lines carry the kubelet's timestamp in front when the reader asked for it; lines without one count as old as the
tail.
"""

from __future__ import annotations

import itertools
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
from bot.engine.values.known_lines import known_lines
from bot.playbook.catalogue import ScopeKind

_TIMESTAMP = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d) ")
_ENDING = re.compile(
    r"(?i)\b(\w*error|\w*exception|fatal|panic|critical|traceback|failed|failure|denied|refused|cannot|can't|could not"
    r"|errno|no space left|read-only file system|disk quota exceeded|(?:is|are) not (?:permitted|allowed))\b"
)
_NOISE = re.compile(
    r"^\s*(at |File \"|\^+|\}|\]|\.\.\.|Node\.js v|npm ERR! A complete log|throw )"
    r"|^node:[\w/]+:\d+$|^Emitted '\w+' event on "
    r"|^\s+(errno|code|syscall|address|port|path|hostname|cause): [-'\d\w]"
)
_TAIL = re.compile(
    r"\(Background on this error at|The above exception was|During handling of the above|\[SQL: |\[parameters: "
    r"|fatal error in thread \[[^\]]+\], exiting|(?i:(?:now )?(?:exiting|aborting|shutting down|terminating)[ .!]*$)"
    r"|.{0,100}\b(?:contains?|has|have|with) errors?, (?:aborting|exiting|giving up)"
    r"|\*{2,}\s?aborting after\b|\{.{0,200}\"msg\":\s?\"(?:Fatal assertion|\\n\\n\*+aborting after)"
    r"|(?:ERROR:\s+)?Application startup failed\. Exiting|ERROR:\s+Traceback|Traceback \(most recent"
    r"|(?i:(?:sql ?state|(?:error|vendor) ?code|errno|location|line|exit ?code)\s*[:=]\s*[\w./()-]{0,60}$)"
)
"""What ends every error of a library, and says nothing of this one."""
_ABOVE = re.compile(r"The designated data directory \S+ is unusable")
"""What says that something failed of which the error above it tells more."""
_BEFORE = re.compile(
    r"(?:\d{4}[-/]\d\d[-/]\d\d[T ][\d:.,Z+-]{5,24}\s+|\d{1,9}\s+|\[[^\]]{1,30}\]\s*|(?:ERROR|FATAL|CRITICAL)\s+)+"
)
"""When, which thread, how bad and which part: what stands before the words of a record."""
_FIELD = re.compile(r"\s*\w[\w ]{1,20}?\s*:(?:\s|$)")
_MESSAGE = re.compile(r"\s*(?:Message|Detail|Reason)\s*:\s+(\S.*)")
"""A failure told as a list of fields, one a line."""
_USAGE = re.compile(r"(?i)^\s*usage( of [^:]+)?:")
_DUMP = re.compile(r"^goroutine \d+ \[")
_DUMP_HEAD = re.compile(r"^(panic: |fatal error: |unexpected fault address|runtime: )")
"""Go says first why it ends, and then what each of its goroutines was doing."""


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
    """The line that says why the process ended, shortened: see `_ending_line`."""
    return shortened(_ending_line(logs))


def _ending_line(logs: Iterable[ContainerLog]) -> str:
    """The whole last line with an error word, else the last one that says anything."""
    for log in logs:
        texts = [line.text.strip() for line in log_lines(log) if line.text.strip() and not _NOISE.match(line.text)]
        telling = [text for text in texts if not _is_tail(text)]
        telling = _before_dump(telling) or _before_usage(telling) or telling
        errors = [text for text in reversed(telling) if _ENDING.search(text)][:2]
        chosen = (errors or (telling or texts or [""])[-1:])[0]
        if _ABOVE.search(chosen):
            chosen = errors[-1]
        if chosen:
            return _with_message(texts, chosen)
    return ""


def _is_tail(text: str) -> bool:
    before = _BEFORE.match(text)
    return _TAIL.match(text) is not None or (before is not None and _TAIL.match(text, before.end()) is not None)


def _with_message(texts: list[str], chosen: str) -> str:
    """The line, and what the list of fields below it says in words."""
    at = len(texts) - texts[::-1].index(chosen)
    for text in itertools.takewhile(_FIELD.match, texts[at : at + 6]):
        if said := _MESSAGE.match(text):
            return f"{chosen}: {said[1]}"
    return chosen


def _before_dump(texts: list[str]) -> list[str]:
    """The line with which a dump of goroutines begins; empty where there is none."""
    if not any(_DUMP.match(text) for text in texts):
        return []
    heads = [text for text in texts if _DUMP_HEAD.match(text)]
    return heads[:1]


def _before_usage(texts: list[str]) -> list[str]:
    """What a program says of its flags before it lists them all; empty where the list comes first."""
    at = next((number for number in reversed(range(len(texts))) if _USAGE.match(texts[number])), 0)
    return texts[:at][-1:] if at and not any(_ENDING.search(text) for text in texts[at:]) else []


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
            return next((text for text in reversed(said) if _ENDING.search(text)), (said or [""])[-1])
    return ""


def is_noise(line: str) -> bool:
    """Whether a line is a part of a stack trace that says nothing by itself."""
    return _NOISE.match(line) is not None


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
    if not _ENDING.search(line):
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
        "log.own_reason": _ENDING.search(reason) is not None and not any(_tells_of_calls(log) for log in readable),
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


_WHEN = r"^(?:[\[(]?[\d:.,/TZ+-]{4,40}[\])]?\s+){0,2}\W*"
_LEVEL = r"\blevel[\"']?\s*[=:]\s*[\"']?"
_RUBY = r", \[[^\]]{1,50}\] +"
"""`I, [2026-11-29T17:38:00 #1]  INFO -- : `: a letter, when, and the level as a word."""
_MILD = re.compile(
    rf"(?i){_WHEN}(info|inf|debug|dbg|trace|trc|notice)\b|^[DI]{_RUBY}(info|debug) |{_LEVEL}(info|debug|trace)\b"
)
_QUIET = re.compile(rf"(?i){_WHEN}(debug|dbg|trace|trc)\b|^D{_RUBY}debug |{_LEVEL}(debug|trace)\b")


def is_mild(line: str) -> bool:
    """Whether the program itself calls the line an information: what it quotes there is no error of its own."""
    return _MILD.search(line[:80]) is not None


_FAILED = re.compile(
    rf"(?i){_WHEN}(error|err|fail|crit|fatal|ftl|pnc|critical|panic)\b|^[EF]{_RUBY}(error|fatal) "
    rf"|{_LEVEL}(error|fatal)\b"
)
_PUT_OFF = re.compile(
    r"(?i)\b(?:will be|is|are|to be) (?:re-?tried|re-?sent|sent again|tried again|re-?queued|delivered later)\b"
    r"|\b(?:stored|queued|kept|saved|scheduled|deferred)\b[^\n]{0,40}\b(?:again|later|re-?try|in \d+ ?(?:s|m|min|h)\b)"
)


def is_error(line: str) -> bool:
    """Whether the program itself calls the line an error."""
    return _FAILED.search(line[:80]) is not None


def is_put_off(line: str) -> bool:
    """Whether the program says that it has kept what failed and will do it again, and calls that no error."""
    return _PUT_OFF.search(line[:1000]) is not None and _FAILED.search(line[:80]) is None


def is_quiet(line: str) -> bool:
    """Whether the program says it only for who looks into how it works: nobody is told of a failure so."""
    return _QUIET.search(line[:80]) is not None


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
