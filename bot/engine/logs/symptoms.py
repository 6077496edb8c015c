"""Matches the logs that a diagnosis reads like a paste: which known errors do the app's own processes tell of, and now?

Called by `diagnose` when it is given a matcher. Pure: the matcher is a function from a text to symptoms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import re2

from bot.domain.endpoints import is_loopback
from bot.domain.facts import Check, CheckStatus, FactValue, Gap
from bot.domain.symptoms import Symptom
from bot.domain.view import ContainerLog
from bot.engine.binding import Binding, BoundComponent, service_at
from bot.engine.calls.speaker import own_text
from bot.engine.checks.containers import is_starting, is_unstable, runs, shortened
from bot.engine.checks.dependency.check import is_elsewhere
from bot.engine.checks.logs import LogLine, first_match, log_lines
from bot.engine.logs.suffering import CallTimes, traffic_of
from bot.engine.values.address import parse_address
from bot.engine.values.levels import is_mild
from bot.playbook.schema import SymptomPlaybook

Match = Callable[[str], Sequence[Symptom]]

CHECK = "own-logs"
LATELY = timedelta(minutes=15)
NOW = timedelta(seconds=90)
"""A serving process that has written the error within this time is still in trouble; an older line may be over."""
AT_THE_END = timedelta(minutes=2)
_TELLING = re.compile(
    r"(?i)error|exception|warn|critical|fatal|fail|traceback|refus|denied|not ready|did not|could not|probe|\" 5\d\d"
)
"""What stands in every text that tells of trouble: without it, no matcher has to be built."""
KILLED = (137, 143)
"""Exit codes of SIGKILL and SIGTERM."""
_QUOTED = re.compile(r"(['\"`])(?!(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) )[^'\"`]{20,}\1")
"""What an information quotes: a user's text, a document. The request in a record of an access is none."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Saying:
    """A known error in one log of one component.

    `counts`: of the run that crashed, of a container that does not serve, or of the last minutes. `now`: it explains
    what goes on, because that run crashed, does not serve, or wrote it within a minute or so and somebody suffers.
    """

    symptom: Symptom
    component: str
    pod: str
    previous: bool
    counts: bool
    now: bool
    container: str = ""
    """Which container, where the pod has several: kubectl takes the first."""

    @property
    def text(self) -> str:
        """From which pod and run it is, and the line."""
        run = f"{self.pod}, the run before this one" if self.previous else self.pod
        line = shortened(self.symptom.lines[0]) if self.symptom.lines else self.symptom.title
        return f"{run}: {line}"


class Weights(NamedTuple):
    """Ids of symptoms: those that stop the app, and those that only keep it from writing."""

    critical: Collection[str]
    reads_go_on: Collection[str]


def sayings(binding: Binding, match: Match, known: Sequence[SymptomPlaybook]) -> tuple[Saying, ...]:
    """Every known error in the logs that were read, the runs that crashed first; and where one ends in silence."""
    found: list[Saying] = []
    weights = Weights(
        frozenset(item.id for item in known if item.severity == "critical"),
        frozenset(item.id for item in known if item.reads_go_on),
    )
    for component in binding.components.values():
        if component.spec.role != "service":
            continue
        pods = {pod.metadata.name: pod for pod in component.all_pods}
        logs = [log for log in binding.view.logs if log.pod in pods and log.text]
        for log in sorted(logs, key=lambda item: not item.previous):
            found += _of_log(binding, component, log, match, weights)
            found += _silences(binding, component, log, known)
    return tuple(sorted(found, key=lambda item: (not item.now, not item.counts, not item.previous)))


def _of_log(
    binding: Binding, component: BoundComponent, log: ContainerLog, match: Match, weights: Weights
) -> list[Saying]:
    ended, waits = _state(binding, component, log)
    if log.previous and not ended:
        return []
    until = max((line.time for line in log_lines(log) if line.time is not None), default=None)
    text = own_text(log) if ended or waits else _lately(binding, log)
    found: list[Saying] = []
    symptoms = match(text) if _TELLING.search(text) else ()
    every = traffic_of(binding, component) if symptoms and not ended and not waits else None
    begins = any(pod.metadata.name == log.pod and is_starting(pod, binding.clocks) for pod in component.all_pods)
    called = any(route.called.name == component.name for route in binding.routes.values())
    critical = weights.critical
    for symptom in symptoms:
        traffic = every.of_writes() if every and called and symptom.id in weights.reads_go_on else every
        if _overcome(component, symptom, log.text or "") or _is_of_its_own_pod(binding, component, log, symptom):
            continue
        if _is_of_another_host(binding, component, symptom):
            continue
        seen = symptom.last_seen if symptom.zone_known else None
        if traffic is not None and seen is not None and symptom.id in critical and traffic.gets_over(seen):
            continue
        age = binding.now_at(log.pod) - seen if seen is not None else None
        # Long before its end, or before the moment of now, is an error that it has got over.
        at_the_end = seen is None or until is None or until - seen <= AT_THE_END
        fresh = age is not None and age <= NOW and _hurts(symptom, traffic, critical)
        now = (ended and at_the_end) or (waits and (age is None or age <= LATELY)) or (fresh and not begins)
        lately = age is not None and age <= LATELY and not log.previous
        container = _named(component, log)
        found.append(Saying(symptom, component.name, log.pod, log.previous, now or lately, now, container))
    return found


def _named(component: BoundComponent, log: ContainerLog) -> str:
    """The log's container, where its pod has others too."""
    several = any(pod.metadata.name == log.pod and len(pod.spec.containers) > 1 for pod in component.all_pods)
    return log.container if several else ""


def _hurts(symptom: Symptom, traffic: CallTimes | None, critical: Collection[str]) -> bool:
    """Whether somebody suffers from what a serving process says; of what ends a part only, its line is the sign."""
    line = symptom.lines[0] if symptom.lines else ""
    if traffic is None or symptom.last_seen is None:
        return True
    if is_mild(line) and (symptom.id not in critical or _QUOTED.search(line)):
        return False
    if symptom.id not in critical:
        return True
    return traffic.suffers(symptom.last_seen, symptom.count, line)


def _overcome(component: BoundComponent, symptom: Symptom, text: str) -> bool:
    """Whether the program has started after the last such line: what it waited for has come."""
    place = max((text.rfind(line) for line in symptom.lines), default=-1)
    later = [LogLine(line) for line in text[place:].splitlines()[1:]] if place >= 0 else []
    return first_match(component.spec.started_when_log_says, later) is not None


def _is_of_its_own_pod(binding: Binding, component: BoundComponent, log: ContainerLog, symptom: Symptom) -> bool:
    """Whether a failed call went to the pod's own address, where another of its containers keeps ending."""
    places = [symptom.fields.get(name, "") for name in ("host", "address")]
    places += [place for call in symptom.calls for place in (call.host or "", call.address or "")]
    pods = tuple(pod for pod in component.all_pods if pod.metadata.name == log.pod)
    return any(is_loopback(place) for place in places if place) and any(
        run.status.name != log.container and is_unstable(run, binding.clocks) for run in runs(pods)
    )


def _is_of_another_host(binding: Binding, component: BoundComponent, symptom: Symptom) -> bool:
    """Whether it speaks of a dependency, by a host that is not the one which the settings name: a user's own."""
    host, lines = symptom.fields.get("host", ""), [LogLine(line) for line in symptom.lines]
    needed = [item for item in binding.components.values() if component.name in item.spec.needed_by]
    meant = [item for item in needed if first_match(item.spec.unreachable_when_log_says, lines) is not None]
    if not host or not meant or not all(is_elsewhere(binding, item, component, host) for item in meant):
        return False
    named = parse_address(f"http://{host}", binding.view.namespace)
    return named is None or service_at(named, binding.view) is None  # another server of the app, for the same work


def _lately(binding: Binding, log: ContainerLog) -> str:
    """The lines of the last minutes: of a process that serves, older ones accuse nobody."""
    lines = zip(own_text(log).splitlines(), log_lines(log), strict=True)
    return "\n".join(
        raw for raw, line in lines if line.time is not None and binding.now_at(log.pod) - line.time <= LATELY
    )


def _silences(
    binding: Binding, component: BoundComponent, log: ContainerLog, known: Sequence[SymptomPlaybook]
) -> list[Saying]:
    """What a process hangs in that runs, may not get traffic, and has written nothing for a while."""
    lines = [line for line in log_lines(log) if line.text.strip()]
    last = lines[-1] if lines else None
    if log.previous or last is None or last.time is None or not _state(binding, component, log)[1]:
        return []
    quiet = (binding.now_at(log.pod) - last.time).total_seconds()
    text = f"{last.text.strip()} (nothing for {quiet:.0f} s)"
    return [
        Saying(
            _silent(playbook, text, last.time),
            component.name,
            log.pod,
            previous=False,
            counts=True,
            now=True,
            container=_named(component, log),
        )
        for playbook in known
        if any(quiet >= one.seconds and re2.search(one.after, last.text[:4000]) for one in playbook.silences)
    ]


def _silent(playbook: SymptomPlaybook, text: str, when: datetime) -> Symptom:
    return Symptom(
        id=playbook.id,
        title=playbook.title,
        playbook=f"{playbook.app}/{playbook.id}",
        app=playbook.app,
        count=1,
        lines=(text,),
        last_seen=when,
    )


def _state(binding: Binding, component: BoundComponent, log: ContainerLog) -> tuple[bool, bool]:
    """Whether the container of this log keeps ending by itself, and whether it runs on and may not get traffic.

    What was killed, for memory or by a probe, was not ended by what its log says.
    """
    pods = tuple(pod for pod in component.all_pods if pod.metadata.name == log.pod)
    own = [run for run in runs(pods) if run.status.name == log.container]
    ended = any(
        is_unstable(run, binding.clocks)
        and run.last_end is not None
        and not run.out_of_memory
        and run.last_end.exit_code not in KILLED
        for run in own
    )
    waits = any(run.started_at is not None and not run.pod.ready for run in own)
    return ended, waits and not any(is_starting(pod, binding.clocks) for pod in pods)


def check_sayings(binding: Binding, found: Sequence[Saying], known: Sequence[SymptomPlaybook]) -> tuple[Check, ...]:
    """Which known errors do a component's own logs hold? One check for each component that says something, and a last
    one for what nobody says: that is false, not unknown, because which logs could not be read is said by their checks.
    """
    first: dict[str, Saying] = {}
    for saying in found:
        if saying.counts:
            first.setdefault(saying.symptom.id, saying)
    facts: dict[str, dict[str, FactValue | Gap]] = {}
    for playbook in known:
        said = first.get(playbook.id) if playbook.causes else None
        values = facts.setdefault(said.component if said else "", {})
        values[f"symptoms.{playbook.id}.in_log"] = said is not None
        values[f"symptoms.{playbook.id}.in_log_now"] = said is not None and said.now
        values[f"symptoms.{playbook.id}.log_text"] = said.text if said else "no log says so"
        telling = [item.component for item in found if item.now and item.symptom.id == playbook.id]
        values[f"symptoms.{playbook.id}.log_of"] = ", ".join(dict.fromkeys(telling))
    silent = Check(
        CHECK, CheckStatus.PASS, "No known error is in the logs that were read.", "", None, facts.pop("", {})
    )
    return (*(_check(binding, name, first, values) for name, values in facts.items()), silent)


def _check(
    binding: Binding, component: str, first: Mapping[str, Saying], facts: Mapping[str, FactValue | Gap]
) -> Check:
    own = [item for item in first.values() if f"symptoms.{item.symptom.id}.in_log" in facts]
    words = "; ".join(f"{item.symptom.title}. {item.text}" for item in own[:_SHOWN])
    previous = " --previous" if own[0].previous else ""
    container = f" -c {own[0].container}" if own[0].container else ""
    command = binding.kubectl(f"logs {own[0].pod}{container}{previous} --tail=200")
    return Check(f"{component}.{CHECK}", CheckStatus.FAIL, words, command, None, facts)
