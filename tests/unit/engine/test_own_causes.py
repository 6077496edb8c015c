"""An app's own cause explains a generic one with `leads_to`; a missing event proves nothing about probes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.diagnosis import CauseVerdict
from bot.domain.facts import FactValue, Gap
from bot.domain.view import View
from bot.engine.binding import bind
from bot.engine.checks.probes import check_probes
from bot.engine.judge.hypotheses import Hypothesis
from bot.engine.judge.verdicts import Judged, judge_all
from bot.playbook.schema import CauseSpec
from tests.support.shipped import shipped_playbooks
from tests.unit.onyx_objects import NOW, Object, view, workload

ONYX = shipped_playbooks().apps["onyx"]


def cause(name: str, fact: str, **fields: Any) -> Hypothesis:
    data = {"id": name, "title": name, "sentence": name, "confirm": {"fact": fact, "op": "is_true"}, **fields}
    return Hypothesis(CauseSpec.model_validate(data), "")


def judged(own: bool) -> dict[str, Judged]:
    facts: dict[str, FactValue | Gap] = {"api.crashing": True, "api.own": own}
    causes = (cause("api-crash-looping", "api.crashing"), cause("own", "api.own", leads_to=["api-crash-looping"]))
    return {item.spec.id: item for item in judge_all(causes, facts, ())}


def test_what_an_own_cause_leads_to_follows_from_it() -> None:
    found = judged(own=True)
    assert found["own"].verdict is CauseVerdict.CONFIRMED
    assert found["api-crash-looping"].verdict is CauseVerdict.RULED_OUT
    assert found["api-crash-looping"].explained_by == "own"


def test_an_own_cause_that_is_not_confirmed_explains_nothing() -> None:
    assert judged(own=False)["api-crash-looping"].verdict is CauseVerdict.CONFIRMED


def told_by(log_of: str, severity: str = "critical") -> CauseVerdict:
    """The verdict on a worker that crashes, where the logs of these components tell of an error of the app."""
    facts: dict[str, FactValue | Gap] = {
        "worker.crashing": True,
        "symptoms.refused.in_log": True,
        "symptoms.refused.log_of": log_of,
    }
    crashes = cause("worker-crash-looping", "worker.crashing", caused_by=[{"along": "log"}])
    own = cause("refused", "symptoms.refused.in_log", severity=severity)
    causes = (replace(crashes, component="worker"), replace(own, symptom="refused"))
    return next(item.verdict for item in judge_all(causes, facts, ()) if item.spec.id == "worker-crash-looping")


def test_what_ends_with_a_known_error_in_its_own_log_is_no_fault_beside_it() -> None:
    assert told_by("api, worker") is CauseVerdict.RULED_OUT


@pytest.mark.parametrize(
    ("log_of", "severity"), [("", "critical"), ("api", "critical"), ("worker-2", "critical"), ("worker", "warning")]
)
def test_what_another_log_tells_of_or_what_ends_no_program_explains_no_crash(log_of: str, severity: str) -> None:
    assert told_by(log_of, severity) is CauseVerdict.CONFIRMED


def event(reason: str, seconds_ago: int, message: str = "") -> Object:
    about = {"kind": "Pod", "name": "api-server-1-x", "uid": "pod"}
    at = NOW.timestamp() - seconds_ago
    return {"reason": reason, "message": message, "involvedObject": about, "lastTimestamp": at}


def ended(exit_code: int, *events: Object) -> View:
    """An API server with a liveness probe whose container ended 20 seconds ago for the sixth time."""
    probe = {"httpGet": {"path": "/health", "port": 8080}}
    container = {"name": "api-server", "image": "onyx-backend:1", "livenessProbe": probe}
    start, end = NOW.timestamp() - 50, NOW.timestamp() - 20
    status = {
        "name": "api-server",
        "restartCount": 6,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": exit_code, "reason": "Error", "startedAt": start, "finishedAt": end}},
    }
    owner = {"kind": "StatefulSet", "name": "api-server", "uid": "StatefulSet-api-server", "controller": True}
    pod = {
        "metadata": {"name": "api-server-1-x", "uid": "pod", "ownerReferences": [owner]},
        "spec": {"containers": [container]},
        "status": {"phase": "Running", "containerStatuses": [status]},
    }
    seen = view(workload("StatefulSet", "api-server", {"app": "api-server"}, container))
    return View.model_validate(seen.model_dump() | {"pods": [pod], "events": list(events)})


KILLED = event("Killing", 20, "Container api-server failed liveness probe, will be restarted")
STARTED = event("Started", 50, "Started container api-server")

KILLING = {
    "the kill is recorded": (ended(137, STARTED, KILLED), True),
    "its start is recorded, and no kill": (ended(137, STARTED), False),
    "a code that no kill leaves": (ended(1), False),
    "nothing about its last run is recorded": (ended(137), None),
    "only what came before is recorded": (ended(143, event("Started", 900)), None),
}


@pytest.mark.parametrize(("seen", "killing"), KILLING.values(), ids=KILLING)
def test_a_missing_event_is_evidence_only_where_others_were_recorded(seen: View, killing: bool | None) -> None:
    binding = bind(ONYX, seen)
    fact = check_probes(binding, binding.components["api"], "workload").facts["api.liveness.killing"]
    assert (None if isinstance(fact, Gap) else fact) == killing
