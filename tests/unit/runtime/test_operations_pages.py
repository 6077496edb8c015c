"""The operations port, readiness, metrics and log lines: what they show, and what they must not."""

from __future__ import annotations

import http.client
import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.adapters.metrics.prometheus import PrometheusMeasures
from bot.adapters.metrics.server import OperationsServer
from bot.domain.errors import ConfigurationError
from bot.redaction import Boundary
from bot.runtime.logs import IncidentFilter, JsonFormatter, TextFormatter, about_incident
from bot.runtime.readiness import LastSuccess, Probes, Readiness, Remembered
from tests.unit.schedule_fakes import Clock


class Bot:
    """The parts that readiness asks about."""

    def __init__(self) -> None:
        self.slack = self.database = ""
        self.clock = Clock()
        self.cluster = LastSuccess("The cluster", self.clock, timedelta(minutes=10))
        self.measures = PrometheusMeasures("0.1.0")
        essential = {"slack": lambda: self.slack, "database": lambda: self.database}
        self.probes = Probes(essential, {"cluster": self.cluster.reason})


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
def server(bot: Bot) -> Iterator[OperationsServer]:
    def metrics() -> tuple[str, bytes]:
        return bot.measures.content_type, bot.measures.expose()

    running = OperationsServer("127.0.0.1", 0, bot.probes.readiness, metrics)
    running.start()
    yield running
    running.close()


def ask(server: OperationsServer, path: str, method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    assert "Python" not in str(answer.headers)
    connection.close()
    return found


def test_it_is_alive_whatever_else_is_wrong(bot: Bot, server: OperationsServer) -> None:
    bot.database = "The database cannot be reached."
    assert ask(server, "/healthz") == (200, '{"alive": true}\n')


def test_it_is_ready_when_slack_and_the_database_work(bot: Bot, server: OperationsServer) -> None:
    bot.cluster.succeeded()
    status, body = ask(server, "/readyz?verbose")
    assert (status, json.loads(body)) == (200, {"ready": True, "reasons": {}, "notes": {}})


def test_it_says_why_it_is_not_ready_and_recovers(bot: Bot, server: OperationsServer) -> None:
    bot.slack = "No connection to Slack."
    status, body = ask(server, "/readyz")
    assert status == 503
    assert json.loads(body)["reasons"] == {"slack": "No connection to Slack."}
    bot.slack = ""
    assert ask(server, "/readyz")[0] == 200


def test_a_cluster_that_cannot_be_read_is_told_and_the_bot_stays_ready_to_say_so(bot: Bot) -> None:
    assert bot.probes.readiness() == Readiness(True, {}, {"cluster": "The cluster has not been tried yet"})
    bot.cluster.failed("No answer.")
    assert bot.cluster.reason() == "No answer. (it never has)"
    bot.cluster.succeeded()
    assert bot.cluster.reason() == ""
    bot.clock.advance(601)
    assert bot.cluster.reason() == "The cluster last worked 2026-11-23 10:00:00 UTC"
    bot.cluster.failed("No answer.")
    assert bot.cluster.reason() == "No answer. (last worked 2026-11-23 10:00:00 UTC)"


def test_an_answer_that_costs_something_is_asked_for_rarely(bot: Bot) -> None:
    asked: list[int] = []
    remembered = Remembered(lambda: asked.append(1) or "busy", 5, bot.clock.seconds)
    for _ in range(10):
        assert remembered() == "busy"
        bot.clock.advance(1)
    assert len(asked) == 2


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/metrics/../etc"), ("HEAD", "/nothing")])
def test_there_is_nothing_else(server: OperationsServer, method: str, path: str) -> None:
    assert ask(server, path, method)[0] == 404


def test_nothing_can_be_sent_to_it(server: OperationsServer) -> None:
    assert ask(server, "/readyz", "POST")[0] == 501


def test_a_port_that_is_taken_is_a_clear_sentence(bot: Bot, server: OperationsServer) -> None:
    with pytest.raises(ConfigurationError, match=rf"The operations port {server.port} cannot be opened \(Address"):
        OperationsServer("127.0.0.1", server.port, bot.probes.readiness, lambda: ("", b""))


def test_everything_that_is_counted_can_be_read(bot: Bot, server: OperationsServer) -> None:
    measures = bot.measures
    measures.paste(symptoms=2)
    measures.symptom("api_unreachable")
    measures.diagnosis("onyx", "fault_found", 0.4, gaps=3)
    measures.step("match", 0.01)
    measures.approval("approved")
    measures.refusal("not_a_member")
    measures.change("fixed")
    measures.model_answer("explain", "not_carried")
    measures.slack_error("ratelimited")
    measures.cluster_error("ClusterUnreachable")
    measures.job_ran("changes", 0.1, failed=False)
    measures.job_skipped("changes")
    measures.leading(7)
    measures.watch_queue("triage", lambda: 4)
    shown = ask(server, "/metrics")[1].splitlines()
    for line in (
        'triage_pastes_total{recognised="yes"} 1.0',
        'triage_symptoms_total{symptom="api_unreachable"} 1.0',
        'triage_diagnoses_total{app="onyx",verdict="fault_found"} 1.0',
        'triage_gaps_total{app="onyx"} 3.0',
        'triage_step_seconds_count{step="diagnose"} 1.0',
        'triage_approvals_total{outcome="approved"} 1.0',
        'triage_refusals_total{reason="not_a_member"} 1.0',
        'triage_changes_total{outcome="fixed"} 1.0',
        'triage_model_answers_total{outcome="not_carried",purpose="explain"} 1.0',
        'triage_slack_errors_total{code="ratelimited"} 1.0',
        'triage_cluster_errors_total{kind="ClusterUnreachable"} 1.0',
        'triage_job_runs_total{job="changes",result="done"} 1.0',
        'triage_job_runs_total{job="changes",result="skipped"} 1.0',
        "triage_leader 1.0",
        "triage_leader_term 7.0",
        'triage_queue_depth{queue="triage"} 4.0',
    ):
        assert line in shown
    measures.leading(None)
    assert "triage_leader 0.0" in ask(server, "/metrics")[1].splitlines()


def record(message: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    about = (type(error), error, None) if error is not None else None
    made = logging.LogRecord("bot.diagnosis", logging.WARNING, "x.py", 1, message, arguments, about)
    assert IncidentFilter().filter(made)
    return made


def test_a_json_line_is_one_object_with_the_incident_and_without_secrets() -> None:
    formatter = JsonFormatter(Boundary().text)
    with about_incident("c0ffee"):
        made = record('it said "%s"\npassword=hunter2secret', "no", error=ValueError("token=ghp_" + "a1B2" * 9))
    line = formatter.format(made)
    assert "\n" not in line
    found = json.loads(line)
    assert (found["level"], found["logger"], found["incident"]) == ("warning", "bot.diagnosis", "c0ffee")
    assert found["message"].startswith('it said "no"\npassword=')
    assert "hunter2secret" not in line
    assert "ghp_a1B2" not in line
    assert "incident" not in json.loads(formatter.format(record("outside")))


def test_a_text_line_names_the_incident_before_the_traceback() -> None:
    with about_incident("c0ffee"):
        made = record("it died", error=ValueError("x"))
    first, *rest = TextFormatter().format(made).splitlines()
    assert first.endswith("WARNING bot.diagnosis: it died (incident c0ffee)")
    assert rest == ["ValueError: x"]
