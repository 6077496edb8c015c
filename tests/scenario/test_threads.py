"""No thread that lives as long as the program dies in silence: rows of other versions, drawings that raise, all."""

from __future__ import annotations

import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from bot.adapters.metrics.prometheus import PrometheusMeasures
from bot.adapters.slack.bot import SlackBot
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.store.store import open_store
from bot.bootstrap.chat import build_bot
from bot.bootstrap.core import build_core
from bot.bootstrap.operations import Operations
from bot.bootstrap.pages import Pages
from bot.domain.incidents import PendingRequest
from bot.incidents.card_model import CardModel
from bot.incidents.ports import Target
from bot.incidents.questions.upkeep import Upkeep
from bot.redaction import Boundary
from bot.runtime.jobs import Job
from bot.runtime.loops import Loop, guarded, watch_threads
from bot.sandbox.workspace.state.seed import INCIDENTS, ONCALL
from bot.sandbox.workspace.workspace import Workspace
from bot.settings import Settings
from tests.scenario.slack_bench import NOW, PASTE, Bench, bench, services_of


class Boom(Exception):
    """What nobody expects."""


def boom(*_: object) -> None:
    raise Boom


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    return running.fresh()


def upkeep(bot: SlackBot) -> Upkeep:
    assert bot._parts is not None
    return bot._parts.upkeep


def left_behind(shared: Bench, place: dict, request: dict, name: str) -> None:
    long_ago = NOW - timedelta(hours=1)
    shared.store.questions.put(
        PendingRequest(id=name, place=place, request=request, asked_at=long_ago, owner="dead", owned_until=long_ago)
    )


# ---------------------------------------------------------------------- rows of another version


def test_a_question_of_a_newer_version_is_answered(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, "the chat is slow")
    place = {"team": "T0MERIDIAN", "channel": INCIDENTS, "user": ONCALL, "thread_ts": ts, "field_of_a_newer_version": 1}
    left_behind(shared, place, {"app": "onyx", "newer": True}, "newer")
    upkeep(shared.bot).tick()
    shared.answer(ts, "Fault found")


@pytest.mark.parametrize(
    ("place", "request_row"),
    [
        ({"team": "T0MERIDIAN", "channel": INCIDENTS, "user": ONCALL}, {"app": 5}),
        ({"team": "T0MERIDIAN", "channel": INCIDENTS, "user": ONCALL}, {"application": "onyx"}),
        ({"channel": INCIDENTS, "user": ONCALL}, {"app": "onyx"}),
    ],
)
def test_a_question_that_cannot_be_read_is_set_aside_with_a_word(shared: Bench, place: dict, request_row: dict) -> None:
    left_behind(shared, place, request_row, "odd")
    left_behind(shared, {"nothing": None}, {}, "odder")
    upkeep(shared.bot).tick()
    shared.whispered(ONCALL, "kept by another version of the bot")
    assert shared.store.questions.take_over("x", NOW + timedelta(days=1), NOW) == []
    assert upkeep(shared.bot).is_alive()


def test_a_card_with_a_state_of_another_version_is_drawn(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(ts, "Fault found")
    shared.settled()
    incident = shared.store.incidents.open_incidents()[0]
    odd = {**incident.card, "count": "many", "of_a_newer_version": {}, "changes": {"asked": 5}, "asked_by": "Robin"}
    shared.store.incidents.update(incident, card=odd, wanted=incident.wanted + 1)
    upkeep(shared.bot).tick()
    shared.answer(ts, "asked by Robin")
    shared.settled()
    assert shared.store.incidents.unshown() == []


# ---------------------------------------------------------------------- what raises


class Raises:
    """A content that cannot be drawn."""

    def message(self) -> CardModel | None:
        raise Boom

    def shown(self, target: Target) -> None: ...

    def refused(self, target: Target, error: object) -> None: ...


def test_three_drawings_that_raise_stop_no_other_message(shared: Bench) -> None:
    queue = services_of(shared.bot).queue
    for number in range(6):
        queue.show(Target(INCIDENTS, id=f"raises {number}"), Raises(), final=True)
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(ts, "Fault found")
    assert queue.alive() == 3
    assert shared.bot.trouble() == ""


def test_threads_that_ended_are_trouble_that_only_a_restart_helps() -> None:
    with bench() as made:
        assert (made.bot.trouble(), made.bot.lost()) == ("", "")
        services_of(made.bot).queue.close(5)
        assert "send messages have ended" in made.bot.trouble()
        assert "send messages have ended" in made.bot.lost()


def test_a_loop_goes_on_and_counts() -> None:
    told, rounds, enough = [], [0], threading.Event()

    def work() -> None:
        rounds[0] += 1
        if rounds[0] >= 3:
            enough.set()
        raise Boom

    loop = Loop("some-loop", work, 0.001, told.append)
    loop.start()
    assert enough.wait(120)
    assert loop.is_alive()
    loop.stop(10)
    assert told[:2] == ["some-loop", "some-loop"]
    assert guarded("x", boom, told.append, instead=None) is None


def test_what_ends_a_thread_all_the_same_is_counted() -> None:
    told, before = [], threading.excepthook
    try:
        watch_threads(told.append)
        thread = threading.Thread(target=boom, name="stray-7")
        thread.start()
        thread.join(120)
    finally:
        threading.excepthook = before
    assert told == ["stray"]


# ---------------------------------------------------------------------- every thread of the program


THIRD_PARTY = {
    "ThreadPoolExecutor": "a pool: an exception is its future's",
    "cluster-read": "a pool: an exception is its future's",
    "cluster-page": "a pool: an exception is its future's",
    "asyncio": "the sandbox's web server",
    "slack-workspace": "the sandbox",
    "simulated-cluster": "the sandbox",
    "slack-listener": "a pool of Bolt's; its errors go to its error handler",
    "Thread (serve_forever)": "",
    "Thread (process_request_thread)": "one request",
}


class Program:
    """Everything that `triage run` starts, over a sandbox workspace and without a cluster."""

    def __init__(self, stack: ExitStack) -> None:
        place = stack.enter_context(Workspace())
        settings = Settings(_env_file=None, kubeconfig="/nonexistent", operations_port=0)
        self.measures = PrometheusMeasures("0")
        self.pages = Pages(0, self.measures, Boundary())
        stack.callback(self.pages.close)
        store = open_store("sqlite://", lambda: NOW)
        stack.callback(store.close)
        core = build_core(settings, Boundary(), store, self.measures)
        slack = SlackSettings(
            bot_token=place.bot_token, app_token=place.app_token, api_url=place.api_url, channels=("#incidents",)
        )
        self.bot = build_bot(core, slack, core.monitors)
        self.operations = Operations(core, self.bot)
        self.bot.connect()
        stack.callback(lambda: self.operations.stop(3))
        stack.callback(lambda: self.bot.close(3))
        self.operations.start()
        self.pages.started(self.operations.probes(), self.bot.lost)
        self.workspace = place

    def failures(self, thread: str) -> float:
        return self.measures.registry.get_sample_value("triage_thread_failures_total", {"thread": thread}) or 0.0

    def waits(self, until: Callable[[], object]) -> None:
        patience = threading.Event()
        for _ in range(600):
            if until():
                return
            patience.wait(0.05)
        raise AssertionError("it did not happen")

    # ------------------------------------------------------------------ killing

    def queue(self) -> None:
        services_of(self.bot).queue.show(Target(INCIDENTS, id="raises"), Raises(), final=True)
        self.waits(lambda: self.failures("slack-outbox") == 1)
        assert services_of(self.bot).queue.alive() == 3

    def upkeep(self) -> None:
        upkeep(self.bot)._also = boom
        guarded("slack-upkeep", upkeep(self.bot)._round, self.measures.thread_failed)
        assert upkeep(self.bot).is_alive()
        upkeep(self.bot)._also = lambda: None

    def hearing(self) -> None:
        assert self.bot._parts is not None
        hearing = self.bot._parts.catching_up
        is_open, hearing._is_open = hearing._is_open, boom  # type: ignore[assignment]
        self.waits(lambda: self.failures("slack-hearing"))
        hearing._is_open = is_open
        assert hearing._loop.is_alive()

    def election(self) -> None:
        elector = self.operations._schedule.elector
        lock, elector._lock = elector._lock, object()  # type: ignore[assignment]
        self.waits(lambda: self.failures("election"))
        assert "look for incident" in elector.trouble()
        elector._lock = lock
        self.waits(lambda: elector.term() is not None and not elector.trouble())

    def job(self) -> None:
        schedule = self.operations._schedule
        schedule.runner.put((Job("boom", timedelta(seconds=60), boom, leader_only=False),))
        schedule.runner.trigger("boom")
        self.waits(lambda: "look for incident" in schedule.runner.failures().get("boom", ""))

    def scheduler(self) -> None:
        schedule = self.operations._schedule
        schedule._scheduler._trigger = boom
        schedule._scheduler.put([Job("again", timedelta(seconds=0.01), lambda: None)])
        self.waits(lambda: self.failures("scheduler") >= 2)

    def worker(self, worker: object, name: str) -> None:
        done = threading.Event()
        assert worker.submit(boom, "boom")  # type: ignore[attr-defined]
        self.waits(lambda: self.failures(name) == 1)
        assert worker.submit(done.set, "next")  # type: ignore[attr-defined]
        assert done.wait(120)

    def operations_port(self) -> None:
        assert self.pages._server is not None
        address = f"http://127.0.0.1:{self.pages._server.port}"
        probes, self.pages._probes = self.pages._probes, object()  # type: ignore[assignment]
        with pytest.raises(urllib.error.HTTPError, match="500"):
            urllib.request.urlopen(f"{address}/readyz", timeout=10)
        self.pages._probes = probes
        assert urllib.request.urlopen(f"{address}/healthz", timeout=10).status == 200

    def socket_mode(self) -> None:
        client = self.bot._delivery._handler.client  # type: ignore[union-attr, attr-defined]
        raised = threading.Event()

        def once(*_: object) -> None:
            client.message_listeners.remove(once)
            raised.set()
            raise Boom

        client.message_listeners.append(once)
        self.workspace.post_message(INCIDENTS, "hello")
        assert raised.wait(120)
        ts = self.workspace.post_message(INCIDENTS, f"<@{self.workspace.bot_user_id}> help")
        assert self.workspace.wait_for(lambda: len(self.workspace.messages(INCIDENTS, ts)) > 1)


@pytest.mark.slow
def test_the_work_of_every_thread_that_the_program_starts_may_die_once() -> None:
    before = set(threading.enumerate())  # themselves: the system gives the number of one that has ended to another
    with ExitStack() as stack:
        program = Program(stack)
        services = services_of(program.bot)
        parts = program.bot._parts
        assert parts is not None
        assert parts.fixes is not None
        offers = parts.fixes.offers._worker
        covered: dict[str, Callable[[], None]] = {
            "slack-outbox": program.queue,
            "slack-upkeep": program.upkeep,
            "slack-hearing": program.hearing,
            "election": program.election,
            "triage": lambda: program.worker(program.bot._worker, "triage"),
            "slack-desk": lambda: program.worker(services.desk, "slack-desk"),
            "slack-clicks": lambda: program.worker(services.clicks, "slack-clicks"),
            "slack-offers": lambda: program.worker(offers, "slack-offers"),
            "operations": program.operations_port,
            "Thread (_run)": program.socket_mode,
            "job": program.job,
            "APScheduler": program.scheduler,
        }
        for kill in covered.values():
            kill()
        names = {_kind(thread.name) for thread in threading.enumerate() if thread not in before}
        unknown = names - covered.keys() - THIRD_PARTY.keys()
        assert not unknown, f"threads that nobody kills here: {unknown}"
        assert covered.keys() - names <= {"slack-offers"}
        assert program.bot.trouble() == ""


def _kind(name: str) -> str:
    return re.sub(r"^(Thread)-\d+", r"\1", re.sub(r"^(job)-.*", r"\1", re.sub(r"[-_\d]+$", "", name)))
