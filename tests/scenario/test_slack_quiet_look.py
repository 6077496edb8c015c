"""An error that could be an app's, where nobody asked: the cluster tells whose it is, and only then somebody speaks.

From signed payloads to recorded calls. The cluster is the simulated one, read by the real reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.slack.events.http_server import HttpServer
from bot.diagnosis.ports import NamespaceChoice, TriageRequest
from bot.domain.attribution import Owner
from bot.domain.diagnosis import Diagnosis, Verdict
from bot.domain.errors import ClusterUnreachable
from bot.sandbox.workspace.state.seed import BOT_USER, INCIDENTS, ONCALL, SECOND
from tests.scenario.changing import Stage, stage
from tests.scenario.slack_bench import NOW, Bench, bench, valid
from tests.support.workspaces import patient_workspace

OURS = "172.30.154.48"
"""The address of Service api-server there."""
ELSEWHERE = "10.77.3.9"
"""Nothing in the cluster has it."""


class Watch:
    """The bot's clock: each test begins some minutes later than the last."""

    def __init__(self) -> None:
        self.time: datetime = NOW

    def __call__(self) -> datetime:
        return self.time


class Quiet:
    """A bot over a real reader; `ask` may answer instead of the cluster."""

    def __init__(self, made: Bench, place: Stage, watch: Watch) -> None:
        self.bench, self.place, self.watch = made, place, watch

    def fresh(self) -> Quiet:
        self.bench.fresh()
        self.watch.time += timedelta(days=2)
        self.place.cluster.inject("api-oom-killed")
        self.bench.triage.reads = self.place.triage.read
        self.bench.triage.outcome = self.diagnosed
        return self

    def diagnosed(self, request: TriageRequest) -> Diagnosis:
        found = self.place.triage.diagnose(request, lambda _: None)
        assert isinstance(found, Diagnosis)
        return found

    def paste(self, address: str = OURS, user: str = ONCALL, before: str = "") -> str:
        text = f"{before}Error: connect ECONNREFUSED {address}:8080"
        return self.bench.workspace.post_message(INCIDENTS, text, user=user)

    def says_nothing(self, ts: str) -> None:
        self.bench.settled()
        assert self.bench.thread(ts) == []
        assert not list(self.bench.store.questions.take_over("nobody", self.watch() + timedelta(days=1), self.watch()))

    def calls(self, ts: str) -> list[str]:
        """The calls that showed something in the thread of this message."""
        return [one.method for one in self.bench.workspace.calls if ts in str(one.arguments)]


@contextmanager
def _running(folder: Path) -> Iterator[Quiet]:
    slack, watch = patient_workspace(), Watch()
    settings = {"mode": "http", "signing_secret": slack.signing_secret, "http_host": "127.0.0.1", "http_port": 0}
    with stage("api-oom-killed", folder) as place, bench(workspace=slack, settings=settings, clock=watch) as made:
        server = made.bot._delivery
        assert isinstance(server, HttpServer)
        slack.deliver_to(f"http://127.0.0.1:{server.port}/slack/events")
        yield Quiet(made, place, watch)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quiet]:
    with _running(tmp_path_factory.mktemp("quiet")) as made:
        yield made


@pytest.fixture
def quiet(running: Quiet) -> Quiet:
    return running.fresh()


def test_an_address_of_the_app_gets_the_card_at_once(quiet: Quiet) -> None:
    ts = quiet.paste()
    card = valid(quiet.bench.answer(ts, "Fault found"))
    quiet.bench.settled()
    assert quiet.bench.thread(ts) == [card]
    assert quiet.calls(ts).count("chat.postMessage") == 1
    (incident,) = quiet.bench.store.incidents.open_incidents()
    (asked,) = incident.request["symptoms"]
    assert asked["attribution"]["owner"] == Owner.OURS
    assert f"{OURS} is Service" in asked["attribution"]["evidence"][0]


def test_an_address_that_nobody_has_gets_no_answer(quiet: Quiet) -> None:
    quiet.says_nothing(quiet.paste(ELSEWHERE))
    assert len(quiet.bench.triage.requests) == 1


def test_without_a_view_it_is_asked_once(quiet: Quiet) -> None:
    quiet.bench.triage.outcome = ClusterUnreachable("The cluster does not answer.", "Look at it.")
    ts = quiet.paste()
    question = valid(quiet.bench.answer(ts, "This could be Onyx's error"))
    assert quiet.bench.thread(ts) == [question]
    quiet.watch.time += timedelta(minutes=5)
    quiet.says_nothing(quiet.paste())
    quiet.bench.triage.outcome = quiet.diagnosed
    quiet.bench.workspace.click(INCIDENTS, question["ts"], "this_one_0", user=ONCALL)
    quiet.bench.answer(ts, "Fault found")


def test_where_it_runs_in_two_namespaces_it_is_asked(quiet: Quiet) -> None:
    quiet.bench.triage.outcome = NamespaceChoice("onyx", ("onyx", "onyx-test"))
    valid(quiet.bench.answer(quiet.paste(), "This could be Onyx's error"))


def test_what_is_well_is_told_to_nobody_who_did_not_ask(quiet: Quiet) -> None:
    quiet.place.cluster.inject("none")
    quiet.says_nothing(quiet.paste())
    (request,) = quiet.bench.triage.requests
    assert quiet.diagnosed(request).verdict is Verdict.HEALTHY


def test_a_noisy_channel_is_looked_at_once_a_minute(quiet: Quiet) -> None:
    for _ in range(3):
        quiet.says_nothing(quiet.paste(ELSEWHERE))
    assert len(quiet.bench.triage.requests) == 1
    ts = quiet.paste("10.77.3.10")
    quiet.bench.answer(ts, "This could be Onyx's error")
    quiet.says_nothing(quiet.paste("10.77.3.11"))
    assert len(quiet.bench.triage.requests) == 1
    quiet.watch.time += timedelta(minutes=2)
    quiet.bench.answer(quiet.paste(), "Fault found")
    assert len(quiet.bench.triage.requests) == 2


def test_who_calls_the_bot_is_asked_as_before(quiet: Quiet) -> None:
    ts = quiet.paste(user=SECOND, before=f"<@{BOT_USER}> ")
    quiet.bench.answer(ts, "This could be Onyx's error")
    assert quiet.bench.triage.requests == []


def test_what_was_deleted_meanwhile_gets_no_card(quiet: Quiet) -> None:
    quiet.bench.triage.go.clear()
    ts = quiet.paste()
    quiet.bench.settled_desk()
    quiet.bench.workspace.delete_message(INCIDENTS, ts, user=ONCALL)
    quiet.bench.settled_desk()
    quiet.bench.triage.go.set()
    quiet.bench.settled()
    assert quiet.bench.store.incidents.open_incidents() == []


def test_a_mistake_in_the_middle_becomes_the_question(quiet: Quiet) -> None:
    quiet.bench.triage.outcome = lambda _: 1 // 0
    quiet.bench.answer(quiet.paste(), "This could be Onyx's error")


def test_what_a_dead_process_began_is_looked_at_again(quiet: Quiet) -> None:
    quiet.bench.triage.go.clear()
    ts = quiet.paste()
    quiet.bench.settled_desk()
    late = quiet.watch() + timedelta(days=1)
    (question,) = quiet.bench.store.questions.take_over("another", late, late)
    assert question.place["quiet"] is True
    assert quiet.bench.thread(ts) == []
    quiet.bench.triage.go.set()
    quiet.bench.answer(ts, "Fault found")
