"""What the caller's own log says counts: an app whose calls fail now is never called healthy."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.diagnosis.snapshot import decode_snapshot
from bot.domain.diagnosis import Diagnosis, Verdict
from bot.domain.view import ContainerLog, View
from bot.engine.diagnose import Knowledge, diagnose
from tests.support.shipped import shipped_playbooks

HEALTHY = Path(__file__).parents[3] / "views" / "healthy.json.gz"
# Measured on a real cluster whose DNS is gone: the resolver's threads are busy, and fetch gives up on the name itself.
TIMED_OUT = "[cause]: ConnectTimeoutError: Connect Timeout Error (attempted address: api-server:8080, timeout: 10000ms)"
REFUSED = "[cause]: Error: connect ECONNREFUSED 172.30.154.48:8080"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    playbooks = shipped_playbooks()
    return Knowledge(playbooks.apps["onyx"], tuple(playbooks.symptoms_of("onyx")), playbooks.generic)


def healthy_but_web_says(line: str, *, seconds_ago: float) -> View:
    view = decode_snapshot(HEALTHY.read_bytes(), HEALTHY.name, "onyx").view
    when = (view.collected_at - timedelta(seconds=seconds_ago)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    web = next(pod for pod in view.pods if pod.metadata.labels.get("app") == "web-server")
    others = tuple(log for log in view.logs if log.pod != web.metadata.name)
    log = ContainerLog(pod=web.metadata.name, container=web.spec.containers[0].name, text=f"{when} {line}\n")
    return view.model_copy(update={"logs": (*others, log)})


def verdict(knowledge: Knowledge, view: View) -> Diagnosis:
    return diagnose(knowledge, view)


UNTOLD = 'request to "http://api-server:8080/me" failed: fetch failed'
"""What Immich's server prints: the host, and not how it failed."""


@pytest.mark.parametrize("line", [TIMED_OUT, UNTOLD, "[cause]: Error: getaddrinfo EAI_AGAIN api-server"])
def test_an_app_whose_web_server_fails_now_is_not_healthy(knowledge: Knowledge, line: str) -> None:
    found = verdict(knowledge, healthy_but_web_says(line, seconds_ago=5))

    assert found.verdict in (Verdict.INCONCLUSIVE, Verdict.FAULT_FOUND)


def test_a_name_that_is_not_resolved_now_is_dns(knowledge: Knowledge) -> None:
    found = verdict(knowledge, healthy_but_web_says("[cause]: Error: getaddrinfo EAI_AGAIN api-server", seconds_ago=5))

    assert [cause.id for cause in found.root_causes] == ["dns-failing"]


@pytest.mark.parametrize(
    ("line", "seconds_ago"),
    [
        pytest.param(TIMED_OUT, 600, id="ten minutes ago"),
        pytest.param(REFUSED, 86_400, id="yesterday"),
        pytest.param("[cause]: Error: connect ECONNREFUSED 10.9.8.7:6379", 5, id="another host's port"),
        pytest.param("Error: getaddrinfo ENOTFOUND telemetry.example.com", 5, id="a host on the internet"),
        pytest.param("Error: getaddrinfo EAI_AGAIN redis", 5, id="another component's name"),
    ],
)
def test_old_calls_and_calls_to_others_do_not_spoil_health(knowledge: Knowledge, line: str, seconds_ago: float) -> None:
    assert verdict(knowledge, healthy_but_web_says(line, seconds_ago=seconds_ago)).verdict is Verdict.HEALTHY


def test_failed_calls_without_a_time_leave_health_open(knowledge: Knowledge) -> None:
    view = healthy_but_web_says(TIMED_OUT, seconds_ago=5)
    web = next(pod.metadata.name for pod in view.pods if pod.metadata.labels.get("app") == "web-server")
    logs = tuple(log.model_copy(update={"text": TIMED_OUT}) if log.pod == web else log for log in view.logs)

    assert verdict(knowledge, view.model_copy(update={"logs": logs})).verdict is Verdict.INCONCLUSIVE
