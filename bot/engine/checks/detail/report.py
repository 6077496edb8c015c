"""Check on what a component's log reports: failures of calls, and lines that mean the same in every program."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.calls import FailedCall
from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.view import ContainerLog
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import clock_time, runs, shortened, unstable_runs
from bot.engine.checks.logs import LogLine, log_lines
from bot.engine.discovery.evidence import LATELY, TRANSPORT, component_logs, hosts_of, serving_since
from bot.engine.discovery.places import place_in_words
from bot.engine.known_lines import KnownLine, KnownLines
from bot.playbook.catalogue import ScopeKind

LAST_WITHIN = timedelta(seconds=150)
"""What was not reported for so long has stopped."""
_STARTING = timedelta(seconds=10)
_OFTEN = {"crash": 3, "error_line": 3}
"""Lines that it takes, where a single one may be nobody's trouble; of others two are enough."""
_VAGUE = ("error_line", "crash")


@dataclass
class _Kind:
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

    def add(self, line: str, at: datetime | None, count: int = 1) -> None:
        self.count += count
        self.text = shortened(line)
        if at is not None:
            self.first = min(self.first or at, at)
            self.last = max(self.last or at, at)


def check_report(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Does the log of a container that runs report failures now?"""
    target = component.workload.target if component.workload else component.name
    question = CheckBuilder(kind, component.name, "report", binding.kubectl(f"logs {target} --tail=100"))
    if binding.graph is None:
        return question.answered(True, "Its log is read for the lines of its playbook.", _nothing(read=False))
    logs = component_logs(binding.view, component)
    if not logs:
        gap = next((log.gap for log in binding.view.logs if log.pod in _pods(component) and log.gap is not None), None)
        return question.open(gap or Gap(GapReason.NOT_READ, f"log of {component.spec.label}"), {"report.read": False})
    calls = binding.graph.calls.get(component.name, ())
    kinds = _kinds(binding, component, logs, calls)
    found = _worst(binding, kinds)
    facts = _nothing(read=True) | _of_any(kinds)
    facts["report.calls"] = _calls_others(binding, component, calls) or "dependency_error" in {i.name for i in kinds}
    if found is None:
        return question.answered(True, "Its log reports no failure now.", facts)
    steady = not unstable_runs(binding, component)
    words = place_in_words(binding, found.host) if found.host else ""
    facts |= {
        "report.failing": steady,
        "report.kind": found.name,
        "report.own": found.own,
        "report.what": found.what,
        "report.text": found.text,
        "report.count": found.count,
        "report.since": clock_time(found.first) if found.first else "an unknown time",
        "report.host": found.host,
        "report.place": words,
    }
    said = f"Its log says, {found.count} times in the last minutes: {found.text}"
    return question.answered(False, f"{said} ({words}).", facts) if words else question.answered(False, said, facts)


def _nothing(*, read: bool) -> dict[str, FactValue | Gap]:
    empty = ("kind", "what", "text", "since", "host", "place", "account", "wanted", "variable")
    facts: dict[str, FactValue | Gap] = {f"report.{name}": "" for name in empty}
    return facts | {
        "report.read": read,
        "report.failing": False,
        "report.own": False,
        "report.count": 0,
        "report.calls": False,
    }


def _pods(component: BoundComponent) -> set[str]:
    return {pod.metadata.name for pod in (*component.all_pods, *component.finished)}


def _kinds(
    binding: Binding, component: BoundComponent, logs: Iterable[ContainerLog], calls: Iterable[FailedCall]
) -> list[_Kind]:
    """Every kind of failure in the logs, those of calls first."""
    found: dict[str, _Kind] = {}
    told = {call.line.strip() for call in calls}
    for call in calls:
        if call.is_vague or call.kind not in TRANSPORT:
            continue
        name = f"{call.kind.value}/{call.host or ''}"
        words = _CALL_WORDS.get(call.kind.value, "calls fail")
        entry = found.setdefault(name, _Kind(call.kind.value, words, own=False))
        entry.host, entry.port = call.host or "", call.port or 0
        entry.add(call.line, call.at, call.count)
        if call.first_at is not None and entry.first is not None:
            entry.first = min(entry.first, call.first_at)
    known = KnownLines(binding.lines)
    for log in logs:
        for line in _lines(binding, component, log):
            read = known.first(line.text)
            if read is None or (read.spec.id in _VAGUE and line.text.strip() in told):
                continue
            _add(found, read, line)
    return list(found.values())


def _add(found: dict[str, _Kind], read: KnownLine, line: LogLine) -> None:
    spec = read.spec
    entry = found.setdefault(spec.id, _Kind(spec.id, spec.what, spec.own))
    if spec.id in _VAGUE and entry.count and line.time is not None and entry.last == line.time:
        return  # one stack trace has many such lines
    entry.add(line.text, line.time)
    entry.fields |= read.fields


_CALL_WORDS = {
    "refused": "what it calls refuses connections",
    "name-unknown": "the name of what it calls is not known",
    "name-no-answer": "names are not resolved",
    "connect-timeout": "what it calls cannot be reached",
    "unreachable": "what it calls cannot be reached",
    "reset": "what it calls breaks connections off",
    "closed-early": "what it calls closes connections before it answers",
    "response-timeout": "what it calls does not answer in time",
}


def _lines(binding: Binding, component: BoundComponent, log: ContainerLog) -> list[LogLine]:
    """The lines that count: those of the last minutes, after the container had time to start."""
    lines = list(log_lines(log))
    if log.previous or all(line.time is None for line in lines):
        return lines
    started = next(
        (
            run.started_at
            for run in runs(component.all_pods)
            if run.pod.metadata.name == log.pod and run.status.name == log.container
        ),
        None,
    )
    since = binding.now - LATELY
    if started is not None and not unstable_runs(binding, component):
        since = max(since, started + _STARTING)
    return [line for line in lines if line.time is None or line.time >= since or started is None]


def _worst(binding: Binding, kinds: Iterable[_Kind]) -> _Kind | None:
    """What is reported now: the most telling kind, and of equals the most frequent."""
    now = [
        item
        for item in kinds
        if item.count >= _OFTEN.get(item.name, 2)
        and (item.last is None or binding.now - item.last <= LAST_WITHIN)
        and not _was_starting(binding, item)
    ]
    vague = {name: place for place, name in enumerate(reversed(_VAGUE), 1)}
    return min(now, key=lambda item: (vague.get(item.name, 0), -item.count), default=None)


def _was_starting(binding: Binding, item: _Kind) -> bool:
    """Whether these calls failed before what they went to had begun to serve."""
    graph = binding.graph
    if graph is None or not item.host:
        return False
    for service in graph.services.values():
        if item.host in hosts_of(binding, service):
            since = serving_since(binding, service)
            return since is not None and item.last is not None and item.last <= since + timedelta(seconds=8)
    return False


def _calls_others(binding: Binding, component: BoundComponent, calls: Iterable[FailedCall]) -> bool:
    """Whether a failed call went to something that its calls lead to, as far as that is known."""
    graph = binding.graph
    if graph is None:
        return False
    hosts = {host for edge in graph.edges_of(component.name) for host in _hosts(binding, edge.service)}
    return any((call.host or "") in hosts or (call.address or "") in hosts for call in calls)


def _hosts(binding: Binding, scope: str) -> frozenset[str]:
    service = binding.graph.services.get(scope) if binding.graph else None
    return hosts_of(binding, service) if service is not None else frozenset()


def _of_any(kinds: Iterable[_Kind]) -> dict[str, FactValue | Gap]:
    """What single lines say wherever they stand: the account that is refused, the variable that is missing."""
    facts: dict[str, FactValue | Gap] = {}
    for item in kinds:
        if item.name == "account_forbidden":
            facts["report.account"] = item.fields.get("account", "")
            group = item.fields.get("group", "")
            where = item.fields.get("namespace", "")
            resource = item.fields.get("resource", "") + (f".{group}" if group else "")
            words = f"{item.fields.get('verb', '')} {resource}"
            facts["report.wanted"] = words + (f" in namespace {where}" if where else " in the whole cluster")
        if item.name == "missing_variable":
            facts["report.variable"] = next((value for key, value in item.fields.items() if key.startswith("what")), "")
    return facts
