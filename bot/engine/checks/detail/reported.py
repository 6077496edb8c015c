"""What a component's log reports, kind by kind: how often, since when, and whether it goes on. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bot.domain.calls import CallFailure, FailedCall
from bot.domain.endpoints import is_loopback
from bot.domain.view import ContainerLog
from bot.engine.binding import Binding, BoundComponent
from bot.engine.calls.quoting import failed_url, quoted
from bot.engine.checks.containers import runs, unstable_runs
from bot.engine.checks.detail.blame import (
    CLIENT_ASKED,
    CLIENT_GONE,
    goes_on_beside,
    is_its_own_call,
)
from bot.engine.checks.detail.held import HeldWords, held_words
from bot.engine.checks.detail.reported_kind import (
    ANSWERED_ERROR,
    BAD_ANSWERS,
    OF_OTHERS,
    SERVED_ERRORS,
    SLOW_CALLS,
    TOO_EARLY,
    VAGUE,
    WAITS_FOR_LOCKS,
    Reported,
)
from bot.engine.checks.logs import LogLine, log_lines, shape_of
from bot.engine.checks.observed.answered import served_calls, tells_of_success
from bot.engine.checks.observed.failed import SETTLING
from bot.engine.checks.observed.served import fails_now
from bot.engine.discovery.evidence import (
    LATELY,
    STARTING,
    TRANSPORT,
    component_logs,
)
from bot.engine.values.ending import is_noise
from bot.engine.values.known_lines import KnownLine, KnownLines, known_lines
from bot.engine.values.levels import is_error

_ANSWERED_WORDS = "what it calls answers with an error"
_OF_CALLS = TRANSPORT | {CallFailure.TLS, CallFailure.PROTOCOL}
_HAS_DEFAULT = re.compile(
    r"(?i)\b(using|use|with|to|assum\w+) (the |a |its |built-?in )*default|\bdefault(s|ing|ed)? to\b"
    r"|\bfall(s|ing)? back\b|\b(is|are|stays?|will be) (disabled|off|skipped|ignored)\b"
    r"|\b(disabling|skipping|ignoring)\b|\boptional\b"
)
"""What a program says that has something else for a variable that is not set, or does without."""
_HEAD = re.compile(r"(?:trce|dbug|info|warn|fail|crit): [\w.`+]+\[\d+\]\s*$")


def reported_kinds(
    binding: Binding, component: BoundComponent, logs: Iterable[ContainerLog], calls: Iterable[FailedCall]
) -> list[Reported]:
    """Every kind of failure in the logs, those of calls first."""
    found: dict[str, Reported] = {}
    known = known_lines(binding.lines)
    told = dict[str, bool]()
    logs = list(logs)
    held = {(log.pod, log.container): held_words(binding, component, log, known) for log in logs if not log.previous}
    for call in calls:
        if not _counts(known, call):
            continue
        told[shape_of(call.line)] = call.at is None or binding.now - call.at > SETTLING
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
    told: Mapping[str, bool],
    early: Sequence[LogLine],
    lines: Sequence[LogLine],
    *,
    held: bool,
) -> Iterable[tuple[KnownLine, LogLine]]:
    """The lines of a log that tell of a failure, but for calls that are told already; those about slowness last."""
    known, slow = known_lines(binding.lines), list[tuple[KnownLine, LogLine]]()
    said = (*early, *lines)
    for number, line in enumerate(said):
        read = None if is_noise(line.text) else known.first(line.text)
        if read is None or (read.spec.id in VAGUE and _is_told(line.text, told)):
            continue
        if (read.spec.id == CLIENT_GONE and not is_error(line.text)) or _is_no_failure(binding, component, read):
            continue
        if not held and number < len(early) and read.spec.id in (*VAGUE, *OF_OTHERS):
            continue  # what a program says while it and its neighbours begin
        if read.spec.id == SLOW_CALLS:
            slow.append((read, line))
        else:
            yield read, line
    yield from _mostly(said, slow)


def _mostly(lines: Iterable[LogLine], told: Sequence[tuple[KnownLine, LogLine]]) -> Iterable[tuple[KnownLine, LogLine]]:
    """Of lines that differ in their numbers only those that tell of trouble, where most of them do."""
    if not told:
        return ()
    said, bad = (Counter(shape_of(line.text) for line in part) for part in (lines, [line for _, line in told]))
    return [(read, line) for read, line in told if 2 * bad[shape_of(line.text)] >= said[shape_of(line.text)]]


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
    found: dict[str, Reported], known: KnownLines, lines: Sequence[LogLine], container: str, told: Mapping[str, bool]
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
    if read is not None and read.spec.id == WAITS_FOR_LOCKS:
        return False  # the database was reached, and has answered
    return read is None or call.kind in TRANSPORT or read.spec.id in VAGUE


def _add_served(found: dict[str, Reported], log: ContainerLog, lines: Sequence[LogLine]) -> None:
    """Calls that it answers with server errors, where most of those of the last minutes are answered so."""
    since = min((line.time for line in lines if line.time is not None), default=None)
    if log.previous or since is None:
        return
    calls = [call for call in served_calls(log, pages=True) if call.time is not None and call.time >= since]
    if not fails_now(calls):
        return
    failed = [call for call in calls if call.failed]
    entry = found.setdefault(SERVED_ERRORS, Reported(SERVED_ERRORS, "it answers calls with server errors", own=False))
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


def _is_told(line: str, told: Mapping[str, bool]) -> bool:
    """Whether a line is a failed call that is told already; a logger's record of it while it may be over by now.

    `told` has the calls' own words, and whether they failed a while ago: what fails now is not well, whoever began.
    """
    shape = shape_of(line)
    return shape in told or any(over and call in shape for call, over in told.items() if call)


def _add(found: dict[str, Reported], read: KnownLine, line: LogLine, held: HeldWords | None) -> Reported:
    spec = read.spec
    name, what, own = spec.id, spec.what, spec.own
    if name not in OF_OTHERS and quoted(line.text) is not None:
        name, what, own = ANSWERED_ERROR, _ANSWERED_WORDS, False  # the words of another program, which has the trouble
    entry = found.setdefault(name, Reported(name, what, own))
    if name == ANSWERED_ERROR and not entry.host:
        entry.host, entry.port = failed_url(line.text)
    at_once = line.time is not None and entry.last == line.time
    if held is None and spec.id in VAGUE and entry.count and at_once:
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
