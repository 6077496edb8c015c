"""Matches the logs that a diagnosis reads like a paste: which known errors do the app's own processes tell of, and now?

Called by `diagnose` when it is given a matcher. Pure: the matcher is a function from a text to symptoms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.facts import Check, CheckStatus, FactValue, Gap
from bot.domain.symptoms import Symptom
from bot.domain.view import ContainerLog
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.containers import is_unstable, runs, shortened
from bot.playbook.schema import SymptomPlaybook

Match = Callable[[str], Sequence[Symptom]]

CHECK = "own-logs"
LATELY = timedelta(minutes=15)
NOW = timedelta(seconds=90)
"""A serving process that has written the error within this time is still in trouble; an older line may be over."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Saying:
    """A known error in one log of one component.

    `counts`: of the run that crashed, of a container that does not serve, or of the last minutes. `now`: it explains
    what goes on, because that run crashed, does not serve, or wrote it within a minute or so.
    """

    symptom: Symptom
    component: str
    pod: str
    previous: bool
    counts: bool
    now: bool

    @property
    def text(self) -> str:
        """From which pod and run it is, and the line."""
        run = f"{self.pod}, the run before this one" if self.previous else self.pod
        line = shortened(self.symptom.lines[0]) if self.symptom.lines else self.symptom.title
        return f"{run}: {line}"


def sayings(binding: Binding, match: Match) -> tuple[Saying, ...]:
    """Every known error in the logs that were read, the runs that crashed first."""
    found: list[Saying] = []
    for component in binding.components.values():
        if component.spec.role != "service":
            continue
        pods = {pod.metadata.name: pod for pod in component.all_pods}
        logs = [log for log in binding.view.logs if log.pod in pods and log.text]
        for log in sorted(logs, key=lambda item: not item.previous):
            found += _of_log(binding, component, log, match)
    return tuple(sorted(found, key=lambda item: (not item.now, not item.counts, not item.previous)))


def _of_log(binding: Binding, component: BoundComponent, log: ContainerLog, match: Match) -> list[Saying]:
    troubled = _is_troubled(binding, component, log)
    if log.previous and not troubled:
        return []
    found: list[Saying] = []
    for symptom in match(log.text or ""):
        age = binding.now - symptom.last_seen if symptom.last_seen is not None and symptom.zone_known else None
        lately = age is not None and age <= LATELY
        now = troubled or (age is not None and age <= NOW)
        found.append(Saying(symptom, component.name, log.pod, log.previous, troubled or lately, now))
    return found


def _is_troubled(binding: Binding, component: BoundComponent, log: ContainerLog) -> bool:
    """Whether this container keeps ending, or runs and may not get traffic."""
    pods = tuple(pod for pod in component.all_pods if pod.metadata.name == log.pod)
    return any(
        run.status.name == log.container and (is_unstable(run, binding.now) or not run.pod.ready) for run in runs(pods)
    )


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
    command = binding.kubectl(f"logs {own[0].pod}{previous} --tail=200")
    return Check(f"{component}.{CHECK}", CheckStatus.FAIL, words, command, None, facts)
