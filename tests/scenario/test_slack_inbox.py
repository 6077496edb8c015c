"""Nothing is acknowledged that is not safely taken: what a replica could not finish, another one answers, once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.slack.assembly import DESK_THREADS
from bot.adapters.slack.bot import SlackBot
from bot.adapters.slack.events.http_server import HttpServer
from bot.adapters.store.store import Store, open_store
from bot.diagnosis.worker import Worker
from bot.domain.errors import StoreError
from bot.domain.incidents import Incident
from bot.domain.symptoms import PasteReading
from bot.incidents.card_state import state_of
from bot.incidents.questions.upkeep import INTERVAL_SECONDS
from bot.sandbox.workspace.state.seed import BOT_USER, INCIDENTS, ONCALL, SECOND
from bot.sandbox.workspace.workspace import Workspace
from tests.scenario.slack_bench import ERROR, NEVER, NOW, PASTE, Bench, CannedTriage, make_bot, services_of
from tests.store_samples import a_received
from tests.unit.slack_samples import healthy

pytestmark = pytest.mark.slow

MENTION = f"<@{BOT_USER}>"


@dataclass
class Time:
    """A clock that goes on when it is told to."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


class Stuck(CannedTriage):
    """Its process stands still as soon as it reads a paste, and dies when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.die = threading.Event()

    def read(self, *_: object) -> object:  # type: ignore[override]
        self.reached.set()
        self.die.wait(120)
        raise RuntimeError("the process is dead")


@dataclass
class House:
    """A workspace, a database, and replicas that come and go."""

    workspace: Workspace
    time: Time
    store: Store
    bots: list[SlackBot] = field(default_factory=list)
    stuck: list[Stuck] = field(default_factory=list)

    def replica(self, triage: CannedTriage, upkeep_seconds: float = INTERVAL_SECONDS, **settings: object) -> Bench:
        bot = make_bot(
            self.workspace, triage, self.store, clock=self.time, worker=Worker(4, 200),
            upkeep_seconds=upkeep_seconds, **settings,
        )  # fmt: skip
        bot.connect()
        self.bots.append(bot)
        return Bench(self.workspace, triage, bot, self.store)

    def one_that_dies(self) -> tuple[Bench, Stuck]:
        triage = Stuck()
        self.stuck.append(triage)
        return self.replica(triage), triage

    def kill(self, made: Bench) -> None:
        """The process is gone: no connection, no thread that keeps promises, nothing given back."""
        assert made.bot._parts is not None
        assert made.bot._delivery is not None
        made.bot._parts.catching_up.stop()
        made.bot._parts.upkeep._loop.stop(0)
        made.bot._delivery.close()


@contextmanager
def house() -> Iterator[House]:
    time = Time()
    store = open_store("sqlite://", time)
    with Workspace() as place:
        made = House(place, time, store)
        try:
            yield made
        finally:
            for triage in made.stuck:
                triage.die.set()
            for bot in made.bots:
                bot.close(2)
            store.close()


@pytest.fixture
def place() -> Iterator[House]:
    with house() as made:
        yield made


def rows(store: Store) -> int:
    """Messages that nobody has dealt with yet."""
    with store.database.read() as connection:
        return int(connection.exec_driver_sql("select count(*) from inbox").scalar_one())


def free_rows(store: Store) -> int:
    """Those of them that wait for anybody."""
    with store.database.read() as connection:
        return int(connection.exec_driver_sql("select count(*) from inbox where owner = ''").scalar_one())


def tick(made: Bench) -> None:
    assert made.bot._parts is not None
    made.bot._parts.upkeep.tick()


def test_a_replica_that_dies_between_acknowledgement_and_work_loses_nothing(place: House) -> None:
    first, triage = place.one_that_dies()
    ts = place.workspace.post_message(INCIDENTS, PASTE)
    thread = place.workspace.post_message(INCIDENTS, "the chat is slow")
    reply = place.workspace.post_message(INCIDENTS, f"{MENTION} {ERROR}", thread_ts=thread)
    asked = place.workspace.post_message(INCIDENTS, f"{MENTION} blorgl frumious?")
    assert place.workspace.wait_for(lambda: place.workspace.in_flight == 0)
    assert triage.reached.wait(120)
    place.kill(first)
    second = place.replica(CannedTriage())
    tick(second)
    second.settled()
    assert second.thread(ts) == [], "the first one may live"
    place.time.now += timedelta(seconds=46)
    tick(second)
    second.settled()
    said = [second.answer(one, "")["text"] for one in (ts, thread)]  # whichever is read first gets the card
    assert any("Fault found" in one for one in said), said
    second.answer(asked, "")
    second.settled()
    tick(second)
    second.settled()
    assert [len(second.thread(one)) for one in (ts, thread, asked)] == [1, 1, 1]
    assert rows(place.store) == 0
    ledger = state_of(place.store.incidents.open_incidents()[0]).ledger
    assert {paste.source for paste in ledger.pastes} == {f"{INCIDENTS}/{ts}", f"{INCIDENTS}/{reply}"}


@pytest.mark.parametrize("replicas", [1, 2])
def test_an_edit_is_looked_at_as_soon_as_the_first_answer_is_given(place: House, replicas: int) -> None:
    """Nobody's upkeep comes round: whoever answers hands the edit over, also one that another replica was sent."""
    made = [place.replica(CannedTriage(), upkeep_seconds=NEVER) for _ in range(replicas)]
    for one in made:
        one.triage.go.clear()
    ts = place.workspace.post_message(INCIDENTS, PASTE)
    assert place.workspace.wait_for(lambda: any(one.triage.requests for one in made))
    for one in made:
        one.settled_desk()
    place.workspace.edit_message(INCIDENTS, ts, f"{PASTE} {ERROR}", user=ONCALL)
    for one in made:
        one.settled_desk()
    assert rows(place.store) == 1, "it waits"
    for one in made:
        one.triage.go.set()
    assert place.workspace.wait_for(lambda: rows(place.store) == 0)
    for one in made:
        one.settled()
    assert [asked.symptoms[0].count for one in made for asked in one.triage.requests] == [1, 2]
    assert sum(state_of(place.store.incidents.open_incidents()[0]).ledger.totals().values()) == 2
    assert len(made[0].thread(ts)) == 1


def test_an_edit_of_what_held_no_error_is_looked_at_as_soon_as_that_is_known(place: House) -> None:
    made = place.replica(CannedTriage(), upkeep_seconds=NEVER)
    reading, go = threading.Event(), threading.Event()

    def reads(text: str, _: object) -> PasteReading:
        if ERROR not in text:
            reading.set()
            assert go.wait(120)
        return PasteReading(made.triage.match(text))

    made.triage.reads = reads
    ts = place.workspace.post_message(INCIDENTS, "the chat is slow", user=ONCALL)
    assert reading.wait(120)
    place.workspace.edit_message(INCIDENTS, ts, PASTE, user=ONCALL)
    made.delivered()
    assert place.workspace.wait_for(lambda: free_rows(place.store) == 1)
    go.set()
    made.answer(ts, "Fault found")


class _LosesAnAnswer:
    """The incidents of a database that does what it is told, and is gone before it says so, once."""

    def __init__(self, inner: object) -> None:
        self._inner = inner
        self.lost = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def update(self, incident: Incident, **fields: object) -> Incident | None:
        changed: Incident | None = self._inner.update(incident, **fields)  # type: ignore[attr-defined]
        if "diagnosis" in fields and not self.lost:
            self.lost = True
            raise StoreError("The database cannot be reached.", "Wait.")
        return changed


def test_a_question_that_was_counted_before_its_process_lost_touch_is_answered_all_the_same(place: House) -> None:
    """The open card counts it already, and its own message still says that the cluster is being read."""
    made = place.replica(CannedTriage(), upkeep_seconds=NEVER)
    first = place.workspace.post_message(INCIDENTS, PASTE)
    made.answer(first, "Fault found")
    made.settled()
    cards = services_of(made.bot).cards
    incidents = _LosesAnAnswer(cards._incidents)
    cards._incidents = incidents  # type: ignore[assignment]
    ts = place.workspace.post_message(INCIDENTS, PASTE)
    assert place.workspace.wait_for(lambda: incidents.lost)
    made.settled()
    assert state_of(place.store.incidents.open_incidents()[0]).count == 2
    tick(made)
    made.answer(ts, "Same cause")
    made.settled()
    assert [len(made.thread(one)) for one in (first, ts)] == [1, 1]
    assert state_of(place.store.incidents.open_incidents()[0]).count == 2


class _TakenOverAtOnce:
    """An inbox: what is set free for the first time is taken over before whoever freed it goes on."""

    def __init__(self, inner: object, then: Callable[[], None]) -> None:
        self._inner = inner
        self._then: Callable[[], None] | None = then

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def set_free(self, item_id: str, now: datetime) -> None:
        self._inner.set_free(item_id, now)  # type: ignore[attr-defined]
        then, self._then = self._then, None
        if then is not None:
            then()


def test_an_edit_that_the_same_process_takes_over_again_at_once_is_not_forgotten(place: House) -> None:
    """Its upkeep comes round between the moment in which the edit is set free and the end of that look at it."""
    made = place.replica(CannedTriage(), upkeep_seconds=NEVER)
    made.triage.go.clear()
    ts = place.workspace.post_message(INCIDENTS, PASTE)
    assert place.workspace.wait_for(lambda: bool(made.triage.requests))
    made.settled_desk()
    services, alone = services_of(made.bot), threading.Event()
    for _ in range(DESK_THREADS - 1):  # one thread is left: the second look begins when the first is over
        assert services.desk.submit(lambda: alone.wait(120) and None, name="busy")
    services.receipts._inbox = _TakenOverAtOnce(services.receipts._inbox, lambda: tick(made))  # type: ignore[assignment]
    place.workspace.edit_message(INCIDENTS, ts, f"{PASTE} {ERROR}", user=ONCALL)
    made.delivered()
    assert place.workspace.wait_for(lambda: services.receipts._inbox._then is None)  # type: ignore[attr-defined]
    alone.set()
    made.settled_desk()
    assert rows(place.store) == 1, "it waits for the first answer"
    made.triage.go.set()
    assert place.workspace.wait_for(lambda: rows(place.store) == 0)
    made.settled()
    assert [asked.symptoms[0].count for asked in made.triage.requests] == [1, 2]


def test_what_comes_while_a_replica_closes_is_answered_by_the_next_program(place: House) -> None:
    first = place.replica(CannedTriage())
    assert first.bot._parts is not None
    first.bot._parts.reception.close()
    ts = place.workspace.post_message(INCIDENTS, PASTE)
    assert place.workspace.wait_for(lambda: place.workspace.in_flight == 0)
    assert rows(place.store) == 1
    first.bot.close(2)
    second = place.replica(CannedTriage())
    second.answer(ts, "Fault found")
    second.settled()
    assert rows(place.store) == 0
    assert len(second.thread(ts)) == 1


def test_a_deletion_and_an_edit_are_taken_over_as_well(place: House) -> None:
    second = place.replica(CannedTriage())
    ts = place.workspace.post_message(INCIDENTS, PASTE)
    second.answer(ts, "Fault found")
    other = place.workspace.post_message(INCIDENTS, PASTE)
    second.answer(other, "Same cause")
    second.settled()
    assert second.bot._parts is not None
    second.bot._parts.reception.close()
    place.workspace.delete_message(INCIDENTS, other, user=ONCALL)
    place.workspace.edit_message(INCIDENTS, ts, f"{PASTE} {ERROR}", user=ONCALL)
    assert place.workspace.wait_for(lambda: place.workspace.in_flight == 0)
    second.bot.close(2)
    third = place.replica(CannedTriage())
    third.settled()
    assert place.workspace.wait_for(lambda: rows(place.store) == 0)
    third.settled()
    ledger = state_of(place.store.incidents.open_incidents()[0]).ledger
    assert sum(ledger.totals().values()) == 2, ledger


def test_what_the_database_does_not_take_is_not_acknowledged_and_comes_again(place: House) -> None:
    made = place.replica(CannedTriage())
    receipts = services_of(made.bot).receipts
    away = _Away()
    inbox, receipts._inbox = receipts._inbox, away  # type: ignore[assignment]
    ts = place.workspace.post_message(INCIDENTS, PASTE)
    assert away.asked.wait(120)
    receipts._inbox = inbox
    made.answer(ts, "Fault found")
    made.settled()
    tries = [one for one in place.workspace.deliveries if one.payload.get("event", {}).get("ts") == ts]
    assert [(one.attempt, one.reason, one.outcome) for one in tries][-1] == (1, "timeout", "acked")
    assert len(made.thread(ts)) == 1


def test_over_http_what_the_database_does_not_take_is_refused_and_comes_again_at_once(place: House) -> None:
    made = place.replica(CannedTriage(), mode="http", http_port=0, signing_secret=place.workspace.signing_secret)
    server = made.bot._delivery
    assert isinstance(server, HttpServer)
    place.workspace.deliver_to(f"http://127.0.0.1:{server.port}/slack/events")
    receipts = services_of(made.bot).receipts
    inbox, receipts._inbox = receipts._inbox, _Away()  # type: ignore[assignment]
    ts = place.workspace.post_message(INCIDENTS, PASTE)
    assert place.workspace.wait_for(lambda: any(one.outcome == "http_error" for one in place.workspace.deliveries))
    receipts._inbox = inbox
    made.answer(ts, "Fault found")
    tries = [one for one in place.workspace.deliveries if one.payload.get("event", {}).get("ts") == ts]
    assert [(one.attempt, one.reason, one.outcome) for one in tries][-1] == (1, "http_error", "acked")


def test_what_was_posted_while_no_program_ran_is_found_at_its_start(place: House) -> None:
    """The workspace delivers no event of that time: everything is found by looking."""
    place.time.now = datetime.now(UTC)
    first = place.replica(CannedTriage(), channels=(INCIDENTS,))
    old = place.workspace.post_message(INCIDENTS, PASTE)
    first.answer(old, "Fault found")
    assert place.workspace.wait_for(lambda: place.store.inbox.last_heard(place.workspace.team_id) is not None)
    first.settled()
    first.bot.close(2)
    with without_events(place.workspace):
        ts = place.workspace.post_message(INCIDENTS, PASTE)
        place.workspace.post_message(INCIDENTS, "just talk")
    place.time.now += timedelta(minutes=10)
    for _ in range(2):
        second = place.replica(CannedTriage(), channels=(INCIDENTS,))
        second.answer(ts, "Same cause")
        second.settled()
        second.bot.close(2)
    assert (len(second.thread(old)), len(second.thread(ts))) == (1, 1)
    assert rows(place.store) == 0


@contextmanager
def without_events(workspace: Workspace) -> Iterator[None]:
    """Meanwhile nothing is delivered."""
    core = workspace._core
    config, core.config = core.config, replace(core.config, bot_events=())
    yield
    core.config = config


class _Away:
    """A database that cannot be reached."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def receive(self, *_: object) -> bool:
        self.asked.set()
        raise StoreError("The database is away.", "Try again.")


def test_a_full_desk_keeps_what_it_has_no_room_for(place: House) -> None:
    made = place.replica(CannedTriage())
    desk = services_of(made.bot).desk
    go = threading.Event()
    while desk.submit(lambda: bool(go.wait(120)) or None, "fills the desk"):  # type: ignore[arg-type,return-value]
        pass
    ts = place.workspace.post_message(INCIDENTS, PASTE)
    assert place.workspace.wait_for(lambda: place.workspace.in_flight == 0)
    tick(made)
    assert rows(place.store) == 1
    go.set()
    made.settled()
    tick(made)
    made.answer(ts, "Fault found")
    made.settled()
    assert rows(place.store) == 0


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"attempts": 3}, "three processes died over it"),
        ({"received_at": NOW - timedelta(hours=3)}, "too old"),
        ({"channel": "C0UNKNOWN0"}, "cannot be read"),
        ({"ts": "1.000001"}, "was deleted"),
    ],
)
def test_what_cannot_be_answered_is_let_go(place: House, fields: dict, what: str) -> None:
    made = place.replica(CannedTriage())
    ts = place.workspace.post_message(INCIDENTS, "just talk")
    made.settled()
    item = a_received(**{"channel": INCIDENTS, "ts": ts, "owned_until": NOW, "received_at": NOW, **fields})
    place.store.inbox.receive(item, {what})
    tick(made)
    made.settled()
    assert rows(place.store) == 0
    assert made.thread(ts) == []


def test_slack_away_keeps_a_message_for_later(place: House) -> None:
    made = place.replica(CannedTriage())
    ts = place.workspace.post_message(INCIDENTS, "only this and nothing more", user=ONCALL)
    made.settled()
    place.workspace.edit_message(INCIDENTS, ts, PASTE, user=ONCALL)
    made.settled()
    item = a_received(channel=INCIDENTS, ts=ts, owned_until=NOW, received_at=NOW)
    place.store.inbox.receive(item, {"post:x"})
    place.workspace.fail_next("conversations.replies", status=500, times=3)
    tick(made)
    made.settled()
    assert rows(place.store) == 1
    tick(made)
    made.settled()
    assert rows(place.store) == 0


def test_a_command_and_a_use_of_the_shortcut_whose_replica_dies_are_answered_by_another(place: House) -> None:
    slack = place.workspace
    error = slack.post_message(INCIDENTS, f"{ERROR}!", user=ONCALL)
    first = place.replica(CannedTriage(), channels=())
    gate = services_of(first.bot).gate
    held = threading.Event()
    gate._users._load = lambda _: held.wait(60) and {}  # it stands still as soon as it asks who that is
    slack.slash_command("/triage", "onyx prod", channel=INCIDENTS)
    slack.message_shortcut("triage_message", INCIDENTS, error, user=SECOND)
    assert slack.wait_for(lambda: slack.in_flight == 0)
    assert questions(place.store) == 2
    place.kill(first)
    second = place.replica(CannedTriage(), channels=())
    second.triage.outcome = healthy()
    place.time.now += timedelta(seconds=60)
    tick(second)
    second.posted("Healthy")
    second.answer(error, "Healthy")
    second.settled()
    assert sorted(one.namespace or "" for one in second.triage.requests) == ["", "prod"]
    assert questions(place.store) == 0
    assert len(second.thread(error)) == 1
    held.set()


def test_a_command_that_cannot_be_kept_is_answered_so_and_works_when_it_is_repeated(place: House) -> None:
    made = place.replica(CannedTriage())
    kept = services_of(made.bot).questions
    broken = StoreError("The database cannot be reached.", "Try again.")
    inner, kept._inner = kept._inner, Broken(broken)
    place.workspace.slash_command("/triage", "onyx", channel=INCIDENTS)
    made.whispered(ONCALL, "The database cannot be reached")
    kept._inner = inner
    place.workspace.slash_command("/triage", "onyx", channel=INCIDENTS)
    made.posted("Fault found")


@dataclass
class Broken:
    """A store whose every call fails."""

    error: StoreError

    def __getattr__(self, name: str) -> object:
        def fails(*_: object, **__: object) -> None:
            raise self.error

        return fails


def questions(store: Store) -> int:
    """What is kept and not answered yet."""
    with store.database.read() as connection:
        return int(connection.exec_driver_sql("select count(*) from questions").scalar_one())


def test_of_many_edits_the_newest_is_answered_once_and_waits_for_the_first_answer(place: House) -> None:
    """Nobody answers while the first replica dies; then all of it is taken over at once."""
    first, _ = place.one_that_dies()
    ts = place.workspace.post_message(INCIDENTS, "the chat is slow")
    for number in range(5):
        place.workspace.edit_message(INCIDENTS, ts, f"{ERROR} {number}")
    assert place.workspace.wait_for(lambda: place.workspace.in_flight == 0)
    assert rows(place.store) >= 2, "edits within a second are one"
    place.kill(first)
    second = place.replica(CannedTriage())
    for _ in range(4):
        place.time.now += timedelta(seconds=60)
        tick(second)
        second.settled()
    assert rows(place.store) == 0
    # The message itself, read anew, says what its newest edit says: the same is asked at most twice, in one message.
    assert {one.symptoms[0].id for one in second.triage.requests} == {"api_unreachable"}
    assert len(second.triage.requests) <= 2
    assert len(second.thread(ts)) == 1
