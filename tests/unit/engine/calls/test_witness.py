"""The caller's current log as a witness: what it sees now refutes causes and names an old address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.diagnosis import CauseVerdict, Diagnosis, Verdict
from bot.domain.view import ContainerLog, View
from bot.engine.binding import bind
from bot.engine.calls.witness import after_the_callers_word
from bot.engine.checks.every import run_checks
from bot.engine.diagnose import Knowledge, diagnose, facts_of
from bot.engine.judge.hypotheses import hypotheses
from bot.engine.judge.verdicts import Judged
from tests.scenario.test_recorded_views import playbooks, recorded

DOCUMENT = playbooks()
KNOWLEDGE = Knowledge(DOCUMENT.apps["onyx"], DOCUMENT.symptoms_of("onyx"), tuple(DOCUMENT.generic))


def spoken(lines: list[tuple[int, str]]) -> View:
    """The recorded healthy Onyx, whose web server has written these lines so many seconds ago."""
    view = recorded("healthy").view
    binding = bind(KNOWLEDGE.app, view)
    pod = binding.components["web"].pods[0].metadata.name
    text = "\n".join(
        f"{(view.collected_at - timedelta(seconds=ago)).isoformat().replace('+00:00', 'Z')} {line}"
        for ago, line in lines
    )
    others = tuple(log for log in view.logs if log.pod != pod)
    return view.model_copy(update={"logs": (*others, ContainerLog(pod=pod, container="web-server", text=text))})


def service_address(view: View) -> str:
    service = bind(KNOWLEDGE.app, view).routes["web-to-api"].service
    assert service is not None
    return service.spec.cluster_ip


def asked(lines: list[tuple[int, str]]) -> Diagnosis:
    return diagnose(KNOWLEDGE, spoken(lines))


CUT = [
    (65, " ⨯ TypeError: fetch failed"),
    (65, "  [cause]: SocketError: other side closed"),
]
FINE = [(seconds, "GET /api/persona 200 in 9ms") for seconds in (90, 80, 70, 60, 50, 40, 20, 5)]


def test_a_few_cut_connections_beside_calls_that_succeed_are_a_note() -> None:
    found = asked(sorted([*FINE, *CUT], reverse=True))
    assert found.verdict is Verdict.HEALTHY
    assert any("timeout_keep_alive" in note for note in found.notes)


def test_no_note_without_a_cut_connection() -> None:
    assert not any("timeout_keep_alive" in note for note in asked(FINE).notes)


def test_an_address_that_is_nobodys_now_is_the_callers_memory() -> None:
    own = service_address(recorded("healthy").view)
    head, _, last = own.rpartition(".")
    old = f"{head}.{(int(last) + 91) % 250 + 1}"
    found = asked([(60 - 10 * n, f"Error: connect ETIMEDOUT {old}:8080") for n in range(5)])
    assert [cause.id for cause in found.root_causes] == ["address-kept"]
    assert [remedy.kind for remedy in found.root_causes[0].remedies] == ["restart_caller"]


@pytest.mark.parametrize(
    ("cause", "verdict"),
    [
        ("dns-failing", CauseVerdict.RULED_OUT),
        ("internal-url-missing", CauseVerdict.RULED_OUT),
        ("service-selector-mismatch", CauseVerdict.LIKELY),
        ("api-scaled-to-zero", CauseVerdict.LIKELY),
        ("api-not-responding", CauseVerdict.RULED_OUT),
    ],
)
def test_a_refusal_now_rules_out_what_cannot_refuse(cause: str, verdict: CauseVerdict) -> None:
    view = recorded("healthy").view
    view = spoken([(20 - n, f"Error: connect ECONNREFUSED {service_address(view)}:8080") for n in range(3)])
    binding = bind(KNOWLEDGE.app, view)
    facts = facts_of(run_checks(binding, (), KNOWLEDGE.symptoms))
    found = hypotheses(KNOWLEDGE.app, KNOWLEDGE.generic, KNOWLEDGE.symptoms)
    likely = next(Judged(item, CauseVerdict.LIKELY) for item in found if item.spec.id == cause)
    (judged,) = after_the_callers_word([likely], binding, facts)
    assert judged.verdict is verdict
