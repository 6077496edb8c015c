"""What a component's log reports, kind by kind: how often, since when, and whether it goes on. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.calls import CallFailure, FailedCall
from bot.domain.endpoints import is_loopback
from bot.domain.view import ContainerLog
from bot.engine.binding import Binding, BoundComponent
from bot.engine.calls.quoting import failed_url, quoted
from bot.engine.checks.containers import is_being_made, runs, shortened, unstable_runs
from bot.engine.checks.detail.blame import (
    CLIENT_ASKED,
    CLIENT_GONE,
    goes_on_beside,
    is_its_own_call,
    is_statement,
    is_told_of_others,
)
from bot.engine.checks.detail.held import GIVES_UP, HOLDS, HeldWords, held_words
from bot.engine.checks.logs import LogLine, is_error, is_mild, is_noise, is_put_off, is_quiet, log_lines
from bot.engine.checks.observed.answered import served_calls, tells_of_success
from bot.engine.checks.observed.served import fails_now
from bot.engine.discovery.evidence import (
    LAST_WITHIN,
    LATELY,
    STARTING,
    TRANSPORT,
    component_logs,
    hosts_of,
    patience,
    serving_since,
)
from bot.engine.values.known_lines import KnownLine, KnownLines, known_lines

_LAG, _PUT_OFF, _SLOW = "queue_lag", "put_off", "slow_calls"
TOO_EARLY = "token_too_early"
_OFTEN = {"crash": 3, "error_line": 3, "served_errors": 3, _LAG: 3, _SLOW: 3, _PUT_OFF: 4}
"""Lines that it takes, where a single one may be nobody's trouble; of others two are enough."""
_FOR_LONG = {_LAG: timedelta(minutes=2)}
"""For how long it must have been said, where a moment of it is everyday: a burst comes, and is worked off."""
_VAGUE = ("error_line", "crash", _PUT_OFF)
_SERVED = "served_errors"
_ANSWERED = "dependency_error"
BAD_ANSWERS = frozenset({_ANSWERED, "method_unknown"})
"""Kinds by which a program tells that what it calls answers, and with an error."""
_ANSWERED_WORDS = "what it calls answers with an error"
_OF_OTHERS = frozenset({kind.value for kind in TRANSPORT} | BAD_ANSWERS | {_SERVED})
_OF_CALLS = TRANSPORT | {CallFailure.TLS, CallFailure.PROTOCOL}
_HAS_DEFAULT = re.compile(
    r"(?i)\b(using|use|with|to|assum\w+) (the |a |its |built-?in )*default|\bdefault(s|ing|ed)? to\b"
    r"|\bfall(s|ing)? back\b|\b(is|are|stays?|will be) (disabled|off|skipped|ignored)\b"
    r"|\b(disabling|skipping|ignoring)\b|\boptional\b"
)
"""What a program says that has something else for a variable that is not set, or does without."""
_NUMBERS = re.compile(r"\d+")
_HEAD = re.compile(r"(?:trce|dbug|info|warn|fail|crit): [\w.`+]+\[\d+\]\s*$")


@dataclass
class Reported:
    """All lines of one kind in the last minutes."""

    name: str
    what: str
    own: bool
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None
    text: str = ""
    host: str = ""
    port: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    ends_log: bool = False
    """Whether nothing was logged after it."""
    mild: bool = True
    """Whether the program calls every such line an information."""
    containers: set[str] = field(default_factory=set)
    """The containers whose logs hold these lines."""
    put_off: bool = True
    """Whether the program says of every such line that it keeps what failed for later."""
    amid: bool = False
    """Whether the program says other things since, that are no failure; for kinds that depend on it."""
    standing: bool = False
    """Whether it was said once and holds since, as the other thing was not said."""
    statements: bool = True
    """Whether every such line is a database's about a statement that it gave back."""
    quiet: bool = True
    """Whether every such line is only for who looks into how the program works."""
    held: bool = True
    """Whether every such line was said as its container began, ended in trouble, and has said nothing since."""
    sure: bool = True
    """Whether what is held so leaves no doubt that it still holds."""

    def add(self, line: str, at: datetime | None, count: int = 1, *, held: HeldWords | None = None) -> None:
        self.count += count
        self.held = self.held and held is not None
        self.sure = self.sure and (held is None or held.sure)
        self.mild = self.mild and is_mild(line)
        self.put_off = self.put_off and is_put_off(line)
        self.quiet = self.quiet and (is_quiet(line) or is_told_of_others(self.name, line))
        self.statements = self.statements and is_statement(line)
        if not (self.text and held is not None and GIVES_UP.search(line)):
            self.text = shortened(line)
        if at is not None:
            self.first = min(self.first or at, at)
            self.last = max(self.last or at, at)


def reported_kinds(
    binding: Binding, component: BoundComponent, logs: Iterable[ContainerLog], calls: Iterable[FailedCall]
) -> list[Reported]:
    """Every kind of failure in the logs, those of calls first."""
    found: dict[str, Reported] = {}
    known = known_lines(binding.lines)
    told = set[str]()
    logs = list(logs)
    held = {(log.pod, log.container): held_words(binding, component, log, known) for log in logs if not log.previous}
    for call in calls:
        if not _counts(known, call):
            continue
        told.add(_shape(call.line))
        name = f"{call.kind.value}/{call.host or ''}"
        words = _CALL_WORDS.get(call.kind.value, "calls fail")
        entry = found.setdefault(name, Reported(call.kind.value, words, own=False))
        entry.host, entry.port = call.host or "", call.port or 0
        entry.containers.add(call.where.partition(",")[0].rpartition("/")[2])
        pod, _, container = call.where.partition(",")[0].rpartition("/")
        entry.add(call.line, call.at, call.count, held=held.get((pod, container)))
        if call.first_at is not None and entry.first is not None:
            entry.first = min(entry.first, call.first_at)
    for log in logs:
        early, lines = _lines(binding, component, log)
        begun = None if log.previous else held.get((log.pod, log.container))
        early, lines = (list(begun.lines), []) if begun is not None else (early, lines)
        for read, line in _telling(binding, component, told, early, lines, held=begun is not None):
            _add(found, read, line, begun).containers.add(log.container)
        ending = next((line.time for line in reversed(lines or early) if line.text.strip()), None)
        _add_served(found, log, lines)
        _mark_amid(found, known, lines, log.container, told)
        _add_standing(found, known, log)
        for entry in found.values():
            entry.ends_log = entry.ends_log or (ending is not None and entry.last == ending)
    return list(found.values())


def _telling(
    binding: Binding,
    component: BoundComponent,
    told: Collection[str],
    early: Sequence[LogLine],
    lines: Sequence[LogLine],
    *,
    held: bool,
) -> Iterable[tuple[KnownLine, LogLine]]:
    """The lines of a log that tell of a failure, but for calls that are told already; those about slowness last."""
    known, slow = known_lines(binding.lines), list[tuple[KnownLine, LogLine]]()
    for number, line in enumerate((*early, *lines)):
        read = None if is_noise(line.text) else known.first(line.text)
        if read is None or (read.spec.id in _VAGUE and _is_told(line.text, told)):
            continue
        if (read.spec.id == CLIENT_GONE and not is_error(line.text)) or _is_no_failure(binding, component, read):
            continue
        if not held and number < len(early) and read.spec.id in (*_VAGUE, *_OF_OTHERS):
            continue  # what a program says while it and its neighbours begin
        if read.spec.id == _SLOW:
            slow.append((read, line))
        else:
            yield read, line
    yield from _mostly((*early, *lines), slow)


def _mostly(lines: Iterable[LogLine], told: Sequence[tuple[KnownLine, LogLine]]) -> Iterable[tuple[KnownLine, LogLine]]:
    """Of lines that differ in their numbers only those that tell of trouble, where most of them do."""
    if not told:
        return ()
    said, bad = (Counter(_shape(line.text) for line in part) for part in (lines, [line for _, line in told]))
    return [(read, line) for read, line in told if 2 * bad[_shape(line.text)] >= said[_shape(line.text)]]


def _add_standing(found: dict[str, Reported], known: KnownLines, log: ContainerLog) -> None:
    """Note what was said once, maybe long ago, and holds until another thing is said, which was not."""
    if log.previous or log.short:
        return
    lines = list(log_lines(log))
    for spec, places in known.standing(line.text for line in lines):
        entry = found[spec.id] = Reported(spec.id, spec.what, spec.own, standing=True, containers={log.container})
        for place in places:
            entry.add(lines[place].text, lines[place].time)


def _mark_amid(
    found: dict[str, Reported], known: KnownLines, lines: Sequence[LogLine], container: str, told: Collection[str]
) -> None:
    """Note of what one visitor or a helper may cause whether other work goes on beside it in the same log."""
    for entry in found.values():
        if entry.first is None or container not in entry.containers:
            continue
        if entry.name in (TOO_EARLY, CLIENT_ASKED, CLIENT_GONE) or is_loopback(entry.host):
            first = entry.first
            since = [line for line in lines if line.time is not None and line.time > first]
            entry.amid = entry.amid or any(
                goes_on_beside(line.text) and known.first(line.text) is None and not _is_told(line.text, told)
                for line in since
            )


def _counts(known: KnownLines, call: FailedCall) -> bool:
    """Whether it is told as a failed call: a certificate, say, is told more exactly as a line of its own kind."""
    if call.is_vague or call.kind not in _OF_CALLS or tells_of_success(call.line):
        return False
    read = known.first(call.line)
    if read is not None and read.spec.id in (CLIENT_GONE, CLIENT_ASKED) and not is_its_own_call(call):
        return False
    return read is None or call.kind in TRANSPORT or read.spec.id in _VAGUE


def _add_served(found: dict[str, Reported], log: ContainerLog, lines: Sequence[LogLine]) -> None:
    """Calls that it answers with server errors, where most of those of the last minutes are answered so."""
    since = min((line.time for line in lines if line.time is not None), default=None)
    if log.previous or since is None:
        return
    calls = [call for call in served_calls(log, pages=True) if call.time is not None and call.time >= since]
    if not fails_now(calls):
        return
    failed = [call for call in calls if call.failed]
    entry = found.setdefault(_SERVED, Reported(_SERVED, "it answers calls with server errors", own=False))
    entry.containers.add(log.container)
    for call in failed:
        entry.add(call.line, call.time)


def _is_no_failure(binding: Binding, component: BoundComponent, read: KnownLine) -> bool:
    """Whether it stands in a request that was answered well, goes on with a default, or tells of another account."""
    if tells_of_success(read.text) or (read.spec.id == "missing_variable" and _HAS_DEFAULT.search(read.text)):
        return True
    parts = read.fields.get("account", "").split(":")
    if read.spec.id != "account_forbidden" or len(parts) != 4:
        return False
    names = {pod.spec.service_account_name or "default" for pod in component.all_pods}
    return parts[2] != binding.view.namespace or bool(names and parts[3] not in names | {""})


def _is_told(line: str, told: Collection[str]) -> bool:
    """Whether a line is a failed call that is told already, whose own words may stand in a record of a logger."""
    shape = _shape(line)
    return any(call in shape for call in told if call)


def _shape(line: str) -> str:
    """A line without its times and numbers: what is said again and again differs in them only."""
    return _NUMBERS.sub("#", line.strip())


def _add(found: dict[str, Reported], read: KnownLine, line: LogLine, held: HeldWords | None) -> Reported:
    spec = read.spec
    name, what, own = spec.id, spec.what, spec.own
    if name not in _OF_OTHERS and quoted(line.text) is not None:
        name, what, own = _ANSWERED, _ANSWERED_WORDS, False  # the words of another program, which has the trouble
    entry = found.setdefault(name, Reported(name, what, own))
    if name == _ANSWERED and not entry.host:
        entry.host, entry.port = failed_url(line.text)
    at_once = line.time is not None and entry.last == line.time
    if held is None and spec.id in _VAGUE and entry.count and at_once:
        return entry  # one stack trace has many such lines
    entry.add(line.text, line.time, held=held)
    entry.fields |= read.fields
    return entry


_CALL_WORDS = {
    "refused": "what it calls refuses connections",
    "name-unknown": "the name of what it calls is not known",
    "name-no-answer": "names are not resolved",
    "connect-timeout": "what it calls cannot be reached",
    "unreachable": "what it calls cannot be reached",
    "reset": "what it calls breaks connections off",
    "closed-early": "what it calls closes connections before it answers",
    "response-timeout": "what it calls does not answer in time",
    "tls": "TLS with what it calls fails",
    "protocol": "what answers where it calls speaks another protocol",
}


def _lines(binding: Binding, component: BoundComponent, log: ContainerLog) -> tuple[list[LogLine], list[LogLine]]:
    """The lines of the last minutes: what was said while the container had just started, and what came after."""
    lines = _headed(log_lines(log))
    if log.previous or all(line.time is None for line in lines):
        return [], lines
    started = next(
        (
            run.started_at
            for run in runs(component.all_pods)
            if run.pod.metadata.name == log.pod and run.status.name == log.container
        ),
        None,
    )
    if started is None:
        return [], lines
    lately = [line for line in lines if line.time is None or line.time >= binding.now_at(log.pod) - LATELY]
    if unstable_runs(binding, component):
        return [], lately
    begun = started + STARTING
    early = [line for line in lately if line.time is not None and line.time < begun]
    return early, [line for line in lately if line.time is None or line.time >= begun]


def _headed(lines: Iterable[LogLine]) -> list[LogLine]:
    """The lines, those of .NET's console in one: it says first how bad it is and who says so, and below it what."""
    found: list[LogLine] = []
    for line in lines:
        if found and _HEAD.match(found[-1].text) and line.text.startswith("      "):
            found[-1] = LogLine(f"{found[-1].text.rstrip()} {line.text.strip()}", found[-1].time)
        else:
            found.append(line)
    return found


def worst_of(binding: Binding, kinds: Iterable[Reported]) -> Reported | None:
    """What is reported now: the most telling kind, and of equals the most frequent."""
    now = [
        item
        for item in kinds
        if item.standing
        or (
            item.count >= _OFTEN.get(item.name, 2)
            and _lasts(item)
            and (item.last is None or binding.now - item.last <= _patience(item))
            and not _was_starting(binding, item)
        )
    ]
    vague = {name: place for place, name in enumerate((*reversed(_VAGUE), _SERVED, _LAG, _SLOW), 1)}
    return min(now, key=lambda item: (vague.get(item.name, 0), -item.count), default=None)


def _lasts(item: Reported) -> bool:
    """Whether it has been said for as long as its kind takes; where the lines have no times, nobody can tell."""
    if item.first is None or item.last is None:
        return True
    return item.last - item.first >= _FOR_LONG.get(item.name, timedelta(0))


def complained_of(binding: Binding, component: BoundComponent) -> bool:
    """Whether somebody who calls it reports that what it calls answers with errors."""
    graph = binding.graph
    if graph is None:
        return False
    known = {**binding.components, **graph.witnesses}
    names = {name for item in graph.services.values() if component.name in item.picked for name in item.callers}
    for caller in (known[name] for name in sorted(names) if name in known):
        kinds = reported_kinds(binding, caller, component_logs(binding.view, caller), ())
        if any(item.name in BAD_ANSWERS for item in kinds):
            return True
    return False


def _patience(item: Reported) -> timedelta:
    """How long after its last line a kind counts as going on."""
    if item.held:
        return HOLDS
    if item.ends_log and item.name not in (*_OF_OTHERS, *_VAGUE):
        return LATELY  # a program that has said nothing since has not said that it goes on either
    of_calls = item.name in (*_OF_OTHERS, *_VAGUE)
    return patience(item.first, item.last, item.count) if of_calls else LAST_WITHIN


def may_be_over(binding: Binding, item: Reported) -> bool:
    """Whether it was said only as the program began, which has said nothing since, and nothing else makes it sure.

    What a program says of itself (its disk is full) is no matter of its beginning: it counts for as long as elsewhere.
    """
    if not item.held or item.sure:
        return False
    if item.name in (*_OF_OTHERS, *_VAGUE) or item.last is None:
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
